import Checkpoints
import ColdStore
import Columns
import Commerce
import CommerceTestSupport
import Dataflow
import Landing
import Synchronization
import TestSupport
import Testing
import Windows

/// A day of checkpoints, five simulated seconds apart, with the settings of a live run; only tails are cut oftener.
@Suite struct CompactedDayTests {
  private static let checkpointsOfDay = 17_280
  /// What the README says: fewer than four files of each size, which is one here, the tail, and what came since the
  /// last merge.
  private static let mostFiles = 3 + 1 + 4

  /// What is to be done aside, a step at each checkpoint.
  private final class Asides: Sendable {
    private let waiting = Mutex<[@Sendable () -> Void]>([])
    private let asked = Mutex<[AsideUrgency]>([])

    /// How soon each thing was to be done.
    var urgencies: [AsideUrgency] { asked.withLock { $0 } }

    func add(_ urgency: AsideUrgency, _ work: @escaping @Sendable () -> Void) {
      asked.withLock { $0.append(urgency) }
      waiting.withLock { $0.append(work) }
    }

    func next() {
      let work = waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
      work?()
    }
  }

  @Test func theFilesOfADayStayFew() throws {
    let place = TemporaryDirectory()
    let files = FaultyFileSystem()
    let (job, directory) = (try Job(JobSettings()), place.file("data"))
    let asides = Asides()
    let newest = Mutex(Commit(epoch: 0))
    let landing = try landing(
      job, directory, files, asides, onCommit: { commit in newest.withLock { $0 = commit } })
    var (mostFiles, merged) = (0, Set<String>())
    for checkpoint in 0..<Self.checkpointsOfDay {
      try land(checkpoint, on: landing, job)
      try landing.snapshot(at: UInt64(checkpoint + 1))
      asides.next()
      for table in newest.withLock({ $0.tables }) {
        mostFiles = max(mostFiles, table.paths.count)
        merged.formUnion(table.segments.filter { $0.level > 0 }.map(\.path))
      }
    }
    #expect(mostFiles <= Self.mostFiles, "\(mostFiles) files")
    #expect(merged.count > 4, "something was merged")
    let last = newest.withLock { $0 }
    try expectAllRows(last, job, directory, files)
    let stored = try files.list("\(directory)/dead_letters/1970-01-01") + files.list("\(directory)/dead_letters")
    #expect(stored.count < 3 * Self.mostFiles, "what is replaced is swept")
  }

  /// A merge that fails is tried again, less and less often, until it succeeds.
  @Test func whatCouldNotBeMergedIsTriedAgain() throws {
    let place = TemporaryDirectory()
    let files = FaultyFileSystem()
    files.fail { operation, path in path.contains("/merged-") }
    let job = try Job(JobSettings())
    let asides = Asides()
    let notes = Mutex<[(checkpoint: Int, note: CompactionNote)]>([])
    let checkpoint = Mutex(0)
    let landing = try landing(
      job, place.file("data"), files, asides,
      onCompaction: { note in notes.withLock { $0.append((checkpoint.withLock { $0 }, note)) } })
    let healedAt = 3000
    for number in 0..<9000 {
      if number == healedAt { files.heal() }
      checkpoint.withLock { $0 = number }
      try land(number, on: landing, job)
      try landing.snapshot(at: UInt64(number + 1))
      asides.next()
    }
    let letters = notes.withLock { $0 }.filter { $0.note.table == TableNames.deadLetters }
    let failed = letters.filter { $0.note.problem != nil }.map(\.checkpoint)
    // Merges begin when there are four files of 180 row groups, twelve checkpoints after the last at least.
    #expect(failed.count > 3 && failed.count < 10 && failed.allSatisfy { $0 < healedAt + 13 }, "\(failed)")
    #expect(zip(failed, failed.dropFirst()).allSatisfy { $1 - $0 >= 12 })
    let succeeded = try #require(letters.first { $0.note.problem == nil }?.checkpoint)
    #expect(succeeded > healedAt && succeeded < healedAt + 3100, "\(failed), then \(succeeded)")
  }

  /// A merge that gets a step every fifty checkpoints, as where processors are never idle, rests no more after a while,
  /// and then gives way no more. The next one rests again.
  @Test func aMergeThatStandsStillIsHurried() throws {
    let place = TemporaryDirectory()
    let job = try Job(JobSettings())
    let asides = Asides()
    let checkpoint = Mutex(0)
    let merged = Mutex<[Int]>([])
    let landing = try landing(
      job, place.file("data"), FaultyFileSystem(), asides, mergeMemory: 20_000,
      onCompaction: { note in
        if note.table == TableNames.deadLetters { merged.withLock { $0.append(checkpoint.withLock { $0 }) } }
      })
    var soonFrom: Int?
    for number in 0..<3000 {
      checkpoint.withLock { $0 = number }
      try land(number, on: landing, job)
      try landing.snapshot(at: UInt64(number + 1))
      if soonFrom == nil, asides.urgencies.contains(.soon) { soonFrom = number }
      if soonFrom != nil || number % 50 == 0 { asides.next() }
    }
    // The first merge begins when four files of 180 row groups are there.
    let hurried = try #require(soonFrom)
    #expect(hurried > 720 + 60 && hurried < 720 + 60 + 150)
    let ends = merged.withLock { $0 }
    #expect(ends.count > 1 && ends[0] > hurried && ends[0] < hurried + 100, "\(ends)")
    let urgencies = asides.urgencies
    let soon = try #require(urgencies.firstIndex(of: .soon))
    let (resting, working) = (AsideUrgency.whenIdle(restPerWork: 4), AsideUrgency.whenIdle(restPerWork: 0))
    #expect(urgencies[..<soon].contains(resting))
    #expect(urgencies[..<soon].drop { $0 == resting }.allSatisfy { $0 == working })
    #expect(urgencies[soon...].contains(resting))
  }

