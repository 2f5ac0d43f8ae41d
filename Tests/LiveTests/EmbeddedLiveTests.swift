import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

/// The live engine against the broker inside this process.
@Suite(.serialized) struct EmbeddedLiveTests {
  private let broker: EmbeddedBroker

  init() throws { broker = try EmbeddedBroker() }

  private func trial(partitions: Int, _ settings: JobSettings = LiveTrial.settings) throws -> LiveTrial {
    try broker.createTopic("shop", partitionCount: partitions)
    return try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop", settings)
  }

  @Test func aBoundedRunComesToWhatFilesComeTo() throws {
    let trial = try trial(partitions: 4)
    let lines = try LiveTrial.lines(seed: 11, count: 4_000, partitions: 4)
    try trial.produce(lines)
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 4)
  }

  /// Stopped in order at any moment, continued, and ended by a bounded run.
  @Test(arguments: [21, 22] as [UInt64]) func stopsLeaveNoTrace(seed: UInt64) throws {
    let trial = try trial(partitions: 3)
    let lines = try LiveTrial.lines(seed: seed, count: 4_000, partitions: 3)
    var random = SeededRandom(seed: seed)
    var rest = lines[...]
    var stops = 0
    while !rest.isEmpty {
      let engine = RunningEngine(try trial.engine(isBounded: false))
      for _ in 0..<2 {
        let count = Int.random(in: 300...900, using: &random)
        try trial.produce(rest.prefix(count))
        rest = rest.dropFirst(count)
      }
      let wanted = UInt64(stops) + UInt64.random(in: 0...2, using: &random)
      #expect(try Deadline.wait { try engine.status.commitEpoch >= wanted })
      try engine.stop()
      stops += 1
    }
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 3, "seed \(seed), \(stops) stops")
    let commit = try #require(try trial.run.newestCommit())
    #expect(commit.incarnation == UInt64(stops) + 1)
  }

  /// A directory that is ahead of the log was filled from another topic of this name.
  @Test(arguments: [true, false]) func anOffsetBeyondTheLogIsAnError(isBounded: Bool) throws {
    let trial = try trial(partitions: 2)
    try trial.produce(LiveTrial.lines(seed: 5, count: 400, partitions: 2))
    try trial.runOnce()
    let other = try EmbeddedBroker()
    try other.createTopic("shop", partitionCount: 2)
    let again = try LiveTrial(KafkaConfiguration(brokers: other.brokers), topic: "shop")
    try again.produce(LiveTrial.lines(seed: 6, count: 20, partitions: 2))
    let input = KafkaInput(
      configuration: again.configuration, topic: "shop", groupID: "riffle-test", memoryBytes: 32 << 20, start: .earliest
    )
    let engine = RunningEngine(
      try LiveEngine(job: trial.run.job, input: input, directory: trial.run.open(), isBounded: isBounded))
    let error = #expect(throws: KafkaError.self) { try engine.wait() }
    #expect(error?.kind == .offsetOutOfRange)
    let text = error.map { "\($0)" } ?? ""
    #expect(text.contains("shop[") && text.contains("the topic was made anew"), "\(text)")
  }

  @Test func aMissingTopicIsWaitedForAndSaid() throws {
    let trial = try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "later")
    // A broker that creates topics by use would not do: one that cannot be reached is the same to the engine.
    try broker.setReachable(false)
    let engine = RunningEngine(try trial.engine(isBounded: false))
    #expect(try Deadline.wait { try !engine.status.problems.isEmpty })
    try broker.setReachable(true)
    try broker.createTopic("later", partitionCount: 2)
    let lines = try LiveTrial.lines(seed: 7, count: 500, partitions: 2)
    try trial.produce(lines)
    let isRead = try Deadline.wait {
      try engine.status.problems.isEmpty && engine.status.partitions.reduce(0) { $0 + $1.received } == 500
    }
    #expect(isRead)
    try engine.stop()
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 2)
  }
}
