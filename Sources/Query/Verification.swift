internal import Checkpoints
internal import ColdStore
internal import Columns
public import Commerce
internal import Landing
internal import Telemetry
internal import Windows

/// Checks a snapshot against itself (SEMANTICS §21): no newer commit is damaged, every checksum is right, every message
/// is accounted for, every stored KPI, session and order is equal to what the stored events give.
public enum Verification {
  /// One check and what came of it.
  public struct Check: Sendable {
    public let name: String
    /// What was looked at: `31 segments`.
    public let scope: String
    /// What is wrong, the first few; empty if all is well.
    public internal(set) var failures: [String]
  }

  public struct Report: Sendable {
    public let checks: [Check]

    public var isGood: Bool { checks.allSatisfy(\.failures.isEmpty) }

    /// A line a check, and its failures below it.
    public var text: String {
      checks.map { check in
        let verdict = check.failures.isEmpty ? "ok    " : "FAILED"
        return (["\(verdict)  \(check.name): \(check.scope)"] + check.failures.map { "          \($0)" })
          .joined(separator: "\n") + "\n"
      }.joined()
    }

    public var json: String {
      let items = checks.map { check -> String in
        var line: [UInt8] = []
        let values: [OutputValue] = [
          .text(check.name), .boolean(check.failures.isEmpty), .text(check.scope),
          .json(Verification.list(check.failures)),
        ]
        RowPrinter(format: .ndjson, columns: ["check", "ok", "scope", "failures"]).append(values, to: &line)
        return String(decoding: line.dropLast(), as: UTF8.self)
      }
      return "{\"ok\":\(isGood),\"checks\":[" + items.joined(separator: ",") + "]}"
    }
  }

  private static let shownFailures = 10

  /// Runs all checks; reads everything that `snapshot` names.
  public static func run(_ snapshot: Snapshot, job: Job) throws -> Report {
    try snapshot.check(job)
    let checksums = try checksums(snapshot)
    var checks = [commits(snapshot), checksums, conservation(snapshot)]
    guard checksums.failures.isEmpty else { return Report(checks: checks) }
    checks.append(try rows(snapshot))
    // Recomputing needs sealed state and stored events to be of one cut, which every commit is.
    let recomputed = try Recomputation(snapshot, job: job)
    for table in job.rollupTables { checks.append(try kpis(snapshot, job: job, table, recomputed)) }
    checks.append(try sessions(snapshot, job: job, recomputed))
    checks.append(try orders(snapshot, job: job, recomputed))
    return Report(checks: checks)
  }

  /// Commits that were passed over because they or their files are damaged: what follows is said of an older one.
  private static func commits(_ snapshot: Snapshot) -> Check {
    Check(
      name: "commits", scope: "the newest good one is \(snapshot.commit.epoch)",
      failures: Array(snapshot.skipped.prefix(shownFailures)))
  }

  private static func checksums(_ snapshot: Snapshot) throws -> Check {
    var failures: [String] = []
    var fileCount = 0
    for state in snapshot.commit.tables {
      do {
        for (_, file) in try snapshot.table(state.name).files() {
          fileCount += 1
          do { try file.verify() } catch { failures.append("\(error)") }
        }
      } catch {
        failures.append("\(error)")
      }
    }
    return Check(name: "checksums", scope: "\(fileCount) files", failures: Array(failures.prefix(shownFailures)))
  }

  private static func conservation(_ snapshot: Snapshot) -> Check {
    let failures = snapshot.commit.sources.filter { !$0.isConserved }.map {
      "\($0.topic): received \($0.received), but accepted \($0.accepted) + duplicates \($0.duplicates) + waiting "
        + "\($0.waiting) + dead letters \($0.deadLetters)"
    }
    return Check(
      name: "conservation", scope: "\(snapshot.commit.sources.count) partitions",
      failures: Array(failures.prefix(shownFailures)))
  }

  /// Counters against the rows that are there.
  private static func rows(_ snapshot: Snapshot) throws -> Check {
    var failures: [String] = []
    for (table, count) in [
      (TableNames.events, \SourceState.accepted), (TableNames.deadLetters, \SourceState.deadLetters),
      (TableNames.waiting, \SourceState.waiting),
    ] {
      let counted =
        snapshot.commit.sources.reduce(0) { $0 + Int($1[keyPath: count]) } - snapshot.commit.droppedRows(of: table)
      let stored = try snapshot.table(table).rowCount
      if stored != counted { failures.append("\(table) has \(stored) rows, the counters say \(counted)") }
    }
    return Check(name: "rows", scope: "3 tables", failures: failures)
  }

  private static func kpis(
    _ snapshot: Snapshot, job: Job, _ table: RollupTable, _ recomputed: Recomputation
  ) throws -> Check {
    let kept = RetainedSpan(snapshot.commit, table.rollup.name)
    let stored = try KpiRows(snapshot, job: job, rollup: table.rollup.name).windows.filter(kept.holds)
    let expected = recomputed.kpis(table, job: job, watermark: snapshot.commit.watermark).windows.filter(kept.holds)
    var failures: [String] = []
    if stored.count != expected.count {
      failures.append("\(stored.count) windows are stored, the events give \(expected.count)")
    }
    for (left, right) in zip(stored, expected) {
      guard left.window != right.window || left.group != right.group || left.value != right.value else { continue }
      failures.append("the window of \(EventTime.text(right.window.lowerBound)) differs from its events")
      if failures.count == shownFailures { break }
    }
    return Check(name: table.rollup.name, scope: "\(expected.count) windows", failures: failures)
  }

