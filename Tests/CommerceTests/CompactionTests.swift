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

/// Compaction and retention of what a real run has stored.
@Suite struct CompactionTests {
  private let place = TemporaryDirectory()

  private static var settings: JobSettings {
    var settings = JobSettings()
    settings.maximumBatchRecords = 40
    settings.rowGroupRows = 32
    settings.segmentBytes = 20_000
    settings.allowedLatenessMilliseconds = 2 * EventTime.minute
    settings.deduplicationHorizonMilliseconds = 20 * EventTime.minute
    settings.compaction.rowGroupRows = 100
    settings.rollups = [
      .init(name: "kpi_1m", shape: .tumbling(size: EventTime.minute)),
      .init(name: "kpi_hop", shape: .hopping(size: 900_000, slide: 300_000), groupBy: ["geo_country"]),
    ]
    return settings
  }

  /// Files with late and malformed messages and copies of all kinds, around a midnight.
  private func files(seed: UInt64 = 5, count: Int = 600) throws -> [String] {
    var options = TrafficOptions()
    options.seed = seed
    options.eventCount = count
    options.users = 25
    options.partitions = 3
    (options.duplicateRate, options.farDuplicateRate, options.malformedRate) = (0.05, 0.03, 0.03)
    (options.lateRate, options.latenessMilliseconds) = (0.05, 60 * EventTime.minute)
    (options.start, options.spanMilliseconds) = (1_700_085_600_000, 4 * EventTime.hour)
    var lines = [[[UInt8]]](repeating: [], count: 3)
    for line in try Traffic(options) { lines[line.partition].append(line.bytes) }
    return try place.write(lines)
  }

  private func run(_ name: String, _ settings: JobSettings = Self.settings) throws -> EngineRun {
    try EngineRun(settings, in: place.file(name))
  }

  @discardableResult
  private func compact(_ run: EngineRun) throws -> [Compaction.Outcome] {
    try JobCompaction.run(run.job, run.open())
  }

  private func expectGood(_ run: EngineRun, _ comment: Comment? = nil) throws {
    let report = try run.verify()
    #expect(report.isGood, "\(comment?.rawValue ?? ""): \(report.text)")
  }

  /// Files read one after the other make many segments, late rows deletions and deltas.
  @Test func whatIsPrintedStaysAndASecondTimeNothingIsDone() throws {
    let run = try run("data")
    let files = try files()
    for end in 1...files.count {
      try run.simulate(Array(files.prefix(end)), seed: UInt64(end), checkpointOdds: 20)
    }
    let (before, raw) = (try run.exportAll(), try run.snapshot().commit)
    #expect(raw.tables.contains { !$0.deletions.isEmpty })
    let outcomes = try compact(run)
    let commit = try run.snapshot().commit
    #expect(outcomes.map(\.table).sorted() == commit.tables.map(\.name).filter { $0 != TableNames.waiting })
    #expect(outcomes.reduce(0) { $0 + $1.after.fileCount } < outcomes.reduce(0) { $0 + $1.before.fileCount })
    for outcome in outcomes where !outcome.table.hasPrefix("kpi") {
      #expect(outcome.before.rowCount == outcome.after.rowCount)
    }
    for table in commit.tables where table.name != TableNames.waiting {
      #expect(table.tail == nil && table.deletions.isEmpty && table.segments.allSatisfy { $0.level > 0 })
    }
    #expect(try run.exportAll() == before)
    try expectGood(run)
    #expect(try compact(run).allSatisfy { $0.before == $0.after })
    #expect(try run.snapshot().commit == commit, "there was nothing to do, and nothing was written")
  }

  /// Events are put in another order when the settings ask for one, and print the same.
  @Test func eventsAreInTheOrderThatIsAskedFor() throws {
    let files = try files()
    try run("data").simulate(files, seed: 1, checkpointOdds: 20)
    let before = try run("data").exportAll()
    for order in EventOrder.allCases + [.session] {
      var settings = Self.settings
      (settings.compactedEventOrder, settings.segmentBytes) = (order, 64 << 20)
      let run = try run("data", settings)
      try compact(run)
      let segments = try eventKeys(run)
      for keys in segments {
        switch order {
        case .session: #expect(runCount(keys.map(\.session)) == Set(keys.map(\.session)).count)
        case .user: #expect(runCount(keys.map(\.user)) == Set(keys.map(\.user)).count)
        case .time: #expect(keys.map(\.time) == keys.map(\.time).sorted())
        }
      }
      #expect(segments.joined().count > 400 && segments.count == 2, "\(order): a segment for each of two days")
      #expect(try run.exportAll() == before, "\(order)")
      #expect(try compact(run).allSatisfy { $0.before == $0.after }, "\(order)")
    }
  }

  /// Of each segment of events its rows' times, users and sessions, as they are stored.
  private func eventKeys(_ run: EngineRun) throws -> [[(time: Int64, user: String, session: String)]] {
    let commit = try run.snapshot().commit
    let table = try #require(commit.tables.first { $0.name == TableNames.events })
    return try table.segments.map { segment in
      let file = try SegmentReader.open("\(run.directory)/\(segment.path)", fileSystem: LocalFileSystem())
      let schema = Schema([Field("event_ts", .time), Field("user_id", .string), Field("session_id", .string)])
      return try file.groups.indices.flatMap { index in
        let batch = try file.read(index, as: schema)
        return (0..<batch.rowCount).map { row in
          let session = batch.strings(2).text(row) ?? ""
          return (batch.integers(0).values[row], batch.strings(1).text(row) ?? session, session)
        }
      }
    }
  }

