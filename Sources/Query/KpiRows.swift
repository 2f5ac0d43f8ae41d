internal import Checkpoints
internal import ColdStore
internal import Columns
public import Commerce
internal import Encodings
public import HotIndex
internal import Landing
internal import Telemetry
public import Windows

/// One window of a rollup, merged from all its partials: sealed, deltas, live.
public struct KpiWindow: Sendable {
  public let window: Range<Int64>
  public let group: GroupValues
  public internal(set) var value: PartialAggregate
  /// Events that came after the window was sealed.
  public internal(set) var deltaEvents: Int64 = 0
  /// Whether some of it is still live.
  public internal(set) var isLive = false
}

/// Reads rollups: one row for each window and group.
public struct KpiRows: Sendable {
  public let windows: [KpiWindow]
  private let rollup: Rollup
  private let currency: [UInt8]?
  private let watermark: Int64

  /// The rows of `rollup` at `snapshot` whose windows overlap `range` (all of them where nil), by start and group.
  /// O(partials of the row groups that may lie in the range), in memory.
  public init(_ snapshot: Snapshot, job: Job, rollup name: String, overlapping range: Range<Int64>? = nil) throws {
    let live = try snapshot.mergerState(job)?.live ?? []
    try self.init(
      snapshot, job: job, rollup: name, live: live, { WindowFilter($0, overlapping: range) },
      KpiRows.pieces(snapshot, name))
  }

  /// The rows of `rollup` at `snapshot` that are `wanted`, each a window and a group.
  ///
  /// - Parameter live: the snapshot's live windows, which the caller has read already.
  public init(
    _ snapshot: Snapshot, job: Job, rollup name: String, only wanted: Set<PaneKey<GroupValues>>,
    live: [MergerState.Live]
  ) throws {
    try self.init(
      snapshot, job: job, rollup: name, live: live, { WindowFilter($0, only: wanted) }, KpiRows.pieces(snapshot, name))
  }

  /// Calls a body with the visible stored partials of every row group that may hold one matching all predicates.
  typealias PartialReading = ([ZonePredicate], (Batch, SelectionVector) throws -> Void) throws -> Void

  private static func pieces(_ snapshot: Snapshot, _ name: String) -> PartialReading {
    { predicates, body in
      try snapshot.table(name).forEachPiece(matching: predicates) { try body($0.batch, $0.rows) }
    }
  }

  init(
    _ snapshot: Snapshot, job: Job, rollup name: String, live: [MergerState.Live],
    _ filter: (WindowShape) -> WindowFilter, _ read: PartialReading
  ) throws {
    guard let index = job.rollupTables.firstIndex(where: { $0.rollup.name == name }) else {
      throw DataDirectoryError("no rollup '\(name)' is configured")
    }
    let table = job.rollupTables[index]
    let filter = filter(table.rollup.shape)
    var merged: [PaneKey<GroupValues>: KpiWindow] = [:]
    func merge(_ key: PaneKey<GroupValues>, _ value: PartialAggregate, isDelta: Bool, isLive: Bool) {
      for window in table.rollup.shape.windows(overPane: key.pane) {
        let windowKey = PaneKey(pane: window, group: key.group)
        guard filter.contains(windowKey) else { continue }
        if merged[windowKey] == nil {
          merged[windowKey] = KpiWindow(window: window, group: key.group, value: value)
        } else {
          merged[windowKey]?.value.merge(value)
        }
        if isDelta { merged[windowKey]?.deltaEvents += value.eventCount }
        if isLive { merged[windowKey]?.isLive = true }
      }
    }
    try read(filter.predicates) { batch, rows in
      let starts = batch.integers(0).values
      for row in rows where filter.mayNeedPane(at: starts[Int(row)]) {
        let (key, value, kind) = try table.partial(batch, row: Int(row))
        merge(key, value, isDelta: kind == .delta, isLive: false)
      }
    }
    for live in live where live.rollup == index {
      merge(live.key, live.value, isDelta: false, isLive: true)
    }
    self.init(Array(merged.values), rollup: table.rollup, settings: job.settings, watermark: snapshot.commit.watermark)
  }

  init(_ windows: [KpiWindow], rollup: Rollup, settings: JobSettings, watermark: Int64) {
    self.windows = windows.sorted(by: KpiRows.precedes)
    self.rollup = rollup
    self.watermark = watermark
    currency = settings.currency.map { Array($0.utf8) }
  }

