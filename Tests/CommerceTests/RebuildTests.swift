import Checkpoints
import ColdStore
import Columns
import Commerce
import CommerceTestSupport
import Glibc
import Landing
import Query
import Shoppers
import TestSupport
import Testing
import Windows

/// Rollups and sessions computed again from the stored events are those of an engine that had these definitions from
/// the beginning.
@Suite struct RebuildTests {
  private let place = TemporaryDirectory()

  private static var settings: JobSettings {
    var settings = JobSettings()
    settings.maximumBatchRecords = 40
    settings.rowGroupRows = 64
    settings.allowedLatenessMilliseconds = 2 * EventTime.minute
    settings.deduplicationHorizonMilliseconds = 20 * EventTime.minute
    settings.rollups = [
      .init(name: "kpi_1m", shape: .tumbling(size: EventTime.minute)),
      .init(name: "kpi_hop", shape: .hopping(size: 900_000, slide: 300_000), groupBy: ["geo_country"]),
    ]
    return settings
  }

  /// Other windows, other groups, other sessions, other keys of sessions.
  private static var otherSettings: JobSettings {
    var settings = settings
    settings.rollups = [
      .init(name: "kpi_day", shape: .calendar(.day, zone: .utc), groupBy: ["device_os"]),
      .init(name: "kpi_1m", shape: .tumbling(size: EventTime.minute)),
      .init(name: "kpi_7h", shape: .tumbling(size: 7 * EventTime.hour)),
    ]
    settings.sessionRules.gapMilliseconds = 7 * EventTime.minute
    settings.sessionMode = .derived
    settings.funnelSteps = ["page_view", "purchase"]
    return settings
  }

  /// Files with late and malformed messages and copies of all kinds, around a midnight.
  private func files(seed: UInt64 = 5, count: Int = 600) throws -> [String] {
    var options = TrafficOptions()
    options.seed = seed
    options.eventCount = count
    options.users = 25
    options.partitions = 2
    (options.duplicateRate, options.farDuplicateRate, options.malformedRate) = (0.05, 0.03, 0.03)
    (options.lateRate, options.latenessMilliseconds) = (0.05, 60 * EventTime.minute)
    (options.start, options.spanMilliseconds) = (1_700_085_600_000, 4 * EventTime.hour)
    var lines = [[[UInt8]]](repeating: [], count: 2)
    for line in try Traffic(options) { lines[line.partition].append(line.bytes) }
    return try place.write(lines)
  }

  private func run(_ name: String, _ settings: JobSettings = Self.settings) throws -> EngineRun {
    try EngineRun(settings, in: place.file(name))
  }

  @discardableResult
  private func rebuild(_ run: EngineRun, rowsPerPass: Int = Rebuild.rowsPerPass) throws -> Commit {
    let directory = try DataDirectory(path: run.directory, configuration: nil, fileSystem: run.fileSystem)
    return try #require(try JobRebuild.run(run.job, directory, rowsPerPass: rowsPerPass))
  }

  private func expectGood(_ run: EngineRun, _ comment: Comment? = nil) throws {
    let report = try run.verify()
    #expect(report.isGood, "\(comment?.rawValue ?? ""): \(report.text)")
  }

  @Test func withTheSameDefinitionsNothingChanges() throws {
    let run = try run("data")
    try run.runOnDispatch(files())
    let before = try run.exportAll()
    #expect(before.values.allSatisfy { $0.split(separator: "\n").count > 3 })
    let commit = try #require(try run.newestCommit())
    let rebuilt = try rebuild(run)
    #expect(rebuilt.epoch == commit.epoch + 1 && rebuilt.sources == commit.sources)
    #expect(rebuilt.sealedThrough == commit.sealedThrough && rebuilt.watermark == commit.watermark)
    for table in ["events", "dead_letters", "waiting"] {
      #expect(rebuilt.tables.first { $0.name == table } == commit.tables.first { $0.name == table }, "\(table)")
    }
    #expect(try run.exportAll() == before)
    try expectGood(run)
  }

  @Test func otherDefinitionsGiveWhatAFreshBackfillGives() throws {
    let paths = try files()
    try run("data").runOnDispatch(paths)
    let fresh = try run("fresh", Self.otherSettings)
    try fresh.runOnDispatch(paths)
    let other = try run("data", Self.otherSettings)
    let refusal = #expect(throws: DataDirectoryError.self) { try other.open() }
    #expect(refusal?.description.contains("riffle rebuild") == true)
    try rebuild(other)
    #expect(try other.exportAll() == fresh.exportAll())
    try expectGood(other)
    let old = #expect(throws: DataDirectoryError.self) { try run("data").open() }
    #expect(old?.description.contains("riffle rebuild") == true)
  }