  private func runCount(_ keys: [String]) -> Int {
    keys.indices.count { $0 == 0 || keys[$0] != keys[$0 - 1] }
  }

  /// Merged rows are found by what comes later: copies by the repair step, sessions by what joins them.
  @Test(arguments: 1...4 as ClosedRange<UInt64>) func aRunGoesOnBehindACompaction(seed: UInt64) throws {
    var (plain, compacted) = (try run("plain"), try run("compacted"))
    (plain.repairsAlong, compacted.repairsAlong) = (true, true)
    let files = try files(seed: seed)
    for end in 1...files.count {
      try plain.simulate(Array(files.prefix(end)), seed: seed, checkpointOdds: 20)
      try compacted.simulate(Array(files.prefix(end)), seed: seed, checkpointOdds: 20)
      try compact(compacted)
    }
    #expect(try compacted.exportAll() == plain.exportAll())
    try expectGood(compacted)
  }

  /// Whatever change to the disk is the last one before a crash: the directory is as before or as after a commit, and
  /// the next compaction comes to the same.
  @Test func aCrashLeavesTheOldOrTheNew() throws {
    let run = try run("data")
    let files = try files(count: 200)
    for end in 1...files.count { try run.simulate(Array(files.prefix(end)), seed: 7, checkpointOdds: 20) }
    let before = try run.exportAll()
    let count = FaultyFileSystem()
    func copy(_ name: String) throws -> EngineRun {
      _ = try DirectoryCopy.run(
        run.directory, to: place.file(name), suffix: "copy", fileSystem: LocalFileSystem()
      ) { _, source in source.epoch }
      return try self.run(name)
    }
    var counted = try copy("counted")
    counted.fileSystem = count
    try compact(counted)
    #expect(count.changes > 50)
    for failsAt in stride(from: 1, through: count.changes, by: 7) {
      var crashed = try copy("crashed-\(failsAt)")
      let faulty = FaultyFileSystem(failsAt: failsAt, code: EIO)
      crashed.fileSystem = faulty
      #expect(throws: FileError.self) { try compact(crashed) }
      if failsAt % 2 == 0 { try faulty.loseUnsynchronized() }
      #expect(try crashed.exportAll() == before, "the change \(failsAt)")
      crashed.fileSystem = LocalFileSystem()
      try compact(crashed)
      #expect(try crashed.exportAll() == before, "the change \(failsAt)")
      let state = try crashed.snapshot().commit.tables
      #expect(state.allSatisfy { $0.name == TableNames.waiting || $0.segments.allSatisfy { $0.level > 0 } })
    }
  }

  // MARK: - Retention

  /// Events of two days, five apart, and a watermark behind them.
  private func twoDays(_ settings: JobSettings) throws -> EngineRun {
    let run = try run("retained", settings)
    let minutes: [Int64] = [0, 1, 2, 700, 7_200, 7_201, 7_900]
    let path = place.file("retained.ndjson")
    _ = try place.write("retained.ndjson", lines: EventLine.views("a", session: "s", minutes: minutes))
    try run.simulate([path], seed: 1, checkpointOdds: 5)
    return run
  }

  @Test func wholeDaysGoAndTheRestVerifies() throws {
    var settings = Self.settings
    _ = try twoDays(settings)
    settings.eventRetentionMilliseconds = 2 * EventTime.day
    let run = try run("retained", settings)
    let before = try run.exportAll()
    let outcomes = try compact(run)
    let commit = try run.snapshot().commit
    let kept = try run.rows(of: TableNames.events).count
    #expect(kept > 0 && kept < 7)
    #expect(commit.droppedRows(of: TableNames.events) == 7 - kept)
    #expect(commit.droppedEnd(of: TableNames.events).map { $0 <= commit.watermark - 2 * EventTime.day } == true)
    #expect(outcomes.first { $0.table == TableNames.events }?.after.rowCount == kept)
    let after = try run.exportAll()
    #expect(after[TableNames.sessions] == before[TableNames.sessions] && after["kpi_1m"] == before["kpi_1m"])
    try expectGood(run)
    #expect(throws: DataDirectoryError.self, "KPIs would be lost") { try JobRebuild.run(run.job, run.open()) }
    #expect(try run.exportAll() == after)
  }

  @Test func eachTableHasItsOwnTime() throws {
    var settings = Self.settings
    let all = try twoDays(settings).exportAll()
    settings.kpiRetentionMilliseconds = 2 * EventTime.day
    let run = try run("retained", settings)
    try compact(run)
    let after = try run.exportAll()
    #expect(after[TableNames.events] == all[TableNames.events])
    #expect(after[TableNames.sessions] == all[TableNames.sessions])
    #expect(after["kpi_1m"] != all["kpi_1m"] && all["kpi_1m"]?.hasSuffix(after["kpi_1m"] ?? "-") == true)
    try expectGood(run)
    try JobRebuild.run(run.job, run.open())
    try expectGood(run)
  }
}
