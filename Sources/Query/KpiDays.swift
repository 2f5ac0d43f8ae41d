internal import ColdStore
internal import Columns
internal import Commerce
internal import Encodings
internal import Landing
internal import Windows

/// The rows of a rollup day by day, in the order of `KpiRows`: of no more than one day are partials, with their sets of
/// distinct things, in memory at once.
struct KpiDays {
  private let snapshot: Snapshot
  private let job: Job
  private let rollup: String
  private let live: [MergerState.Live]
  private let groups: [TableReader.Group]
  /// Where panes begin: the first, and behind the last. Nil where there are none.
  private let panes: Range<Int64>?

  /// Opens the files of `rollup` at `snapshot` that may hold a pane of a window which overlaps `range`; all where nil.
  /// O(row groups).
  init(_ snapshot: Snapshot, job: Job, rollup name: String, overlapping range: Range<Int64>?) throws {
    (self.snapshot, self.job, rollup) = (snapshot, job, name)
    live = try snapshot.mergerState(job)?.live.filter { job.rollupTables[$0.rollup].rollup.name == name } ?? []
    groups = try snapshot.table(name).groups(in: nil) { _ in true }.groups
    var (first, last) = (Int64.max, Int64.min)
    func add(_ start: Int64) { (first, last) = (min(first, start), max(last, start)) }
    for group in groups {
      guard case .integers(let minimum, let maximum) = group.header.zoneMap(RollupTable.paneStart) else { continue }
      add(minimum)
      add(maximum)
    }
    for part in live { add(part.key.pane.lowerBound) }
    // A window begins at its first pane or before: where the range ends before that, windows may still reach from its
    // end into what is there. What begins before the range is of no use to whoever asks for it.
    let end = range?.upperBound ?? .max
    let (lower, upper) = (min(max(first, range?.lowerBound ?? first), end - 1), min(last, end - 1))
    panes = first <= last && lower <= upper ? lower..<upper + 1 : nil
  }

  /// Calls `body` with the rows of one day after the other, and those of them that begin on that day, or before the
  /// first.
  func forEach(_ body: (KpiRows, [KpiWindow]) throws -> Void) throws {
    guard let panes else { return }
    var start = panes.lowerBound
    while start < panes.upperBound {
      let end = min((EventTime.floorDivide(start, EventTime.day) + 1) * EventTime.day, panes.upperBound)
      let begin = start == panes.lowerBound ? Int64.min : start
      let rows = try KpiRows(
        snapshot, job: job, rollup: rollup, live: live,
        { WindowFilter($0, overlapping: start..<end, beginningFrom: begin) }, read)
      let begun = rows.windows.filter { $0.window.lowerBound < end }
      if !begun.isEmpty { try body(rows, begun) }
      start = end
    }
  }

  private func read(_ predicates: [ZonePredicate], _ body: (Batch, SelectionVector) throws -> Void) throws {
    for group in groups where predicates.allSatisfy({ $0.mayMatch(group.header) }) {
      try body(try group.readAll(), group.rows)
    }
  }
}