  /// A live directory: windows and sessions are open, messages wait. What comes after the rebuild meets the state that
  /// it would have met anyway.
  @Test(arguments: [UInt64](1...6)) func anUnfinishedRunGoesOn(_ seed: UInt64) throws {
    let paths = try files(seed: seed)
    for settings in [Self.settings, Self.otherSettings] {
      let name = settings.rollups[0].name
      let fresh = try run("fresh-\(name)", settings)
      try fresh.runOnDispatch(paths)
      var interrupted = try run("data-\(name)")
      interrupted.repairsAlong = seed % 2 == 0
      for steps in 1...10 where try interrupted.newestCommit() == nil {
        try interrupted.simulate(paths, seed: seed, checkpointOdds: 12, steps: steps * (60 + Int(seed) * 20))
      }
      let before = try interrupted.exportAll()
      var other = try run("data-\(name)", settings)
      other.repairsAlong = interrupted.repairsAlong
      // As many passes as there are keys, or one.
      try rebuild(other, rowsPerPass: seed > 3 ? 20 : 1_000)
      let states = try #require(try other.newestCommit()).operatorStates
      #expect(states["merger"].map { $0[0].byteCount > 100 } == true, "there are open windows")
      try expectGood(other, "\(name) when it was interrupted")
      if name == "kpi_1m" { #expect(try other.exportAll() == before) }
      try other.simulate(paths, seed: seed + 100, checkpointOdds: 30)
      let (found, expected) = (try other.exportAll(), try fresh.exportAll())
      for (table, rows) in expected where table != "events" { #expect(found[table] == rows, "\(table), \(name)") }
      try expectGood(other, "\(name) at its end")
    }
  }

  @Test func aFinishedDirectoryTakesMoreFiles() throws {
    let paths = try files()
    let fresh = try run("fresh", Self.otherSettings)
    try fresh.runOnDispatch(paths)
    try run("data").runOnDispatch([paths[0]])
    let other = try run("data", Self.otherSettings)
    try rebuild(other, rowsPerPass: 50)
    try rebuild(other)
    try other.runOnDispatch([paths[1]])
    let (found, expected) = (try other.exportAll(), try fresh.exportAll())
    for (table, rows) in expected where table != "events" { #expect(found[table] == rows, "\(table)") }
    try expectGood(other)
  }

  @Test func filesOfTablesThatAreGoneGoWithTheLastCommitThatNamesThem() throws {
    try run("data").runOnDispatch(files())
    let other = try run("data", Self.otherSettings)
    for _ in 0..<CommitLog.keptCommits { try rebuild(other) }
    #expect(try place.contents(of: "data").keys.filter { $0.hasPrefix("kpi_hop/") }.isEmpty)
    #expect(try place.contents(of: "data").keys.contains { $0.hasPrefix("kpi_day/") })
  }

  @Test func aDiskThatFailsLeavesTheOldTablesOrTheNewOnes() throws {
    try run("before").runOnDispatch(files(count: 150))
    let old = try run("before").exportAll()
    var other = try run("undisturbed", Self.otherSettings)
    try place.copy("before", to: "undisturbed")
    let disk = FaultyFileSystem()
    other.fileSystem = disk
    try rebuild(other)
    let new = try other.exportAll()
    #expect(disk.changes > 20)
    for failsAt in 1...disk.changes {
      try place.copy("before", to: "disturbed-\(failsAt)")
      var disturbed = try run("disturbed-\(failsAt)", Self.otherSettings)
      let disk = FaultyFileSystem(failsAt: failsAt, code: EIO)
      disturbed.fileSystem = disk
      #expect(throws: (any Error).self, "change \(failsAt)") { try rebuild(disturbed) }
      if failsAt % 2 == 0 { try disk.loseUnsynchronized() }
      let isNew = try #require(try disturbed.newestCommit()).configuration == other.job.landing.configuration
      let found = isNew ? try disturbed.exportAll() : try run("disturbed-\(failsAt)").exportAll()
      #expect(found == (isNew ? new : old), "change \(failsAt)")
    }
  }

  @Test func theResultMayGoToAnotherDirectory() throws {
    let paths = try files()
    try run("data").runOnDispatch(paths)
    let before = try place.contents(of: "data")
    let fresh = try run("fresh", Self.otherSettings)
    try fresh.runOnDispatch(paths)
    let other = try run("other", Self.otherSettings)
    // Somebody works on it.
    let holder = try run("data").open()
    let commit = try JobRebuild.run(
      other.job, from: place.file("data"), to: other.directory, fileSystem: LocalFileSystem())
    #expect(commit?.epoch == holder.commit.map { $0.epoch + 1 })
    #expect(try other.exportAll() == fresh.exportAll())
    #expect(try place.contents(of: "data").filter { $0.key != "LOCK" } == before.filter { $0.key != "LOCK" })
    #expect(throws: OccupiedDirectoryError.self) {
      try JobRebuild.run(other.job, from: place.file("data"), to: other.directory, fileSystem: LocalFileSystem())
    }
    try expectGood(other)
  }
}
