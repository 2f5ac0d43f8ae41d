import Testing

@testable import riffle

@Suite struct HelpTextTests {
  @Test func aPageNamesEveryFlagDefaultAndExitCode() {
    for command in CommandTable.all {
      let page = HelpText.page(command)
      for flag in command.flags { #expect(page.contains("--\(flag.name)"), "\(command.name)") }
      for code in command.exitCodes { #expect(page.contains(code.meaning), "\(command.name)") }
      #expect(page.contains(command.example))
      #expect(page.hasPrefix(command.purpose + ".\n\nUsage: riffle \(command.name)"))
    }
    #expect(CommandTable.named("backfill").map(HelpText.usage) == "riffle backfill FILE... [FLAG...]")
  }

  @Test func pagesFitATerminal() {
    for page in [HelpText.program()] + CommandTable.all.map(HelpText.page) {
      for line in page.split(separator: "\n") { #expect(line.count <= 120, "\(line)") }
      #expect(page.hasSuffix("\n"))
      #expect(!page.hasSuffix("\n\n"))
    }
  }

  @Test func theProgramsPageNamesEveryCommand() {
    for command in CommandTable.all { #expect(HelpText.program().contains("  \(command.name) ")) }
  }
}
