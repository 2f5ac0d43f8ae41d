import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Foundation
import Kafka
import KafkaTestSupport
import Shoppers
import TestSupport
import Testing

/// The live engine against Apache Kafka: what the embedded broker cannot do.
@Suite(.enabled(if: TestBroker.isAvailable, Comment(rawValue: TestBroker.reason)), .serialized)
struct RealLiveTests {
  /// One broker for all tests of the suite; each has topics of its own.
  private static let shared = Result { try TestBroker() }
  private let broker: TestBroker
  private let admin: KafkaAdmin

  init() throws {
    broker = try RealLiveTests.shared.get()
    admin = try KafkaAdmin(broker.configuration())
  }

  private func trial(_ name: String, partitions: Int) throws -> LiveTrial {
    let topic = "\(broker.prefix)\(name)"
    try admin.createTopic(topic, partitionCount: partitions)
    return try LiveTrial(broker.configuration(), topic: topic)
  }

  @Test func aBoundedRunComesToWhatFilesComeTo() throws {
    let trial = try trial("bounded", partitions: 4)
    let lines = try LiveTrial.lines(seed: 41, count: 4_000, partitions: 4)
    try trial.produce(lines)
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 4)
  }

  /// Topics that are missing are created; what was delivered is counted.
  @Test func theOutboxCreatesItsTopics() throws {
    guard TestBroker.isOurs else { return }
    // A broker without any other test's topics of these names.
    let sink = try TestBroker(settings: ["auto.create.topics.enable": "false"])
    let trial = try trial("outbox", partitions: 2)
    let lines = try LiveTrial.lines(seed: 44, count: 3_000, partitions: 2)
    try trial.produce(lines.prefix(2_000))
    let engine = RunningEngine(try trial.engine(isBounded: false, sendingTo: sink.configuration()))
    let isSent = try Deadline.wait(seconds: 60) {
      try engine.status.sinks.allSatisfy { $0.messageCount > 0 && $0.lagRows == 0 }
    }
    #expect(isSent)
    // It dies while there is more to be sent, and comes back.
    sink.kill()
    try trial.produce(lines.dropFirst(2_000))
    #expect(try Deadline.wait { try engine.status.partitions.reduce(0) { $0 + $1.received } == 3_000 })
    try sink.start()
    try engine.stop()
    try trial.engine(isBounded: true, sendingTo: sink.configuration()).run()
    try trial.expectTopicsHaveTables(sink.configuration())
    try trial.expectSameAsFiles(lines, partitions: 2)
  }

  @Test func anEventIsSeenAtOnce() throws {
    let trial = try trial("seen", partitions: 1)
    let engine = try trial.quietEngine()
    #expect(try trial.medianVisibilityMilliseconds(engine) < 1_000)
    try engine.stop()
  }

  /// A partition that is added while the engine runs is found, and read from its beginning.
  @Test func anAddedPartitionIsReadFromItsBeginning() throws {
    let trial = try trial("grown", partitions: 2)
    let lines = try LiveTrial.lines(seed: 42, count: 3_000, partitions: 3)
    let engine = RunningEngine(try trial.engine(isBounded: false, start: .latest))
    #expect(try Deadline.wait { try engine.status.partitions.count == 2 && engine.status.problems.isEmpty })
    try trial.produce(lines.prefix(1_500).filter { $0.partition < 2 })
    try admin.addPartitions(topic: trial.topic, partitionCount: 3)
    #expect(try Deadline.wait { try admin.describeTopic(trial.topic).partitions.count == 3 })
    try trial.produce(lines.filter { $0.partition == 2 }, by: KafkaProducer(broker.configuration()))
    try trial.produce(lines.dropFirst(1_500).filter { $0.partition < 2 })
    let isRead = try Deadline.wait(seconds: 15) { try engine.status.partitions.reduce(0) { $0 + $1.received } == 3_000 }
    #expect(isRead, "\(try? engine.status)")
    #expect(try engine.status.partitions.map(\.partition) == [0, 1, 2])
    try engine.stop()
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 3)
  }

  /// The last offsets before the end are a transaction's control record and aborted messages, which nobody reads.
  @Test func aBoundedRunEndsBehindControlRecords() throws {
    let trial = try trial("transactions", partitions: 1)
    var options = ProducerOptions()
    options.transactionalID = "\(broker.prefix)live-writer"
    let producer = try KafkaProducer(broker.configuration(), options)
    try producer.initializeTransactions(timeoutMilliseconds: 20_000)
    func transaction(_ numbers: Range<Int>, commits: Bool) throws {
      try producer.beginTransaction()
      for number in numbers {
        let event = EventLine.make(
          "e\(number)", "page_view", at: EventLine.noon + Int64(number) * 1000, session: "s")
        try producer.send(topic: trial.topic, partition: 0, value: event)
      }
      try producer.flush(timeoutMilliseconds: 10_000)
      if commits { try producer.commitTransaction() } else { try producer.abortTransaction() }
    }
    try transaction(0..<5, commits: true)
    try transaction(5..<9, commits: false)
    let engine = RunningEngine(try trial.engine(isBounded: true))
    try engine.wait(seconds: 20)
    #expect(try trial.run.newestCommit()?.sources.map(\.nextOffset) == [11])
    #expect(try trial.run.cells(["event_id"], of: "events") == (0..<5).map { "e\($0)" })
    try transaction(9..<12, commits: true)
    try trial.runOnce()
    #expect(try trial.run.newestCommit()?.sources.map(\.nextOffset) == [15])
    #expect(try trial.run.cells(["event_id"], of: "events") == ["e0", "e1", "e2", "e3", "e4", "e9", "e10", "e11"])
  }

  /// Nothing new, nothing to read, and a partition whose last messages were aborted: the end is still the end.
  @Test func anIdlePartitionBehindAControlRecordIsAtItsEnd() throws {
    let trial = try trial("aborted", partitions: 1)
    var options = ProducerOptions()
    options.transactionalID = "\(broker.prefix)aborting-writer"
    let producer = try KafkaProducer(broker.configuration(), options)
    try producer.initializeTransactions(timeoutMilliseconds: 20_000)
    try producer.beginTransaction()
    try producer.send(topic: trial.topic, partition: 0, value: [1])
    try producer.flush(timeoutMilliseconds: 10_000)
    try producer.abortTransaction()
    let engine = RunningEngine(try trial.engine(isBounded: false))
    #expect(try Deadline.wait { try engine.status.partitions.first?.state == "at_end" })
    #expect(try engine.status.partitions.first?.lag == 0)
    try engine.stop()
  }

  @Test(.enabled(if: TestBroker.isOurs, Comment(rawValue: TestBroker.reasonOfOurs)))
  func messagesThatTheBrokerDeletedAreAnError() throws {
    let trial = try trial("deleted", partitions: 2)
    let lines = try LiveTrial.lines(seed: 43, count: 600, partitions: 2)
    try trial.produce(lines.prefix(200))
    try trial.runOnce()
    try trial.produce(lines.dropFirst(200))
    try broker.deleteRecords(topic: trial.topic, partition: 1, before: 200)
    for isBounded in [false, true] {
      let engine = RunningEngine(try trial.engine(isBounded: isBounded))
      let error = #expect(throws: KafkaError.self) { try engine.wait() }
      #expect(error?.kind == .offsetOutOfRange)
      let text = error.map { "\($0)" } ?? ""
      #expect(text.contains("\(trial.topic)[1]") && text.contains("deleted these messages"), "\(text)")
    }
  }

  /// Killed and started again while the engine reads: nothing is lost, and meanwhile the engine says what is wrong.
  @Test(.enabled(if: TestBroker.isOurs, Comment(rawValue: TestBroker.reasonOfOurs)))
  func aBrokerThatIsKilledLosesNothing() throws {
    let broker = try TestBroker()
    let admin = try KafkaAdmin(broker.configuration())
    try admin.createTopic("mortal", partitionCount: 3)
    let trial = try LiveTrial(broker.configuration(), topic: "mortal")
    let lines = try LiveTrial.lines(seed: 44, count: 4_000, partitions: 3)
    try trial.produce(lines.prefix(2_000))
    let engine = RunningEngine(try trial.engine(isBounded: false))
    #expect(try Deadline.wait { try engine.status.commitEpoch >= 1 })
    broker.kill()
    #expect(try Deadline.wait { try !engine.status.problems.isEmpty })
    let problems = try engine.status.problems
    #expect(problems.contains { $0.contains(broker.brokers) }, "\(problems)")
    try broker.start()
    try trial.produce(lines.dropFirst(2_000))
    let isRead = try Deadline.wait(seconds: 60) {
      try engine.status.problems.isEmpty && engine.status.partitions.reduce(0) { $0 + $1.received } == 4_000
    }
    #expect(isRead, "\(try? engine.status)")
    try engine.stop()
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 3)
  }
}
