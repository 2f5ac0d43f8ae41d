import Columns
import Foundation
import Kafka
import KafkaTestSupport
import Telemetry
import TestSupport
import Testing

@testable import riffle

/// `riffle produce` into the embedded broker.
@Suite struct TopicProductionTests {
  private let broker: EmbeddedBroker

  init() throws {
    broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 3)
  }

  private func produce(_ words: String..., stop: StopWish = StopWish()) throws -> [String: Any] {
    try CommandCall.produce(words + ["--brokers", broker.brokers], stop: stop)
  }

  private var topic: TopicReader { TopicReader(brokers: broker.brokers) }

  @Test func liveEventsHaveTheTimeOfTheClockAndTheKeyOfTheirSession() throws {
    let begin = WallClock.nowMilliseconds()
    let summary = try produce(
      "--rate", "500", "--events", "800", "--malformed", "0", "--late", "0", "--disordered", "0")
    let end = WallClock.nowMilliseconds()
    #expect(summary["lines"] as? Int == 800 && summary["delivered"] as? Int == 800)
    // 1.6 s, the first lines' way not counted.
    #expect((1400...8000).contains(end - begin), "\(end - begin) ms for 800 messages at 500/s")
    let partitions = try topic.partitions("events", count: 3)
    #expect(partitions.map(\.count).reduce(0, +) == 800 && partitions.allSatisfy { $0.count > 50 })
    for (partition, messages) in partitions.enumerated() {
      for message in messages {
        let event = try CommandCall.object(message.text)
        let session = try #require(event["session_id"] as? String)
        #expect(message.key == Array(session.utf8))
        #expect(Int(Hash.murmur2(Array(session.utf8).span) & 0x7FFF_FFFF) % 3 == partition)
        let payload = try #require(message.payload)
        let time = EventGlance(payload.span).time ?? 0
        #expect(time >= begin && time <= end, "\(time) is not in \(begin)...\(end)")
      }
    }
  }

  @Test func withAStartTheLinesAreThoseOfFiles() throws {
    let directory = TemporaryDirectory()
    let paths = (0..<3).map { "\(directory.path)/\($0)" }
    let flags = ["--events", "3000", "--seed", "7", "--start", "2023-11-16T12:00:00Z"]
    _ = try ProduceCommand.produce(ArgumentParser.parse(["produce", "--to"] + paths + flags))
    _ = try CommandCall.produce(flags + ["--rate", "max", "--brokers", broker.brokers])
    let expected = try paths.map { path in
      try String(contentsOfFile: path, encoding: .isoLatin1).split(separator: "\n", omittingEmptySubsequences: false)
        .dropLast().map(String.init)
    }
    let found = try topic.partitions("events", count: 3).map { messages in
      messages.map { String(bytes: $0.payload ?? [], encoding: .isoLatin1) ?? "" }
    }
    #expect(found == expected)
  }

  @Test func asFastAsPossibleKeepsTheTimeOfTheClock() throws {
    let begin = WallClock.nowMilliseconds()
    let summary = try produce("--rate", "0", "--duration", "1 s", "--late", "0", "--disordered", "0")
    let end = WallClock.nowMilliseconds()
    #expect(try #require(summary["delivered"] as? Int) > 500)
    let last = try topic.partitions("events", count: 3).compactMap { $0.last?.payload }
    for payload in last {
      if let time = EventGlance(payload.span).time { #expect(time > begin && time <= end) }
    }
  }

  @Test func aWishToStopEndsItInOrder() throws {
    let stop = StopWish()
    DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(700)) { stop.ask() }
    let summary = try produce("--rate", "300", stop: stop)
    #expect(summary["interrupted"] as? Bool == true)
    let delivered = try #require(summary["delivered"] as? Int)
    #expect(try topic.partitions("events", count: 3).map(\.count).reduce(0, +) == delivered)
    #expect(summary["lines"] as? Int == delivered && delivered > 10)
  }

  /// A minute of the shop in a second.
  @Test func aFastShopBeginsInThePastAndEndsOnTime() throws {
    let words = ["demo", "--rate", "20", "--speed", "60x", "--duration", "1 s", "--brokers", broker.brokers]
    let arguments = try ArgumentParser.parse(words)
    let begin = WallClock.nowMilliseconds()
    let text = try TopicProduction(arguments, SettingsLoader.load(arguments, [:])).run(StopWish())
    let end = WallClock.nowMilliseconds()
    let delivered = try #require(CommandCall.object(text)["delivered"] as? Int)
    #expect((200...1400).contains(delivered), "\(delivered) messages of 1200")
    let messages = try topic.partitions("events", count: 3).flatMap { $0 }
    #expect(messages.count == delivered)
    // A malformed one may name any time.
    let times = messages.compactMap { message -> Int64? in
      let time = message.payload.flatMap { EventGlance($0.span).time } ?? 0
      return abs(time - begin) < EventTime.hour ? time : nil
    }
    let first = try #require(times.min())
    #expect(first >= begin - 59_000 && first < begin - 50_000, "\(begin - first) ms before the beginning")
    #expect(try #require(times.max()) <= end)
  }

  @Test func filesAndTopicsDoNotMix() {
    #expect(Riffle.main(["produce"], [:]) == .usage)
    #expect(Riffle.main(["produce", "--to", "/nonexistent/a", "--topic", "events"], [:]) == .usage)
    #expect(Riffle.main(["produce", "a", "--topic", "events"], [:]) == .usage)
  }
}
