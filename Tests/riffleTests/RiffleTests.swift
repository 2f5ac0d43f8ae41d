import Testing

@testable import riffle

@Suite struct RiffleTests {
  @Test(arguments: [
    (["--version"], ExitCode.success),
    (["help", "export"], .success),
    (["config", "check"], .success),
    (["bakfill"], .usage),
    (["config", "check", "--set", "key_groups=0"], .usage),
    (["config", "check", "--config", "/nonexistent"], .cannotOpenInput),
  ])
  func theExitCodeTellsTheKindOfFailure(_ words: [String], _ code: ExitCode) {
    #expect(Riffle.main(words, [:]) == code)
  }

  @Test func theEnvironmentIsCheckedToo() {
    #expect(Riffle.main(["config", "check"], ["RIFFLE_KEY_GROUPS": "0"]) == .usage)
    #expect(Riffle.main(["config", "check"], ["RIFFLE_KEY_GROUPS": "8"]) == .success)
  }

  @Test func codesFollowSysexits() {
    #expect(ExitCode.allCases.map(\.rawValue) == [0, 64, 65, 66, 69, 70, 73, 74])
  }
}
