import Checkpoints
import ColdStore
import Commerce
import CommerceTestSupport
import Kafka
import KafkaTestSupport
import Synchronization
import TestSupport
import Testing

/// A disk that fills up under a running engine, and room again.
@Suite(.serialized) struct FullDiskTests {
  private let broker: EmbeddedBroker

  init() throws { broker = try EmbeddedBroker() }

  /// Full at a change of the first commit or of later ones, and once more when there has been room for a while.
  @Test(arguments: [1, 9, 62, 131]) func anEngineWaitsForRoom(failsAt: Int) throws {
    try broker.createTopic("shop", partitionCount: 2)
    let trial = try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
    let lines = try LiveTrial.lines(seed: 31, count: 2_000, partitions: 2)
    let disk = FaultyFileSystem()
    let said = Mutex<[String]>([])
    let engine = RunningEngine(try trial.engine(on: disk) { text in said.withLock { $0.append(text) } })
    #expect(try Deadline.wait(seconds: 90) { try !engine.status.partitions.isEmpty })
    disk.recover(failsAt: disk.changes + failsAt)
    try trial.produce(lines)
    for pauses in 1...2 {
      #expect(Deadline.wait { said.withLock { $0.filter { $0.contains("reading pauses") }.count } == pauses })
      #expect(try engine.status.problems.contains { $0.contains("No space left") } && !engine.hasEnded)
      let changes = disk.changes
      #expect(Deadline.wait { disk.changes > changes }, "it looks again")
      disk.recover(failsAt: pauses == 1 ? disk.changes + failsAt + 20 : .max)
    }
    let isRead = try Deadline.wait {
      try engine.status.problems.isEmpty && engine.status.partitions.reduce(0) { $0 + $1.received } == lines.count
    }
    #expect(isRead)
    try engine.stop()
    #expect(said.withLock { $0.filter { $0.contains("going on from commit") }.count } == 2)
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 2, "full at change \(failsAt)")
  }

  /// An engine that waits for room ends when it is asked to; a bounded run does not wait.
  @Test func waitingEndsInOrder() throws {
    try broker.createTopic("shop", partitionCount: 1)
    let trial = try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
    let lines = try LiveTrial.lines(seed: 32, count: 300, partitions: 1)
    try trial.produce(lines)
    let disk = FaultyFileSystem()
    let engine = RunningEngine(try trial.engine(on: disk))
    disk.recover(failsAt: 1)
    #expect(try Deadline.wait { try engine.status.problems.contains { $0.contains("No space left") } })
    try engine.stop()
    let bounded = try trial.engine(isBounded: true, on: FaultyFileSystem(failsAt: 20))
    let error = #expect(throws: FileError.self) { try bounded.run() }
    #expect(error?.isLackOfRoom == true)
  }
}
