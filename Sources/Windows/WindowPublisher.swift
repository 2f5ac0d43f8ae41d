internal import Columns
internal import HotIndex

/// Keeps track of what a reader of the hot index has not seen yet: the merger's side of publishing.
///
/// A change is noted, not published: many events change a window between two looks of anyone. A window that changes
/// after its state was given up is left as it was until a commit holds the change, then taken out of the index, so
/// that readers find it in the store.
struct WindowPublisher {
  private let tables: [RollupTable]
  private let allowedLatenessMilliseconds: Int64
  /// Panes that changed before the end of every window over them, and windows that changed later, by rollup.
  private var changedPanes: [Set<PaneKey<GroupValues>>]
  private var changed: [Set<HotKey>]
  /// Events that came after the watermark had passed a window's end, while it can still be revised.
  private var corrections: [HotKey: Int64] = [:]
  /// Windows that changed after they were given up, since the last barrier and by the barrier behind them.
  private var amended: Set<HotKey> = []
  private var amendedBefore: [UInt64: Set<HotKey>] = [:]

  init(_ tables: [RollupTable], allowedLatenessMilliseconds: Int64) {
    self.tables = tables
    self.allowedLatenessMilliseconds = allowedLatenessMilliseconds
    changedPanes = tables.map { _ in [] }
    changed = tables.map { _ in [] }
  }

  /// `partial` was merged at `watermark`. Judged for each window over its pane: a pane of hopping windows is live
  /// until the last of them is final, while others that are final lack the panes that went before it.
  mutating func note(_ partial: WindowPartial, at watermark: Int64) {
    // The rule, and cheap: a pane may be a part of hundreds of windows, which all reach to its end at least.
    if watermark < partial.key.pane.upperBound {
      changedPanes[partial.rollup].insert(partial.key)
      return
    }
    for key in tables[partial.rollup].windows(over: partial.key) {
      if isFinal(key, at: watermark) {
        amended.insert(key)
      } else {
        changed[partial.rollup].insert(key)
        if watermark >= key.window.upperBound { corrections[key, default: 0] += partial.value.eventCount }
      }
    }
  }

  /// A pane restored at `watermark`, which nobody has seen in this run; windows that are final are in the store.
  mutating func note(restored key: PaneKey<GroupValues>, rollup: Int, at watermark: Int64) {
    changed[rollup].formUnion(tables[rollup].windows(over: key).filter { !isFinal($0, at: watermark) })
  }

  /// Forgets what only windows need that are not final at `watermark`; their last change was taken. O(corrections).
  mutating func forgetFinal(at watermark: Int64) {
    if !corrections.isEmpty { corrections = corrections.filter { !isFinal($0.key, at: watermark) } }
  }

  private func isFinal(_ key: HotKey, at watermark: Int64) -> Bool {
    watermark >= saturatingAdd(key.window.upperBound, allowedLatenessMilliseconds)
  }

  // MARK: - Windows

  /// The windows that changed, as `states` has them; nothing has changed afterwards.
  mutating func takeChanges(
    _ states: [WindowState<GroupValues, PartialAggregate>]
  ) -> [(rollup: String, window: HotWindow)] {
    var windows: [(rollup: String, window: HotWindow)] = []
    for rollup in changed.indices {
      for pane in changedPanes[rollup] { changed[rollup].formUnion(tables[rollup].windows(over: pane)) }
      for key in changed[rollup] {
        guard let window = window(key, tables[rollup].rollup.shape, states[rollup]) else { continue }
        windows.append((key.rollup, window))
      }
      changedPanes[rollup] = []
      changed[rollup] = []
    }
    return windows
  }

  /// The window merged from its live panes; nil if there are none. Whether it is on time or final yet is for the
  /// index to say, which knows the watermark.
  private func window(
    _ key: HotKey, _ shape: WindowShape, _ state: WindowState<GroupValues, PartialAggregate>
  ) -> HotWindow? {
    var merged: PartialAggregate?
    for pane in shape.panes(of: key.window) {
      guard let live = state.live(PaneKey(pane: pane, group: key.group)) else { continue }
      if merged?.merge(live.value) == nil { merged = live.value }
    }
    let corrected = corrections[key] ?? 0
    return merged.map { HotWindow(key, $0, status: corrected > 0 ? .revised : .open, corrections: corrected) }
  }

  // MARK: - Amendments

  mutating func barrier(_ epoch: UInt64) {
    amendedBefore[epoch] = amended
    amended = []
  }

  /// Windows whose changes are in commit `epoch` and can be read there.
  mutating func takeAmended(upTo epoch: UInt64) -> [HotKey] {
    let epochs = amendedBefore.keys.filter { $0 <= epoch }
    return epochs.flatMap { amendedBefore.removeValue(forKey: $0) ?? [] }
  }
}

extension HotWindow {
  /// The numbers of `value`.
  init(
    _ key: HotKey, _ value: PartialAggregate, status: HotStatus, corrections: Int64
  ) {
    self.init(
      window: key.window, group: key.group, eventCount: value.eventCount, counts: value.counts,
      distincts: value.distincts.map { Int64($0.count) },
      amounts: value.amounts.map { $0.entries.map { HotAmount(currency: $0.currency, amount: $0.amount) } },
      isApproximate: value.distincts.contains(where: \.isApproximate), status: status, corrections: corrections,
      deltas: 0, updatedMilliseconds: nil)
  }
}
