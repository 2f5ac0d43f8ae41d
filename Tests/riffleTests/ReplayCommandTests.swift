import Foundation
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

@testable import riffle

/// `riffle replay` into the embedded broker.
@Suite struct ReplayCommandTests {
  private let broker: EmbeddedBroker
  private let directory = TemporaryDirectory()

  init() throws {
    broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 2)
  }

  private func file(_ name: String, _ text: String) throws -> String {
    let path = "\(directory.path)/\(name)"
    try text.write(toFile: path, atomically: true, encoding: .utf8)
    return path
  }

  private func replay(_ words: String...) throws -> [String: Any] {
    try CommandCall.replay(words + ["--brokers", broker.brokers])
  }

  private var topic: TopicReader { TopicReader(brokers: broker.brokers) }

  private func line(_ second: Int, _ session: String? = nil) -> String {
    let member = session.map { ",\"session_id\":\"\($0)\"" } ?? ""
    return "{\"event_type\":\"view\",\"event_ts\":\(1_700_000_000 + second)\(member)}"
  }

  @Test func bytesAndOrderOfEachFileAreKept() throws {
    let odd = ["", "not json\r", "{\"a\": \"\u{1}\"}", "ä", line(5), line(1)]
    let first = try file("a.ndjson", odd.joined(separator: "\n") + "\n")
    let second = try file("b.ndjson", (0..<3000).map { line($0) }.joined(separator: "\n"))
    let summary = try replay(first, second, "--partition-per-file")
    #expect(summary["delivered"] as? Int == 3006 && summary["files"] as? Int == 2)
    let texts = try topic.texts("events", count: 2)
    #expect(texts == [odd, (0..<3000).map { line($0) }])
  }

  @Test func messagesAreKeyedBySessionElseUserElseNothing() throws {
    let lines = [
      #"{"session_id":"s_1","user_id":"u_1","event_type":"unknown to us"}"#, #"{"user_id":"u_2"}"#, #"{"event_ts":1}"#,
      "broken",
    ]
    _ = try replay(try file("a.ndjson", lines.joined(separator: "\n")))
    let messages = try topic.partitions("events", count: 2).flatMap { $0 }
    let keys = Dictionary(
      uniqueKeysWithValues: messages.map { ($0.text, $0.key.map { String(decoding: $0, as: UTF8.self) }) })
    #expect(lines.map { keys[$0] } == ["s_1", "u_2", .some(nil), .some(nil)])
  }

  @Test func filesAreMergedByEventTime() throws {
    try broker.createTopic("one", partitionCount: 1)
    let first = try file("a.ndjson", [0, 2, 1, 9].map { line($0) }.joined(separator: "\n"))
    let second = try file("b.ndjson", [1, 3].map { line($0) }.joined(separator: "\n"))
    _ = try replay(first, second, "--topic", "one")
    #expect(try topic.texts("one", count: 1) == [[0, 1, 2, 1, 3, 9].map { line($0) }])
  }

  @Test func csvBecomesEvents() throws {
    try broker.createTopic("one", partitionCount: 1)
    let path = try file(
      "a.csv", "\u{FEFF}time,kind,visitor,price\r\n5,view,1,9.50\r\n\r\n6,\"a \"\"b\"\",\nc\",2,\r\n")
    _ = try replay(path, "--topic", "one", "--map", "time=event_ts,kind=event_type,visitor=user_id")
    let messages = try topic.partitions("one", count: 1)[0]
    #expect(
      messages.map(\.text) == [
        #"{"event_ts":5,"event_type":"view","user_id":"1","price":9.50}"#,
        #"{"event_ts":6,"event_type":"a \"b\",\nc","user_id":"2"}"#,
      ])
    #expect(messages.map(\.key) == [Array("1".utf8), Array("2".utf8)])
  }

  @Test func ratesAndSpeedsAreKept() throws {
    let path = try file("a.ndjson", (0..<100).map { line($0) }.joined(separator: "\n"))
    let paced = try #require(replay(path, "--rate", "200")["elapsed_ms"] as? Int)
    #expect((490...5000).contains(paced), "\(paced) ms for 100 messages at 200/s")
    let timed = try #require(replay(path, "--speed", "200x")["elapsed_ms"] as? Int)
    #expect((490...5000).contains(timed), "\(timed) ms for 99 s at 200x")
  }

  @Test func tooFewPartitionsAreRefused() throws {
    let paths = try ["a", "b", "c"].map { try file($0, line(0)) }
    let error = #expect(throws: CommandError.self) {
      try replay(paths[0], paths[1], paths[2], "--partition-per-file")
    }
    #expect(error?.code == .usage && error?.message.contains("2 partitions for 3 files") == true)
    #expect(try topic.texts("events", count: 2) == [[], []])
  }

  @Test func mistakesInFilesNameTheLine() throws {
    let ragged = try file("ragged.csv", "event_ts,page\n1,/\n2\n")
    let error = #expect(throws: CommandError.self) { try replay(ragged) }
    #expect(error == .badData("\(ragged):3: has 1 fields; the header has 2"))
    let open = try file("open.csv", "event_ts,page\n1,\"/\n2,/\n")
    #expect(throws: CommandError.badData("\(open):2: a quote is not closed")) { try replay(open) }
    let empty = try file("empty.csv", "")
    #expect(throws: CommandError.self) { try replay(empty) }
    let missing = #expect(throws: CommandError.self) { try replay("/nonexistent.ndjson") }
    #expect(missing?.code == .cannotOpenInput)
    #expect(try topic.texts("events", count: 2) == [[], []])
  }

  @Test func contradictionsAreUsageErrors() throws {
    let path = try file("a.ndjson", line(0))
    for words in [["--rate", "5", "--speed", "2x"], ["--map", "a=b"], ["--rate", "fast"], ["--speed", "2"]] {
      let error = #expect(throws: CommandError.self) { try CommandCall.replay([path] + words) }
      #expect(error?.code == .usage, "\(words)")
    }
  }
}