  /// The sink of `job`, which cuts a tail of 180 row groups and merges every twelve checkpoints.
  private func landing(
    _ job: Job, _ directory: String, _ files: any FileSystem, _ asides: Asides, mergeMemory: Int? = nil,
    onCompaction: @escaping @Sendable (CompactionNote) -> Void = { _ in },
    onCommit: @escaping @Sendable (Commit) -> Void = { _ in }
  ) throws -> Landing {
    let store = StorePlan(
      directory: directory, fileSystem: files, rowGroupRows: job.settings.rowGroupRows,
      segmentBytes: job.settings.segmentBytes)
    let tables = try job.tables.map { table in
      try TableStore(
        name: table.name, schema: table.schema, timeColumn: table.timeColumn, plan: store, continuing: nil, sequence: 1)
    }
    var plan = job.landing
    plan.compaction = job.compactionRules
    plan.compaction?.tailGroups = 180
    if let mergeMemory { plan.compaction?.memoryBytes = mergeMemory }
    plan.checkpointsPerMerge = 12
    plan.compactedTables = job.compactedTables
    var commit = Commit(epoch: 0)
    commit.sources = [SourceState(id: 0, topic: "a", partition: 0)]
    return Landing(
      plan: plan, store: store, tables: Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) }),
      log: CommitLog(directory: directory, fileSystem: files), commit: commit, checkpoints: CheckpointCollector(),
      runAside: asides.add, onCompaction: onCompaction
    ) { commit, _ in onCommit(commit) }
  }

  /// A dead letter each time; each minute a window that is sealed, and one more delta of the first.
  private func land(_ checkpoint: Int, on landing: Landing, _ job: Job) throws {
    var letters = BatchBuilder(try #require(job.tables.first { $0.name == TableNames.deadLetters }).schema)
    letters.append(Int64(0), to: 0)
    letters.append(Int64(checkpoint), to: 1)
    letters.append("malformed_json", to: 2)
    letters.append(String?.none, to: 3)
    letters.append("{ \(checkpoint)", to: 4)
    try landing.process(.rows(table: TableNames.deadLetters, letters.build()), from: 0)
    var counts = SourceCounts()
    (counts.received, counts.deadLetters, counts.reasons) = (1, 1, ["malformed_json": 1])
    try landing.process(.counts(source: 0, counts), from: 0)
    guard checkpoint % 12 == 0 else { return }
    let table = job.rollupTables[0]
    var rows = BatchBuilder(table.schema)
    var value = PartialAggregate(table.rollup.measures, distinctExactLimit: job.settings.distinctExactLimit)
    value.eventCount = 1
    for (minute, kind) in [(checkpoint / 12, .sealed), (0, .delta)] as [(Int, RollupTable.Kind)] {
      let start = Int64(minute) * EventTime.minute
      table.append(PaneKey(pane: start..<start + EventTime.minute, group: []), value, kind, to: &rows)
    }
    try landing.process(.rows(table: table.rollup.name, rows.build()), from: 0)
  }

  private func expectAllRows(_ commit: Commit, _ job: Job, _ directory: String, _ files: any FileSystem) throws {
    func reader(_ name: String) throws -> TableReader {
      TableReader(
        state: try #require(commit.tables.first { $0.name == name }), directory: directory, fileSystem: files)
    }
    var offsets: [Int64] = []
    try reader(TableNames.deadLetters).forEachPiece { piece in
      offsets += piece.rows.map { piece.batch.integers(1).values[Int($0)] }
    }
    #expect(offsets.sorted() == Array(0..<Int64(Self.checkpointsOfDay)))
    let table = job.rollupTables[0]
    var (sealed, delta, rowCount) = (0, Int64(0), 0)
    try reader(table.rollup.name).forEachPiece { piece in
      for row in piece.rows {
        let (_, value, kind) = try table.partial(piece.batch, row: Int(row))
        rowCount += 1
        if kind == .sealed { sealed += 1 } else { delta += value.eventCount }
      }
    }
    #expect(sealed == 1_440 && delta == 1_440)
    #expect(rowCount < 1_440 + 1_440 * 3 / 4, "deltas of one window became few rows")
  }
}
