import Commerce
import CommerceTestSupport
import Kafka
import KafkaTestSupport
import Landing
import Outbox
import Query
import Testing

extension LiveTrial {
  static let results = "analytics-results"
  static let letters = "dead-letters"

  /// An engine that sends results to `sink`.
  func engine(isBounded: Bool, sendingTo sink: KafkaConfiguration, flushMilliseconds: Int = 20_000) throws -> LiveEngine
  {
    let input = KafkaInput(
      configuration: configuration, topic: topic, groupID: "riffle-test", memoryBytes: 32 << 20, start: .earliest)
    var plan = OutboxPlan(configuration: sink, resultsTopic: Self.results, deadLettersTopic: Self.letters)
    plan.flushMilliseconds = flushMilliseconds
    let directory = try run.open()
    let outbox = KafkaOutbox(plan, job: run.job, directory: run.directory, continuing: directory.commit)
    return try LiveEngine(job: run.job, input: input, directory: directory, isBounded: isBounded, outbox: outbox)
  }

  /// Compares what readers of the highest epoch hold with what is exported, when every window is closed.
  func expectTopicsHaveTables(_ sink: KafkaConfiguration, _ comment: Comment? = nil) throws {
    let results = try OutboxTopic(Self.results, sink)
    var options = Export.Options()
    options.withCompleteness = true
    let expected = try ["kpi_1m", "kpi_hop"].flatMap { rollup in
      try run.export(rollup, options).split(separator: "\n").map { #"{"rollup":"\#(rollup)","# + $0.dropFirst() }
    }
    let found = results.kept.values.map(\.message.text)
    #expect(expected.count > 10)
    #expect(found.map(Self.numbers).sorted() == expected.map(Self.numbers).sorted(), comment)
    #expect(found.allSatisfy { $0.contains(#""status":"final""#) || $0.contains(#""status":"amended""#) }, comment)

    let letters = try OutboxTopic(Self.letters, sink)
    let stored = try run.cells(["topic", "partition", "offset", "reason"], of: "dead_letters")
    let sent = letters.kept.values.map(\.message).map { message in
      ["topic", "partition", "offset", "reason"].map { message.header($0) ?? "none" }.joined(separator: " ")
    }
    #expect(stored.count > 3)
    #expect(sent.sorted() == stored.sorted(), comment)
    for topic in [results, letters] {
      #expect(topic.malformedCount == 0, comment)
      #expect(topic.sequences == Array(0..<UInt64(topic.sequences.count)), comment)
    }
  }

  /// A value without what tells of its sending.
  private static func numbers(_ value: String) -> Substring {
    value.firstRange(of: ",\"status\":").map { value[..<$0.lowerBound] } ?? value[...]
  }
}