  private static func sessions(_ snapshot: Snapshot, job: Job, _ recomputed: Recomputation) throws -> Check {
    let storedRows = try SessionRows(snapshot, job: job)
    let expectedRows = SessionRows(recomputed.sessions(job), job: job)
    let kept = RetainedSpan(snapshot.commit, TableNames.sessions)
    let cut = kept.keysThatWereCut(expectedRows, gapMilliseconds: job.settings.sessionRules.gapMilliseconds)
    let stored = kept.sessions(storedRows, but: cut)
    let expected = kept.sessions(expectedRows, but: cut)
    var failures: [String] = []
    if stored.count != expected.count {
      failures.append("\(stored.count) sessions are stored, the events give \(expected.count)")
    }
    for (left, right) in zip(stored, expected) where failures.count < shownFailures {
      if try storedRows.values(left) != expectedRows.values(right) {
        failures.append("session \(right + 1) in order differs from its events")
      }
    }
    return Check(name: TableNames.sessions, scope: "\(expected.count) sessions", failures: failures)
  }

  /// Row by row what is stored of orders, since each row is one event's.
  private static func orders(_ snapshot: Snapshot, job: Job, _ recomputed: Recomputation) throws -> Check {
    let kept = RetainedSpan(snapshot.commit, TableNames.orders)
    var rows = BatchBuilder(job.orders.schema)
    try snapshot.table(TableNames.orders).forEachPiece { rows.append($0.batch, rows: $0.rows) }
    let stored = OrderRows(kept.rows(rows.build(), time: job.orders.timeColumn), job: job)
    let expected = OrderRows(kept.rows(recomputed.orders, time: job.orders.timeColumn), job: job)
    var failures: [String] = []
    if stored.count != expected.count {
      failures.append("\(stored.count) orders are stored, the events give \(expected.count)")
    }
    for index in 0..<min(stored.count, expected.count) where failures.count < shownFailures {
      if stored.values(index) != expected.values(index) {
        failures.append("order \(index + 1) in order differs from its events")
      }
    }
    return Check(name: TableNames.orders, scope: "\(expected.count) orders", failures: failures)
  }

  private static func list(_ texts: [String]) -> [UInt8] {
    var json = JSONWriter()
    json.array { json in texts.forEach { json.string($0) } }
    return json.bytes
  }
}

/// KPIs and sessions computed once more from the stored events, in one pass, without the operators' state.
struct Recomputation {
  private struct Keyed {
    let key: [UInt8]
    var events: [SessionEvent]
  }

  private var windows: [[PaneKey<GroupValues>: PartialAggregate]]
  private var keys: [Hash128: Keyed] = [:]
  private var texts = SessionTexts()
  /// What the table of orders has of the events.
  private(set) var orders: Batch

  init(_ snapshot: Snapshot, job: Job) throws {
    windows = job.rollupTables.map { _ in [:] }
    let aggregator = WindowAggregator(rollups: job.keyed.rollups, distinctExactLimit: job.settings.distinctExactLimit)
    var lines = BatchBuilder(job.orders.schema)
    orders = lines.build()
    let columns = EventSchema.names.all + job.settings.rollups.flatMap(\.groupBy)
    try snapshot.table(TableNames.events).forEachPiece(columns: columns) { piece in
      let events = job.landing.stored.events(piece.batch)
      for partial in aggregator.aggregate(events, rows: piece.rows) {
        if windows[partial.rollup][partial.key]?.merge(partial.value) == nil {
          windows[partial.rollup][partial.key] = partial.value
        }
      }
      if let slice = job.orders.slice(piece.batch, codes: events.types, rows: piece.rows) {
        lines.append(slice.batch, rows: slice.rows ?? [])
      }
      let reader = SessionEventReader(events)
      for row in piece.rows {
        let event = reader.event(Int(row), texts: &texts)
        let hash = events.sessionHashes[Int(row)]
        if keys[hash]?.events.append(event) == nil {
          keys[hash] = Keyed(key: events.sessionKey(Int(row)), events: [event])
        }
      }
    }
    orders = lines.build()
  }

  func kpis(_ table: RollupTable, job: Job, watermark: Int64) -> KpiRows {
    let index = job.rollupTables.firstIndex { $0.rollup.name == table.rollup.name } ?? 0
    var merged: [PaneKey<GroupValues>: KpiWindow] = [:]
    for (key, value) in windows[index] {
      for window in table.rollup.shape.windows(overPane: key.pane) {
        let windowKey = PaneKey(pane: window, group: key.group)
        if merged[windowKey]?.value.merge(value) == nil {
          merged[windowKey] = KpiWindow(window: window, group: key.group, value: value)
        }
      }
    }
    return KpiRows(Array(merged.values), rollup: table.rollup, settings: job.settings, watermark: watermark)
  }

  func sessions(_ job: Job) -> Batch {
    var rows = BatchBuilder(job.keyed.sessionTable.schema)
    for keyed in keys.values {
      let events = keyed.events.sorted(by: <)
      for range in job.keyed.sessionRules.sessions(of: events) {
        job.keyed.sessionTable.append(key: keyed.key, events: events[range], texts: texts, to: &rows)
      }
    }
    return rows.build()
  }
}
