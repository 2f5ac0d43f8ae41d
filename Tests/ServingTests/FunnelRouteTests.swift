import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import TestSupport
import Testing

@testable import Serving

@Suite struct FunnelRouteTests {
  /// Three users: one buys, one fills the cart ten minutes after viewing, one only views.
  private func stored(_ place: TemporaryDirectory) throws -> EngineRun {
    let run = try EngineRun(JobSettings(), in: place.file("data"))
    func line(_ user: String, _ type: String, _ minute: Int64) -> [UInt8] {
      EventLine.make(
        "\(user)\(type)", type, at: EventLine.noon + minute * EventTime.minute, session: "s\(user)", user: user,
        #""geo":{"country":"\#(user == "a" ? "DE" : "AT")"}"#)
    }
    let lines = [
      line("a", "page_view", 0), line("a", "add_to_cart", 1), line("a", "purchase", 2), line("b", "page_view", 0),
      line("b", "add_to_cart", 10), line("c", "page_view", 3),
    ]
    try run.simulate([try place.write("a", lines: lines)], seed: 1, checkpointOdds: 10)
    return run
  }

  private func users(_ funnel: JSON) -> [Int64?] { funnel["steps"].array.map { $0["users"].integer } }

  @Test func theConfiguredFunnelIsTheDefault() throws {
    let place = TemporaryDirectory()
    let run = try stored(place)
    let server = try EngineServer(FakeEngine(directory: run.directory))
    let funnel = try server.json("/funnel/current")
    #expect(funnel["steps"].array.map { $0["name"].text } == ["page_view", "add_to_cart", "purchase"])
    #expect(users(funnel) == [3, 2, 1])
    #expect(funnel["steps"][1]["step_rate"].number == 0.5)
    #expect(funnel["as_of"].text == "2023-11-16T12:10:00Z")
    #expect(funnel["from"].text == "2023-11-15T12:10:00.001Z")
    #expect(funnel["unit"].text == "user" && funnel["group_by"].isNull)
    let commit = try #require(try run.newestCommit())
    #expect(funnel["epoch"].text == "\(commit.incarnation).\(commit.epoch).0")
    #expect(funnel["completeness"]["epoch"].text == funnel["epoch"].text)
  }

  @Test func parametersShapeIt() throws {
    let place = TemporaryDirectory()
    let server = try EngineServer(FakeEngine(directory: try stored(place).directory))
    #expect(users(try server.json("/funnel/current?window=5m")) == [3, 1, 1])
    #expect(users(try server.json("/funnel/current?steps=page_view,purchase&unit=session")) == [3, 1])
    let grouped = try server.json("/funnel/current?by=geo_country&steps=page_view,add_to_cart")
    #expect(grouped["steps"].array.map { $0["geo_country"].text } == ["AT", "AT", "DE", "DE"])
    #expect(users(grouped) == [2, 1, 1, 1])
  }

  @Test func wrongParametersAreNamed() throws {
    let server = try EngineServer(FakeEngine())
    #expect(try server.refusal("/funnel/current?steps=page_view,purchas").contains("did you mean 'purchase'"))
    #expect(try server.refusal("/funnel/current?steps=page_view").contains("two steps"))
    #expect(try server.refusal("/funnel/current?by=colour").contains("'by'"))
    #expect(try server.refusal("/funnel/current?window=5").contains("such as 30m"))
    #expect(try server.refusal("/funnel/current?window=99999999999999999999h").contains("ten years"))
    #expect(try server.refusal("/funnel/current?unit=shop").contains("user, session"))
  }

  @Test func beforeTheFirstCommitItIsUnavailable() throws {
    let answer = try EngineServer(FakeEngine()).get("/funnel/current")
    #expect(answer.status == 503 && answer["retry-after"] == "5")
    #expect(answer.text.contains("nothing is committed yet"))
  }

  @Test func answersAreKeptForASecond() {
    let cache = AnswerCache(lifetimeMilliseconds: 1000)
    cache.keep([1], for: "a", atNanoseconds: 0)
    #expect(cache.answer(to: "a", atNanoseconds: 999_999_999) == [1])
    #expect(cache.answer(to: "b", atNanoseconds: 0) == nil)
    #expect(cache.answer(to: "a", atNanoseconds: 1_000_000_000) == nil)
    for number in 0..<1000 { cache.keep([2], for: "q\(number)", atNanoseconds: 2_000_000_000) }
    #expect(cache.answer(to: "q0", atNanoseconds: 2_000_000_000) == [2])
    #expect(cache.answer(to: "q999", atNanoseconds: 2_000_000_000) == nil, "the cache is bounded")
    let none = AnswerCache(lifetimeMilliseconds: 0)
    none.keep([1], for: "a", atNanoseconds: 5)
    #expect(none.answer(to: "a", atNanoseconds: 5) == nil)
  }
}
