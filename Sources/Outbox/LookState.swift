internal import HotIndex
internal import Query
internal import Windows

/// What a reader of one rollup knew when it last looked at a commit, and what that says of the windows it sees now.
///
/// Invariant: after a complete look every window that the watermark had passed was sent with its value of then. So
/// only what changed since must be sent: panes with other events, and windows whose end or finality the watermark
/// passed.
struct LookState {
  let shape: WindowShape
  let allowedLatenessMilliseconds: Int64
  /// Nil before the first look: whatever is closed may have been sent or not, and is sent.
  private var lastWatermark: Int64?
  /// The number of events in each pane that was live.
  private var livePanes: [PaneKey<GroupValues>: Int64] = [:]

  init(shape: WindowShape, allowedLatenessMilliseconds: Int64) {
    self.shape = shape
    self.allowedLatenessMilliseconds = allowedLatenessMilliseconds
  }

  /// Ends a look at a commit with `watermark` and the panes `live`.
  mutating func finish(watermark: Int64, live: [MergerState.Live]) {
    lastWatermark = watermark
    livePanes = Dictionary(live.map { ($0.key, $0.value.eventCount) }) { $0 + $1 }
  }

  /// The windows that a stored row changed, or that became final with it.
  func windows(changedBy key: PaneKey<GroupValues>, _ value: PartialAggregate, _ kind: RollupTable.Kind)
    -> [PaneKey<GroupValues>]
  {
    let windows = windows(over: key)
    guard kind == .sealed, livePanes[key] == value.eventCount else { return windows }
    // The pane went from memory to the store as it was: only finality is news.
    return windows.filter { !wasFinal($0.pane) }
  }

  /// The closed windows over a live pane that changed, were closed or became final since the last look.
  func windows(over live: MergerState.Live, at watermark: Int64) -> [PaneKey<GroupValues>] {
    guard live.key.pane.upperBound <= watermark else { return [] }
    let isChanged = livePanes[live.key] != live.value.eventCount
    return windows(over: live.key).filter { window in
      guard window.pane.upperBound <= watermark else { return false }
      return isChanged || !wasClosed(window.pane) || isFinal(window.pane, at: watermark) != wasFinal(window.pane)
    }
  }

  /// The status of a window that is to be sent; nil while it is open and not to be sent.
  func status(of row: KpiWindow, at watermark: Int64) -> HotStatus? {
    let isFinal = !row.isLive || isFinal(row.window, at: watermark)
    guard isFinal || watermark >= row.window.upperBound else { return nil }
    if isFinal { return row.deltaEvents > 0 || wasFinal(row.window) ? .amended : .final }
    return lastWatermark == nil || wasClosed(row.window) ? .revised : .onTime
  }

  private func windows(over key: PaneKey<GroupValues>) -> [PaneKey<GroupValues>] {
    shape.windows(overPane: key.pane).map { PaneKey(pane: $0, group: key.group) }
  }

  private func isFinal(_ window: Range<Int64>, at watermark: Int64) -> Bool {
    let (end, overflows) = window.upperBound.addingReportingOverflow(allowedLatenessMilliseconds)
    return !overflows && watermark >= end
  }

  private func wasFinal(_ window: Range<Int64>) -> Bool { lastWatermark.map { isFinal(window, at: $0) } ?? false }

  private func wasClosed(_ window: Range<Int64>) -> Bool { lastWatermark.map { window.upperBound <= $0 } ?? false }
}
