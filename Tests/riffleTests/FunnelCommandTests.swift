import Columns
import Commerce
import Query
import Testing

@testable import riffle

@Suite struct FunnelCommandTests {
  private func request(_ words: String...) throws -> FunnelRequest {
    FunnelRequest(try ArgumentParser.parse(["funnel"] + words), JobSettings())
  }

  @Test func whereFlagsAreSilentSettingsHold() throws {
    let request = try request()
    #expect(request.steps == ["page_view", "add_to_cart", "purchase"] && request.windowMilliseconds == EventTime.day)
    #expect(request.unit == .user && request.from == nil && request.to == nil && request.groupBy == nil)
  }

  @Test func everyFlagArrives() throws {
    let request = try request(
      "--steps", "search,purchase", "--window", "2 h", "--from", "1970-01-02", "--to=1970-01-03", "--unit", "session",
      "--by", "utm_source")
    #expect(request.steps == ["search", "purchase"] && request.windowMilliseconds == 2 * EventTime.hour)
    #expect(request.unit == .session && request.groupBy == "utm_source")
    #expect(request.from == EventTime.day && request.to == 2 * EventTime.day)
  }

  @Test(arguments: [
    (["--unit", "usr"], ExitCode.usage), (["--window", "91 d"], .usage), (["--from", "noon"], .usage),
    (["--format", "xml"], .usage), (["--data", "/nonexistent"], .cannotOpenInput),
  ])
  func theExitCodeTellsTheKindOfFailure(_ words: [String], _ code: ExitCode) {
    #expect(Riffle.main(["funnel"] + words, [:]) == code)
  }

  @Test func anUnknownNameHasAHint() {
    #expect(throws: CommandError.usage("funnel: no event type 'buy' is configured; there are click")) {
      try EngineCall.run {
        throw FunnelRequestError("no event type 'buy' is configured", unknown: "buy", known: ["click"])
      }
    }
  }
}
