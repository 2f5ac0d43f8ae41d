import Checkpoints
import ColdStore
import Commerce
import CommerceTestSupport
import Dispatch
import Encodings
import Foundation
import Glibc
import Landing
import Query
import Shoppers
import Synchronization
import TestSupport
import Testing

/// A backup is the newest commit, whole or not there; what is put back is what was backed up.
@Suite struct BackupTests {
  private let place = TemporaryDirectory()
  private let files = LocalFileSystem()

  private static var settings: JobSettings {
    var settings = JobSettings()
    settings.maximumBatchRecords = 20
    settings.rowGroupRows = 32
    settings.segmentBytes = 8 << 10
    return settings
  }

  private func lines(count: Int = 200, seed: UInt64 = 7) throws -> [String] {
    var traffic = TrafficOptions()
    traffic.seed = seed
    traffic.eventCount = count
    traffic.users = 6
    traffic.partitions = 2
    (traffic.malformedRate, traffic.duplicateRate) = (0.05, 0.1)
    var lines = [[[UInt8]]](repeating: [], count: 2)
    for line in try Traffic(traffic) { lines[line.partition].append(line.bytes) }
    return try place.write(lines, prefix: "seed-\(seed)")
  }

  private func run(_ name: String) throws -> EngineRun { try EngineRun(Self.settings, in: place.file(name)) }

  /// A directory whose run was interrupted: there are tails and open sessions.
  private func interrupted(_ name: String = "data") throws -> EngineRun {
    let run = try run(name)
    try run.simulate(lines(), seed: 3, checkpointOdds: 20, steps: 250)
    let commit = try #require(try run.newestCommit())
    #expect(commit.tables.contains { $0.tail != nil } && commit.tables.contains { !$0.segments.isEmpty })
    return run
  }

  private func backUp(_ run: EngineRun, as name: String) throws -> Backup.Outcome {
    try Backup.run(run.directory, to: place.file(name), fileSystem: files)
  }

  private func inode(_ path: String) throws -> Int {
    try #require(FileManager.default.attributesOfItem(atPath: path)[.systemFileNumber] as? Int)
  }

