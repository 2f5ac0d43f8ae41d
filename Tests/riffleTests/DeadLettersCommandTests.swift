import Foundation
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

@testable import riffle

/// `riffle dlq` over a data directory, into the embedded broker.
@Suite struct DeadLettersCommandTests {
  private static let lines: [[UInt8]] = [
    Array(#"{"event_type":"page_view","event_ts":1700136000,"user_id":"u"}"#.utf8), Array("broken, \"ä\"".utf8),
    [0x7B, 0xFF, 0x7D], [], Array(#"{"event_type":"view","event_ts":1700136000}"#.utf8), Array("broken too".utf8),
  ]
  private let directory: TemporaryDirectory
  private let data: String

  init() throws {
    directory = TemporaryDirectory()
    data = "\(directory.path)/data"
    let file = "\(directory.path)/part"
    try Data(Self.lines.flatMap { $0 + [0x0A] }).write(to: URL(filePath: file))
    #expect(Riffle.main(["backfill", file, "--data", data], [:]) == .success)
  }

  private func list(_ words: String...) throws -> String {
    let output = "\(directory.path)/out"
    #expect(Riffle.main(["dlq", "list", "--data", data, "--output", output] + words, [:]) == .success)
    return try String(contentsOfFile: output, encoding: .utf8)
  }

  @Test func lettersAreListedWithTheirBytes() throws {
    #expect(
      try list() == """
        {"topic":"part","partition":0,"offset":1,"reason":"malformed_json","field":null,\
        "raw":"broken, \\"ä\\"","raw_base64":null}
        {"topic":"part","partition":0,"offset":2,"reason":"invalid_utf8","field":null,"raw":null,"raw_base64":"e/99"}
        {"topic":"part","partition":0,"offset":3,"reason":"empty_message","field":null,"raw":"","raw_base64":null}
        {"topic":"part","partition":0,"offset":4,"reason":"unknown_event_type","field":"event_type",\
        "raw":"{\\"event_type\\":\\"view\\",\\"event_ts\\":1700136000}","raw_base64":null}
        {"topic":"part","partition":0,"offset":5,"reason":"malformed_json","field":null,\
        "raw":"broken too","raw_base64":null}

        """)
  }

  @Test func aReasonALimitAndFormats() throws {
    #expect(
      try list("--reason", "malformed_json", "--limit", "1", "--format", "csv")
        == "topic,partition,offset,reason,field,raw,raw_base64\npart,0,1,malformed_json,,\"broken, \"\"ä\"\"\",\n")
    let json = try JSONSerialization.jsonObject(with: Data(list("--format", "json", "--limit", "3").utf8))
    #expect((json as? [[String: Any]])?.map { $0["offset"] as? Int } == [1, 2, 3])
    #expect(try list("--format", "json", "--reason", "bad_time") == "[]\n")
  }

  @Test func lettersAreSentAgainWithTheirOrigin() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 2)
    for _ in 0..<2 {
      let summary = try CommandCall.replayDeadLetters(["--data", data, "--brokers", broker.brokers])
      #expect(summary["delivered"] as? Int == 5)
    }
    let partitions = try TopicReader(brokers: broker.brokers).partitions("events", count: 2)
    for messages in partitions {
      // Both replays of a letter are in the same partition.
      #expect(messages.prefix(messages.count / 2).map(\.payload) == messages.suffix(messages.count / 2).map(\.payload))
      for message in messages {
        #expect(message.headers.map(\.name) == ["riffle-origin"])
        let origin = String(decoding: message.headers.first?.value ?? [], as: UTF8.self)
        let offset = try #require(origin.split(separator: "/").last.flatMap { Int($0) })
        #expect(origin == "part/0/\(offset)" && message.payload == Self.lines[offset])
      }
    }
    #expect(partitions.map(\.count).reduce(0, +) == 10)
  }

  @Test func onlyThoseWithAReasonAreSent() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("mended", partitionCount: 1)
    _ = try CommandCall.replayDeadLetters([
      "--data", data, "--brokers", broker.brokers, "--topic", "mended", "--reason", "unknown_event_type",
    ])
    let messages = try TopicReader(brokers: broker.brokers).partitions("mended", count: 1)[0]
    #expect(messages.map(\.payload) == [Self.lines[4]])
  }

  @Test(arguments: [
    (["list", "--reason", "bad_tme"], ExitCode.usage), (["list", "--limit", "0"], .usage), (["replay", "x"], .usage),
    (["list", "--data", "/nonexistent"], .cannotOpenInput), (["replay", "--data", "/nonexistent"], .cannotOpenInput),
  ])
  func theExitCodeTellsTheKindOfFailure(_ words: [String], _ code: ExitCode) {
    #expect(Riffle.main(["dlq"] + words, [:]) == code)
  }
}
