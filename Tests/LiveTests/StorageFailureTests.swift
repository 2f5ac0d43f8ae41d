import Checkpoints
import ColdStore
import Commerce
import CommerceTestSupport
import Glibc
import Kafka
import KafkaTestSupport
import Query
import TestSupport
import Testing

/// A disk that fails while the engine runs: it says so, reads nothing, and goes on by itself.
@Suite(.serialized) struct StorageFailureTests {
  private let broker: EmbeddedBroker

  init() throws { broker = try EmbeddedBroker() }

  private func trial() throws -> LiveTrial {
    try broker.createTopic("shop", partitionCount: 2)
    return try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
  }

  /// The tails of the newest commit and the bytes of their files.
  private func tails(_ trial: LiveTrial) throws -> [String: [UInt8]] {
    let commit = try #require(try trial.run.newestCommit())
    return try Dictionary(
      uniqueKeysWithValues: commit.tables.compactMap(\.tail).map {
        ($0.path, try LocalFileSystem().readAll("\(trial.run.directory)/\($0.path)"))
      })
  }

  @Test(arguments: [("fsync", ENOSPC), ("write to", EDQUOT), ("rename", EIO), ("create", ENOSPC)])
  func theEngineGoesOnWhenTheDiskDoes(operation: String, code: Int32) throws {
    let trial = try trial()
    let lines = try LiveTrial.lines(seed: 41, count: 3_000, partitions: 2)
    let disk = FaultyFileSystem(code: code)
    let engine = RunningEngine(try trial.engine(isBounded: false, fileSystem: disk))
    try trial.produce(lines[..<800])
    #expect(try Deadline.wait { try trial.run.newestCommit().map { $0.sources.contains { $0.received > 0 } } ?? false })
    for part in 1...2 {
      disk.fail { failing, _ in failing == operation }
      try trial.produce(lines[(part * 800)..<(part * 800 + 400)])
      let words = unsafe String(cString: strerror(code))
      let isSaid = try Deadline.wait {
        try engine.status.problems.contains {
          $0.contains("reading is paused: cannot \(operation) \(trial.run.directory)") && $0.hasSuffix(words)
        }
      }
      let problems = try engine.status.problems
      #expect(isSaid, "\(problems)")
      let before = try #require(try trial.run.newestCommit())
      let tails = try tails(trial)
      try trial.produce(lines[(part * 800 + 400)..<((part + 1) * 800)])
      // A few attempts, none of which may do anything.
      let changes = disk.changes
      let hasPaused = try Deadline.wait { try isPaused(engine.status) && disk.changes > changes }
      #expect(hasPaused)
      #expect(try trial.run.newestCommit() == before)
      disk.heal()
      #expect(try Deadline.wait { try engine.status.problems.isEmpty && engine.status.commitEpoch > before.epoch })
      let after = try #require(try trial.run.newestCommit())
      #expect(after.incarnation > before.incarnation)
      #expect(Set(after.tables.compactMap(\.tail?.path)).isDisjoint(with: tails.keys), "files that failed are left")
    }
    try trial.produce(lines[2_400...])
    try engine.stop()
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 2, "\(operation)")
  }

  private func isPaused(_ status: EngineStatus) -> Bool {
    status.partitions.count == 2 && status.partitions.allSatisfy { $0.state == "paused" }
      && status.partitions.contains { $0.received > 0 }
  }

  /// Before there is any commit, and with the end of the topic as the place to begin.
  @Test func aDirectoryThatIsNewIsBegunAnew() throws {
    let trial = try trial()
    let lines = try LiveTrial.lines(seed: 42, count: 800, partitions: 2)
    try trial.produce(lines[..<400])
    let disk = FaultyFileSystem()
    let opened = try trial.engine(isBounded: false, start: .latest, fileSystem: disk)
    disk.fail { operation, _ in operation == "fsync" }
    let engine = RunningEngine(opened)
    #expect(try Deadline.wait { try engine.status.problems.contains { $0.contains("No space left") } })
    try trial.produce(lines[400...])
    disk.heal()
    #expect(
      try Deadline.wait { try (trial.run.newestCommit()?.sources ?? []).reduce(0) { $0 + $1.received } == 400 },
      "it begins where the topic ended when it was started")
    try engine.stop()
    let report = try trial.run.verify()
    #expect(report.isGood, "\(report.text)")
  }

  @Test func anEngineThatIsStoppedMeanwhileSaysWhatFailed() throws {
    let trial = try trial()
    let lines = try LiveTrial.lines(seed: 43, count: 800, partitions: 2)
    try trial.produce(lines)
    let disk = FaultyFileSystem(code: EIO)
    let engine = RunningEngine(try trial.engine(isBounded: false, fileSystem: disk))
    #expect(try Deadline.wait { try engine.status.commitEpoch > 0 })
    disk.fail { _, _ in true }
    #expect(try Deadline.wait { try !engine.status.problems.isEmpty })
    let error = #expect(throws: FileError.self) { try engine.stop() }
    #expect(error?.code == EIO)
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 2)
  }

  @Test func aBoundedRunFailsAndCanBeRepeated() throws {
    let trial = try trial()
    let lines = try LiveTrial.lines(seed: 44, count: 800, partitions: 2)
    try trial.produce(lines)
    let disk = FaultyFileSystem()
    disk.fail { operation, _ in operation == "fsync" }
    let error = #expect(throws: FileError.self) {
      try trial.engine(isBounded: true, fileSystem: disk).run()
    }
    #expect(error?.code == ENOSPC)
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 2)
  }
}
