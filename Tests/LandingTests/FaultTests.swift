import Checkpoints
import Commerce
import CommerceTestSupport
import Encodings
import Glibc
import Landing
import Query
import Shoppers
import Synchronization
import TestSupport
import Testing

/// A disk that fails at any moment: the last commit stays readable, and the next run comes to what a run without
/// failures comes to.
@Suite struct FaultTests {
  enum Aftermath: CaseIterable {
    /// The disk refused, all that was written is there.
    case refused
    /// The power went: what was not synchronized is lost.
    case powerCut
  }

  /// A file that was read, and one with late events and duplicates that is being read when the disk fails.
  private struct World {
    let place = TemporaryDirectory()
    let settings: JobSettings
    let first: [String]
    let second: [String]

    init() throws {
      var settings = JobSettings()
      settings.keyGroupCount = 1
      settings.maximumBatchRecords = 20
      settings.rowGroupRows = 32
      self.settings = settings
      var traffic = TrafficOptions()
      traffic.seed = 7
      traffic.eventCount = 80
      traffic.users = 6
      traffic.partitions = 2
      traffic.malformedRate = 0.05
      traffic.duplicateRate = 0.1
      var lines = [[[UInt8]]](repeating: [], count: 2)
      for line in try Traffic(traffic) { lines[line.partition].append(line.bytes) }
      // Each file has some events of the other's time.
      first = [try place.write("first", lines: lines[0])]
      second = [try place.write("second", lines: lines[1] + Array(lines[0][..<5]))]
    }

    /// A run on the directory `name`, a copy of `origin` where that is given.
    func run(_ name: String, copyOf origin: String? = nil) throws -> EngineRun {
      if let origin { try place.copy(origin, to: name) }
      var run = try EngineRun(settings, in: place.file(name))
      run.fileSystem = FaultyFileSystem()
      return run
    }

    func readFirst(_ run: EngineRun) throws {
      try run.simulate(first, seed: 1, checkpointOdds: 20, maximumCheckpoints: 1)
    }

    func readSecond(_ run: EngineRun) throws {
      try run.simulate(second, seed: 3, checkpointOdds: 25, maximumCheckpoints: 1)
    }

    /// What `read` on a copy of `origin` comes to, and how many changes of the disk it takes.
    func undisturbed(
      copyOf origin: String? = nil, _ read: (EngineRun) throws -> Void
    ) throws -> (tables: [String: String], changes: Int) {
      let disk = FaultyFileSystem()
      var run = try run("undisturbed", copyOf: origin)
      run.fileSystem = disk
      try read(run)
      return (try run.exportAll(), disk.changes)
    }
  }

  @Test(arguments: Aftermath.allCases) func aFailedCommitLeavesThePreviousOne(_ aftermath: Aftermath) throws {
    let world = try World()
    try world.readFirst(world.run("before"))
    let (expected, changes) = try world.undisturbed(copyOf: "before", world.readSecond)
    #expect(changes > 50)
    for failsAt in 1...changes {
      let run = try world.run("disturbed-\(failsAt)", copyOf: "before")
      try expectRecovery(run, world, expected, failsAt: failsAt, failsAt % 2 == 0 ? ENOSPC : EIO, aftermath)
    }
  }

  private func expectRecovery(
    _ run: EngineRun, _ world: World, _ expected: [String: String], failsAt: Int, _ code: Int32, _ aftermath: Aftermath
  ) throws {
    let comment = Comment(rawValue: "change \(failsAt) fails with \(code), \(aftermath)")
    let before = try #require(try run.newestCommit())
    let newestEpoch = Mutex(before.epoch)
    var disturbed = run
    disturbed.onCommit = { commit in newestEpoch.withLock { $0 = commit.epoch } }
    let disk = FaultyFileSystem(failsAt: failsAt, code: code)
    disturbed.fileSystem = disk
    #expect(throws: (any Error).self, comment) { try world.readSecond(disturbed) }
    if aftermath == .powerCut { try disk.loseUnsynchronized() }
    // A commit whose last step failed may be there without having been reported; none that was reported may be gone.
    let after = try #require(try run.newestCommit(), comment)
    #expect(after.epoch >= newestEpoch.withLock { $0 } && after.epoch <= newestEpoch.withLock { $0 } + 1, comment)
    let report = try run.verify()
    #expect(report.isGood, "\(comment): \(report.text)")
    try world.readSecond(run)
    #expect(try run.exportAll() == expected, comment)
  }

  /// A directory that has no commit yet when the disk fails is begun anew.
  @Test(arguments: Aftermath.allCases) func aFailedFirstCommitLeavesNothing(_ aftermath: Aftermath) throws {
    let world = try World()
    let (expected, changes) = try world.undisturbed(world.readFirst)
    for failsAt in stride(from: 1, through: changes, by: 2) {
      let run = try world.run("disturbed-\(failsAt)")
      let disk = FaultyFileSystem(failsAt: failsAt)
      var disturbed = run
      disturbed.fileSystem = disk
      #expect(throws: (any Error).self) { try world.readFirst(disturbed) }
      if aftermath == .powerCut { try disk.loseUnsynchronized() }
      try world.readFirst(run)
      #expect(try run.exportAll() == expected, "change \(failsAt) fails, \(aftermath)")
    }
  }
}
