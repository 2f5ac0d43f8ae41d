import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import TestSupport
import Testing

@testable import Serving

@Suite struct QueryRouteTests {
  private func stored(_ place: TemporaryDirectory, count: Int = 3) throws -> EngineRun {
    let run = try EngineRun(JobSettings(), in: place.file("data"))
    let lines = (0..<count).map { number in
      EventLine.make(
        "e\(number)", "page_view", at: EventLine.noon + Int64(number), session: "s\(number)",
        #""page":"/\#(String(repeating: "p", count: 200))""#)
    }
    try run.simulate([try place.write("a", lines: lines)], seed: 1, checkpointOdds: 10)
    return run
  }

  private func ask(_ server: EngineServer, _ body: String, type: String = "application/json") throws -> Answer {
    try server.server.ask(
      "POST /query HTTP/1.1\r\nHost: test\r\nContent-Type: \(type)\r\nContent-Length: \(body.utf8.count)\r\n\r\n"
        + body)
  }

  @Test func aQueryIsAnswered() throws {
    let place = TemporaryDirectory()
    let run = try stored(place)
    let server = try EngineServer(FakeEngine(directory: run.directory))
    let answer = try ask(server, #"{"table":"events","group_by":["event_type"],"measures":[{"count":"*"}]}"#)
    #expect(answer.status == 200 && answer["content-type"] == "application/json")
    let json = try JSON(answer.body)
    #expect(json["rows"][0]["event_type"].text == "page_view" && json["rows"][0]["count"].integer == 3)
    let commit = try #require(try run.newestCommit())
    #expect(json["epoch"].integer == Int64(commit.epoch) && answer["riffle-epoch"] == "\(commit.epoch)")
    #expect(json["read"]["rows"].integer == 3)
    let csv = try ask(server, #"{"table":"events","select":["event_id"],"order":["-event_id"],"format":"csv"}"#)
    #expect(csv.text == "event_id\ne2\ne1\ne0\n" && csv["content-type"] == "text/csv; charset=utf-8")
    #expect(csv["riffle-read"]?.contains("\"rows\":3") == true)
  }

  /// More than fits into one block.
  @Test func aLongAnswerIsStreamed() throws {
    let place = TemporaryDirectory()
    let server = try EngineServer(FakeEngine(directory: try stored(place, count: 700).directory))
    let answer = try ask(server, #"{"table":"events","select":"*","format":"ndjson"}"#)
    #expect(answer.status == 200 && answer["content-type"] == "application/x-ndjson")
    #expect(answer.text.split(separator: "\n").count == 700)
    #expect(answer["transfer-encoding"] == "chunked")
  }

  @Test func whatIsWrongIsSaid() throws {
    let place = TemporaryDirectory()
    let server = try EngineServer(FakeEngine(directory: try stored(place).directory))
    func refusal(_ body: String) throws -> String {
      let answer = try ask(server, body)
      #expect(answer.status == 400 && answer["content-type"] == "application/problem+json")
      return try JSON(answer.body)["detail"].text ?? ""
    }
    #expect(try refusal("") == "query: the JSON ends too early, at byte 0")
    #expect(try refusal(#"{"table":"events","select":["pric"]}"#).hasSuffix("did you mean 'price'?"))
    #expect(try refusal(#"{"table":"events","select":"*","as_of":99999}"#).contains("commit 99999 is not kept"))
    #expect(try ask(server, "{}", type: "text/plain").status == 415)
    #expect(try ask(try EngineServer(FakeEngine()), #"{"table":"events","select":"*"}"#).status == 503)
  }
}
