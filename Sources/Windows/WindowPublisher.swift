internal import Columns
internal import HotIndex

/// Keeps track of what a reader of the hot index has not seen yet: the merger's side of publishing.
///
/// A change is noted, not published: many events change a window between two looks of anyone. A window that changes
/// after its state was given up is left as it was until a commit holds the change, then taken out of the index, so
/// that readers find it in the store.
struct WindowPublisher {
  private let tables: [RollupTable]
  private var changed: [Set<PaneKey<GroupValues>>]
  private var corrections: [[PaneKey<GroupValues>: Int64]]
  /// Windows that changed after they were given up, since the last barrier and by the barrier behind them.
  private var amended: Set<HotKey> = []
  private var amendedBefore: [UInt64: Set<HotKey>] = [:]

  init(_ tables: [RollupTable]) {
    self.tables = tables
    changed = tables.map { _ in [] }
    corrections = tables.map { _ in [:] }
  }

  mutating func note(_ partial: WindowPartial, _ outcome: LatenessOutcome) {
    switch outcome {
    case .onTime: changed[partial.rollup].insert(partial.key)
    case .corrected:
      changed[partial.rollup].insert(partial.key)
      corrections[partial.rollup][partial.key, default: 0] += partial.value.eventCount
    case .delta:
      amended.formUnion(tables[partial.rollup].windows(over: partial.key))
    }
  }

  /// A restored window, which nobody has seen in this run.
  mutating func note(_ key: PaneKey<GroupValues>, rollup: Int) { changed[rollup].insert(key) }

  /// The state of `key` is given up; its last change was taken.
  mutating func forget(_ key: PaneKey<GroupValues>, rollup: Int) { corrections[rollup][key] = nil }

  // MARK: - Windows

  /// The windows over all panes that changed, as `states` has them; nothing has changed afterwards.
  mutating func takeChanges(
    _ states: [WindowState<GroupValues, PartialAggregate>]
  ) -> [(rollup: String, window: HotWindow)] {
    var windows: [(rollup: String, window: HotWindow)] = []
    for rollup in changed.indices {
      for key in Set(changed[rollup].flatMap { tables[rollup].windows(over: $0) }) {
        guard let window = window(key, rollup, states[rollup]) else { continue }
        windows.append((key.rollup, window))
      }
      changed[rollup] = []
    }
    return windows
  }

  /// The window merged from its live panes; nil if there are none.
  func window(
    _ key: HotKey, _ rollup: Int, _ state: WindowState<GroupValues, PartialAggregate>
  ) -> HotWindow? {
    var merged: PartialAggregate?
    var hasFired = false
    var corrected: Int64 = 0
    for pane in tables[rollup].rollup.shape.panes(of: key.window) {
      let paneKey = PaneKey(pane: pane, group: key.group)
      guard let live = state.live(paneKey) else { continue }
      if merged?.merge(live.value) == nil { merged = live.value }
      hasFired = hasFired || live.hasFired
      corrected += corrections[rollup][paneKey] ?? 0
    }
    let status: HotStatus = !hasFired ? .open : corrected > 0 ? .revised : .onTime
    return merged.map { HotWindow(key, $0, status: status, corrections: corrected) }
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
