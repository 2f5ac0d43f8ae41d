import Commerce
import Serving
import Synchronization
import Testing

/// `/track` and `/collect` over a socket, before a Kafka that does what a test says.
@Suite struct IntakeRoutesTests {
  /// Keeps what it gets, and gives the outcomes in the order of the messages.
  final class Publisher: EventPublisher {
    let messages = Mutex<[EventMessage]>([])
    let outcome: @Sendable (Int) -> EventOutcome

    init(_ outcome: @escaping @Sendable (Int) -> EventOutcome = { .stored(partition: 1, offset: Int64($0)) }) {
      self.outcome = outcome
    }

    func publish(_ messages: [EventMessage], _ done: @escaping @Sendable ([EventOutcome]) -> Void) {
      let first = self.messages.withLock { all in
        defer { all += messages }
        return all.count
      }
      done(messages.indices.map { outcome(first + $0) })
    }

    var texts: [String] { messages.withLock { $0.map { String(decoding: $0.value, as: UTF8.self) } } }
  }

  private let publisher: Publisher
  private let server: TestServer

  init() throws { try self.init(Publisher()) }

  private init(_ publisher: Publisher, collectBytesMax: Int = 4096) throws {
    self.publisher = publisher
    let routes = IntakeRoutes(job: try Job(JobSettings()), publisher: publisher, collectBytesMax: collectBytesMax)
    server = try TestServer(routes.all)
  }

