import Checkpoints
import ColdStore
import Commerce
import CommerceTestSupport
import Kafka
import KafkaTestSupport
import Landing
import Shoppers
import TestSupport
import Testing

/// A live directory that is rebuilt, backed up or put back goes on at the offsets of its commit.
@Suite(.serialized) struct LiveSafekeepingTests {
  private let broker: EmbeddedBroker

  init() throws { broker = try EmbeddedBroker() }

  private func trial() throws -> LiveTrial {
    try broker.createTopic("shop", partitionCount: 2)
    return try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
  }

  /// Reads `lines`, and stops in order when some of them are committed.
  private func readSome(_ trial: LiveTrial, _ lines: ArraySlice<TrafficLine>) throws {
    let before = try trial.run.newestCommit()?.epoch ?? 0
    let engine = RunningEngine(try trial.engine(isBounded: false))
    try trial.produce(lines)
    #expect(try Deadline.wait { try trial.run.newestCommit()?.epoch ?? 0 > before + 1 })
    try engine.stop()
  }

  private func rebuild(_ trial: LiveTrial) throws {
    let directory = try DataDirectory(
      path: trial.run.directory, configuration: nil, fileSystem: LocalFileSystem())
    #expect(try JobRebuild.run(trial.run.job, directory) != nil)
  }

  /// As `==`, but shows the lines that differ.
  private func expectSame(_ found: [String: String], _ expected: [String: String]) {
    for (table, text) in expected {
      let (lines, wanted) = (Set((found[table] ?? "").split(separator: "\n")), Set(text.split(separator: "\n")))
      #expect(lines.subtracting(wanted).sorted() == wanted.subtracting(lines).sorted(), "\(table)")
    }
  }

  @Test func aRebuiltDirectoryGoesOn() throws {
    let trial = try trial()
    let lines = try LiveTrial.lines(seed: 51, count: 2_400, partitions: 2)
    for part in 0..<3 {
      try readSome(trial, lines[part * 800..<(part + 1) * 800])
      let before = try trial.run.exportAll()
      try rebuild(trial)
      expectSame(try trial.run.exportAll(), before)
    }
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 2)
  }

  /// What was sealed at the end of a bounded run, then live, then sealed again.
  @Test func aBackupOfARunningEngineGoesOnWhereItIsPutBack() throws {
    let trial = try trial()
    let lines = try LiveTrial.lines(seed: 52, count: 2_400, partitions: 2)
    try trial.produce(lines[..<800])
    try trial.runOnce()
    let (backup, data) = (trial.place.file("backup"), trial.run.directory)
    let engine = RunningEngine(try trial.engine(isBounded: false))
    try trial.produce(lines[800..<1_600])
    let epoch = try #require(try trial.run.newestCommit()).epoch
    #expect(try Deadline.wait { try trial.run.newestCommit()?.epoch ?? 0 > epoch })
    let outcome = try Backup.run(data, to: backup, fileSystem: LocalFileSystem())
    #expect(outcome.manifest.epoch > epoch)
    try trial.produce(lines[1_600...])
    try engine.stop()
    // The directory is lost.
    try LocalFileSystem().removeTree(data)
    _ = try Restore.run(backup, to: data, fileSystem: LocalFileSystem())
    #expect(try trial.run.newestCommit()?.epoch == outcome.manifest.epoch)
    try trial.runOnce()
    try trial.expectSameAsFiles(lines, partitions: 2)
  }
}