  @Test func aBackupIsADataDirectoryOfTheSameCommit() throws {
    let run = try interrupted()
    let commit = try #require(try run.newestCommit())
    let outcome = try backUp(run, as: "backup")
    #expect(outcome.manifest.epoch == commit.epoch && outcome.skipped.isEmpty)
    let copy = try self.run("backup")
    #expect(try copy.newestCommit() == commit)
    #expect(try copy.exportAll() == run.exportAll())
    // The manifest names every file but itself, with the size and checksum that it has.
    let contents = try place.contents(of: "backup")
    let manifest = try BackupManifest(try #require(contents[BackupManifest.fileName]))
    #expect(manifest == outcome.manifest)
    #expect(Set(manifest.files.map(\.path)) == Set(contents.keys).subtracting([BackupManifest.fileName]))
    for file in manifest.files {
      let bytes = try #require(contents[file.path])
      #expect(file.byteCount == bytes.count)
      #expect(UInt32(file.checksum, radix: 16) == Checksum.crc32c(bytes), "\(file.path)")
    }
    #expect(try files.list(place.path).allSatisfy { !$0.hasSuffix(".tmp") })
  }

  @Test func segmentsAreSharedAndTailsAreNot() throws {
    let run = try interrupted()
    let commit = try #require(try run.newestCommit())
    let outcome = try backUp(run, as: "first")
    _ = try backUp(run, as: "second")
    let segments = commit.tables.flatMap(\.segments).map(\.path)
    #expect(outcome.sharedCount == segments.count)
    for path in outcome.manifest.files.map(\.path) {
      let inodes = try Set(
        [run.directory, place.file("first"), place.file("second")].map { try inode("\($0)/\(path)") })
      #expect(inodes.count == (segments.contains(path) ? 1 : 3), "\(path)")
    }
  }

  /// Whatever an engine does later, killed at any moment, with tails that become segments where they lie.
  @Test func aBackupNeverChanges() throws {
    let run = try interrupted()
    _ = try backUp(run, as: "backup")
    let before = try place.contents(of: "backup")
    for step in 1...8 {
      try run.simulate(lines(), seed: UInt64(step), checkpointOdds: 15, maximumCheckpoints: 3, steps: 40 + step * 7)
      if step == 4 {
        // The newest commit is damaged: the engine goes on from the one before, whose tail is a segment by now.
        _ = try backUp(run, as: "later")
        let epoch = try #require(try run.newestCommit()).epoch
        try Data("damage".utf8).write(to: URL(filePath: "\(run.directory)/\(CommitLog.fileName(epoch))"))
      }
    }
    try run.simulate(lines(), seed: 9, checkpointOdds: 15)
    #expect(try place.contents(of: "backup") == before)
    for name in ["backup", "later"] {
      let report = try self.run(name).verify()
      #expect(report.isGood, "\(name): \(report.text)")
    }
  }

  @Test func backupsUnderLoadAreWhole() throws {
    let run = try run("data")
    let paths = try lines(count: 4_000)
    let failure = Mutex<(any Error)?>(nil)
    let ended = Atomic(false)
    let queue = DispatchQueue(label: "riffle.test.load")
    queue.async {
      do { try run.runOnDispatch(paths) } catch { failure.withLock { $0 = error } }
      ended.store(true, ordering: .releasing)
    }
    var number = 0
    while !ended.load(ordering: .acquiring) {
      guard try run.newestCommit() != nil else { continue }
      number += 1
      _ = try backUp(run, as: "backup-\(number)")
    }
    queue.sync {}
    #expect(failure.withLock { $0 } == nil)
    #expect(number > 0)
    for number in 1...max(1, number) {
      let report = try self.run("backup-\(number)").verify()
      #expect(report.isGood, "\(number): \(report.text)")
    }
  }

  /// The engine sweeps what is being copied away: the next commit is backed up.
  @Test func aSweepThatIsFasterIsFollowed() throws {
    let run = try interrupted()
    let paths = try lines()
    let commit = try #require(try run.newestCommit())
    let disk = FaultyFileSystem()
    let hasSwept = Mutex(false)
    disk.fail { _, path in
      let isFirst = hasSwept.withLock { hasSwept in
        defer { hasSwept = hasSwept || path.contains(".backup.tmp/") }
        return !hasSwept && path.contains(".backup.tmp/")
      }
      if isFirst { _ = try? run.simulate(paths, seed: 8, checkpointOdds: 10) }
      return false
    }
    let outcome = try Backup.run(run.directory, to: place.file("backup"), fileSystem: disk)
    #expect(try outcome.manifest.epoch > commit.epoch && outcome.manifest.epoch == run.newestCommit()?.epoch)
    #expect(try self.run("backup").exportAll() == run.exportAll())
    let files = Set(try place.contents(of: "backup").keys)
    #expect(files == Set(outcome.manifest.files.map(\.path)).union([BackupManifest.fileName]), "nothing of the old one")
  }

  @Test func aDiskThatFailsLeavesNoBackup() throws {
    let run = try interrupted()
    let undisturbed = FaultyFileSystem()
    _ = try Backup.run(run.directory, to: place.file("undisturbed"), fileSystem: undisturbed)
    #expect(undisturbed.changes > 20)
    // The last change makes the name durable; the backup is whole then.
    for failsAt in 1..<undisturbed.changes {
      let disk = FaultyFileSystem(failsAt: failsAt)
      #expect(throws: (any Error).self) {
        try Backup.run(run.directory, to: place.file("backup"), fileSystem: disk)
      }
      #expect(!files.exists(place.file("backup")), "change \(failsAt)")
    }
    // What a failed one has left behind is in nobody's way.
    _ = try backUp(run, as: "backup")
    #expect(try self.run("backup").verify().isGood)
  }