  private static func precedes(_ left: KpiWindow, _ right: KpiWindow) -> Bool {
    guard left.window == right.window else {
      return (left.window.lowerBound, left.window.upperBound) < (right.window.lowerBound, right.window.upperBound)
    }
    for (first, second) in zip(left.group, right.group) where first != second {
      // Rows without a value come first.
      guard let first, let second else { return first == nil }
      return first.lexicographicallyPrecedes(second)
    }
    return false
  }

  /// Where the newest pane begins of which anything is stored or live at `snapshot`; nil where there is none.
  /// O(row groups).
  public static func newestPaneStart(_ snapshot: Snapshot, job: Job, rollup name: String) throws -> Int64? {
    var newest: Int64?
    for (_, file) in try snapshot.table(name).files() {
      if case .integers(_, let maximum) = file.zoneMap(RollupTable.paneStart) {
        newest = max(newest ?? maximum, maximum)
      }
    }
    let live = try snapshot.mergerState(job)?.live.filter { job.rollupTables[$0.rollup].rollup.name == name } ?? []
    return ([newest] + live.map(\.key.pane.lowerBound)).compactMap { $0 }.max()
  }

  // MARK: - Columns

  public func columns(withCompleteness: Bool) -> [String] { fields(withCompleteness: withCompleteness).map(\.name) }

  func fields(withCompleteness: Bool) -> [QueryColumn] {
    KpiRows.fields(of: rollup, withCompleteness: withCompleteness)
  }

  static func fields(of rollup: Rollup, withCompleteness: Bool) -> [QueryColumn] {
    let completeness = [QueryColumn(name: "status", kind: .text), QueryColumn(name: "deltas", kind: .integer)]
    return ["window_start", "window_end"].map { QueryColumn(name: $0, kind: .time) }
      + rollup.groupBy.map { QueryColumn(name: $0, kind: .text) } + KpiMetrics.columns
      + (withCompleteness ? completeness : [])
  }

  public func values(_ row: KpiWindow, withCompleteness: Bool) -> [OutputValue] {
    values(row, status: status(row), withCompleteness: withCompleteness)
  }

  /// The same, with the status that the caller knows.
  public func values(_ row: KpiWindow, status: HotStatus, withCompleteness: Bool) -> [OutputValue] {
    let hot = HotWindow(row, status: status)
    let metrics = KpiMetrics(hot, measures: rollup.measures, currency: currency)
    return [.time(row.window.lowerBound), .time(row.window.upperBound)]
      + row.group.map { $0.map(OutputValue.text) ?? .null } + metrics.values.map { OutputValue($0.value) }
      + (withCompleteness ? [.text(hot.status.rawValue), .integer(row.deltaEvents)] : [])
  }

  /// The numbers of `row`, as those of windows in memory are kept.
  public func hotWindow(_ row: KpiWindow) -> HotWindow { HotWindow(row, status: status(row)) }

  private func status(_ row: KpiWindow) -> HotStatus {
    if row.isLive { return watermark < row.window.upperBound ? .open : .onTime }
    return row.deltaEvents > 0 ? .amended : .final
  }
}

extension OutputValue {
  /// A metric as tables print it.
  init(_ value: KpiValue) {
    switch value {
    case .count(let count): self = .integer(count)
    case .ratio(let ratio), .average(let ratio): self = .ratio(ratio.numerator, ratio.denominator)
    case .money(let amount): self = amount.map(OutputValue.money) ?? .null
    case .sums(let sums): self = MoneyText.byCurrency(sums.map { ($0.currency, $0.amount) })
    case .flag(let flag): self = .boolean(flag)
    case .unknown: self = .null
    }
  }
}

/// Sums of several currencies as text.
enum MoneyText {
  /// A JSON object of sums by currency where there is more than one, else null.
  static func byCurrency(_ sums: MoneyByCurrency) -> OutputValue {
    byCurrency(sums.entries.map { ($0.currency, $0.amount) })
  }

  static func byCurrency(_ sums: [(currency: [UInt8], amount: Int128)]) -> OutputValue {
    guard sums.count > 1 else { return .null }
    var json = JSONWriter()
    json.object { json in
      for entry in sums {
        json.key(String(decoding: entry.currency, as: UTF8.self))
        json.string(Money.text(entry.amount))
      }
    }
    return .json(json.bytes)
  }
}