  private func post(_ path: String, _ body: String, type: String? = "application/json") throws -> Answer {
    let header = type.map { "Content-Type: \($0)\r\n" } ?? ""
    return try server.ask(
      "POST \(path) HTTP/1.1\r\nHost: test\r\n\(header)Content-Length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  @Test(arguments: [
    "application/json", "text/plain;charset=UTF-8", "application/x-www-form-urlencoded", nil,
  ])
  func anEventIsAnsweredWithItsId(_ type: String?) throws {
    let answer = try post("/track", #"{"event_type":"add_to_cart","event_id":"e1","session_id":"s"}"#, type: type)
    #expect(answer.status == 202)
    #expect(answer.text == #"{"status":"accepted","event_id":"e1","partition":1,"offset":0}"#)
    #expect(publisher.texts.count == 1)
  }

  @Test func anEventWithoutIdGetsOne() throws {
    let id = try JSON(post("/track", #"{"event_type":"click"}"#).body)["event_id"].text
    #expect(id?.count == 36)
    #expect(publisher.texts.first?.contains(id ?? "?") == true)
  }

  @Test func whatIsNoEventIsRefusedAndKept() throws {
    let answer = try post("/track", #"{"event_type":"nonsense"}"#)
    #expect(answer.status == 400)
    #expect(answer["content-type"] == "application/problem+json")
    let problem = try JSON(answer.body)
    #expect(problem["type"].text == "/problems/invalid-event")
    #expect(problem["reason"].text == "unknown_event_type")
    #expect(problem["field"].text == "event_type")
    #expect(publisher.texts.count == 1, "it is a dead letter")
  }

  @Test(arguments: ["", "  ", "[]", #"[{"event_type":"click"},{"event_type":"click"}]"#, #"[{"event_type":"click"}]"#])
  func trackTakesOneEvent(_ body: String) throws {
    #expect(try post("/track", body).status == 400)
    #expect(publisher.texts.isEmpty)
  }

  @Test func aBatchIsAnsweredItemByItem() throws {
    let body = #"[{"event_type":"click","event_id":"a"},{"event_ts":1},{"event_type":"nonsense"}]"#
    let answer = try post("/collect", body)
    #expect(answer.status == 207)
    let json = try JSON(answer.body)
    #expect(json["accepted"].integer == 1 && json["rejected"].integer == 2 && json["failed"].integer == 0)
    #expect(json["items"].array.map { $0["status"].integer } == [202, 400, 400])
    #expect(json["items"][0]["event_id"].text == "a")
    #expect(json["items"][1]["reason"].text == "missing_field" && json["items"][1]["field"].text == "event_type")
    #expect(json["items"][2]["reason"].text == "unknown_event_type")
    #expect(json["items"].array.map { $0["offset"].integer } == [0, 1, 2])
    #expect(publisher.texts.count == 3, "what is no event is a dead letter")
  }

  @Test func linesAreABatchToo() throws {
    let lines = #"{"event_type":"click"}"# + "\n" + #"{"event_type":"search","query":"x"}"# + "\n\n"
    let answer = try post("/collect", lines, type: "application/x-ndjson")
    #expect(answer.status == 200)
    #expect(try JSON(answer.body)["accepted"].integer == 2)
  }

  @Test func aSingleEventIsABatchOfOne() throws {
    #expect(try post("/collect", #"{"event_type":"click"}"#, type: "text/plain").status == 200)
  }

  @Test(arguments: [(EventOutcome.noRoom, "1"), (.failed, "5")])
  func whatKafkaDoesNotTakeIsToBeSentAgain(_ outcome: EventOutcome, _ seconds: String) throws {
    let trial = try IntakeRoutesTests(Publisher { _ in outcome })
    for (path, body) in [("/track", #"{"event_type":"click"}"#), ("/collect", #"[{"event_type":"click"}]"#)] {
      let answer = try trial.post(path, body)
      #expect(answer.status == 503)
      #expect(answer["retry-after"] == seconds)
      let problem = try JSON(answer.body)
      let eventID = path == "/track" ? problem["event_id"] : problem["items"][0]["event_id"]
      #expect(eventID.text?.count == 36, "sent again with it, it counts once")
    }
    #expect(try trial.post("/track", "{}").status == 400, "it would not become better")
  }

  @Test func aBatchThatKafkaTookInPartSaysWhichPart() throws {
    let trial = try IntakeRoutesTests(Publisher { $0 == 0 ? .stored(partition: 0, offset: -1) : .noRoom })
    let answer = try trial.post("/collect", #"[{"event_type":"click"},{"event_type":"click"}]"#)
    #expect(answer.status == 207)
    let json = try JSON(answer.body)
    #expect(json["accepted"].integer == 1 && json["failed"].integer == 1)
    #expect(json["items"].array.map { $0["status"].integer } == [202, 503])
    #expect(json["items"][0]["offset"].isNull)
  }

  @Test func whatIsTooLargeIsRefused() throws {
    let long = String(repeating: "x", count: 5000)
    #expect(try post("/collect", long).status == 413)
    let many = try IntakeRoutesTests(Publisher(), collectBytesMax: 1 << 20)
    let answer = try many.post("/collect", "[" + Array(repeating: "1", count: 10_001).joined(separator: ",") + "]")
    #expect(answer.status == 400)
    #expect(answer.text.contains("at most 10000"))
    #expect(many.publisher.texts.isEmpty)
  }

  @Test func otherTypesAreRefused() throws {
    #expect(try post("/track", "<event/>", type: "application/xml").status == 415)
  }

  /// Of all bodies together only so much is held.
  @Test func bodiesShareABudget() throws {
    var limits = HTTPLimits()
    limits.bodyBytesInFlightMax = 1000
    let routes = IntakeRoutes(job: try Job(JobSettings()), publisher: publisher)
    let server = try TestServer(routes.all, limits: limits)
    let waiting = try server.client()
    waiting.send(
      "POST /track HTTP/1.1\r\nHost: test\r\nContent-Length: 2000\r\n\r\n" + String(repeating: "x", count: 900))
    let body = #"{"event_type":"click","page":"\#(String(repeating: "x", count: 200))"}"#
    let request = "POST /track HTTP/1.1\r\nHost: test\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)"
    #expect(eventually { (try? server.ask(request).status) == 503 })
    waiting.finishSending()
    #expect(waiting.isClosedByServer())
    #expect(eventually { (try? server.ask(request).status) == 202 })
  }
}
