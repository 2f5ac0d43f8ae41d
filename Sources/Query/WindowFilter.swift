internal import ColdStore
internal import Columns
internal import Windows

/// Which windows of a rollup a reader wants, and with that which panes it has to read.
struct WindowFilter {
  private let range: Range<Int64>?
  private let begin: Int64
  private let wanted: Set<PaneKey<GroupValues>>?
  /// Where the panes begin that are needed, at most.
  private let panes: Range<Int64>?
  private let paneStarts: Set<Int64>?

  /// The windows that overlap `range`, all where nil, of those that begin at `begin` or later.
  init(_ shape: WindowShape, overlapping range: Range<Int64>?, beginningFrom begin: Int64 = .min) {
    self.range = range
    self.begin = begin
    // Panes of windows that reach into the range may lie outside it.
    panes = range.map { range in
      let hull = shape.hull(overlapping: range)
      return max(hull.lowerBound, min(begin, hull.upperBound))..<hull.upperBound
    }
    (wanted, paneStarts) = (nil, nil)
  }

  /// These windows and groups alone. O(panes of all windows).
  init(_ shape: WindowShape, only wanted: Set<PaneKey<GroupValues>>) {
    self.wanted = wanted
    let starts = Set(Set(wanted.map(\.pane)).flatMap { shape.panes(of: $0).map(\.lowerBound) })
    paneStarts = starts
    panes = (starts.min() ?? 0)..<(starts.max().map { $0 + 1 } ?? 0)
    (range, begin) = (nil, .min)
  }

  func contains(_ window: PaneKey<GroupValues>) -> Bool {
    window.pane.lowerBound >= begin && (wanted?.contains(window) ?? range?.overlaps(window.pane) ?? true)
  }

  func mayNeedPane(at start: Int64) -> Bool { paneStarts?.contains(start) ?? panes?.contains(start) ?? true }

  /// What a row group must hold to be read.
  var predicates: [ZonePredicate] {
    guard let panes, !panes.isEmpty else { return [] }
    return [.integers(column: RollupTable.paneStart, ClosedRange(panes))]
  }
}