  @Test func whatIsThereIsNotOverwritten() throws {
    let run = try interrupted()
    _ = try backUp(run, as: "backup")
    let error = #expect(throws: OccupiedDirectoryError.self) { try backUp(run, as: "backup") }
    #expect(error?.description == "\(place.file("backup")) is there and not an empty directory: name a new one")
    #expect(throws: OccupiedDirectoryError.self) {
      try Restore.run(place.file("backup"), to: run.directory, fileSystem: files)
    }
    try files.createDirectory(place.file("empty"))
    #expect(throws: Never.self) { try backUp(run, as: "empty") }
  }

  @Test func damageIsNotBackedUp() throws {
    let run = try run("data")
    try run.runOnDispatch(lines())
    let segment = try #require(try run.newestCommit()?.tables.first { $0.name == "events" }?.segments.first)
    let file = URL(filePath: "\(run.directory)/\(segment.path)")
    var bytes = try Data(contentsOf: file)
    let group = try #require(SegmentReader.open(file.path, fileSystem: files).groups.first)
    bytes[group.offset + group.header.groupByteCount - 1] ^= 1
    try bytes.write(to: file)
    let error = #expect(throws: CorruptionError.self) { try backUp(run, as: "backup") }
    #expect(error?.description.contains(segment.path) == true)
    #expect(!files.exists(place.file("backup")))
  }

  // MARK: - Restore

  @Test func whatIsPutBackGoesOn() throws {
    let run = try interrupted()
    _ = try backUp(run, as: "backup")
    let before = try place.contents(of: "backup")
    let restored = try self.run("restored")
    let manifest = try Restore.run(place.file("backup"), to: restored.directory, fileSystem: files)
    #expect(try restored.exportAll() == run.exportAll())
    #expect(try place.contents(of: "restored").keys.sorted() == manifest.files.map(\.path))
    for path in manifest.files.map(\.path) {
      #expect(try inode("\(restored.directory)/\(path)") != inode("\(place.file("backup"))/\(path)"))
    }
    try restored.simulate(lines(), seed: 5, checkpointOdds: 20)
    try run.simulate(lines(), seed: 6, checkpointOdds: 20)
    #expect(try restored.exportAll() == run.exportAll())
    #expect(try place.contents(of: "backup") == before)
  }

  @Test func everyDamageOfABackupIsNamedBeforeAnythingIsWritten() throws {
    let run = try interrupted()
    let paths = try backUp(run, as: "backup").manifest.files.map(\.path)
    for (index, path) in paths.enumerated() {
      let file = URL(filePath: "\(place.file("backup"))/\(path)")
      let good = try Data(contentsOf: file)
      var bad = good
      switch index % 3 {
      case 0: bad[bad.count / 2] ^= 1
      case 1: bad.removeLast()
      default: bad.append(0)
      }
      // In its own file: others may share the good one.
      try FileManager.default.removeItem(at: file)
      try bad.write(to: file)
      let error = #expect(throws: CorruptionError.self) {
        try Restore.run(place.file("backup"), to: place.file("restored"), fileSystem: files)
      }
      #expect(error?.description.contains(path) == true)
      try good.write(to: file)
    }
    #expect(!files.exists(place.file("restored")))
    try files.remove("\(place.file("backup"))/\(paths[1])")
    let error = #expect(throws: CorruptionError.self) {
      try Restore.run(place.file("backup"), to: place.file("restored"), fileSystem: files)
    }
    #expect(error?.description == "\(place.file("backup"))/\(paths[1]) is corrupt: the file is missing")
  }

  @Test func onlyABackupIsPutBack() throws {
    let run = try interrupted()
    let none = #expect(throws: DataDirectoryError.self) {
      try Restore.run(run.directory, to: place.file("restored"), fileSystem: files)
    }
    #expect(none?.description.hasSuffix("is no backup: it has no MANIFEST.json") == true)
    for text in [
      "", "{}", #"{"format":1,"epoch":1,"files":[{"path":"../x","byte_count":1,"crc32c":"00000000"}]}"#,
      #"{"format":1,"epoch":1,"files":[{"path":"/x","byte_count":1,"crc32c":"00000000"}]}"#,
      #"{"format":2,"epoch":1,"files":[]}"#,
    ] {
      try Data(text.utf8).write(to: URL(filePath: "\(run.directory)/\(BackupManifest.fileName)"))
      let error = #expect(throws: CorruptionError.self, "\(text)") {
        try Restore.run(run.directory, to: place.file("restored"), fileSystem: files)
      }
      #expect(error?.description.contains(BackupManifest.fileName) == true)
    }
    #expect(!files.exists(place.file("restored")))
  }
}
