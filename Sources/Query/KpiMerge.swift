internal import Columns
public import HotIndex
public import Windows

/// Windows put together: those of a step of time, those of groups that differ only in columns nobody asked for.
///
/// Counts and sums are added, and ratios follow from the sums (SEMANTICS: KPI definitions). Distinct things are united,
/// so who came in two windows is counted once: from the partials of the newest commit, for as far as these hold every
/// event of the windows. Where they do not yet, the distinct counts are not known.
public struct KpiMerge: Sendable {
  /// What windows are put together into; nil keeps their bounds.
  public let step: WindowShape?
  /// The positions of the rollup's group-by columns that are kept, in the order in which they are shown.
  public let columns: [Int]

  public init(step: WindowShape?, columns: [Int]) {
    self.step = step
    self.columns = columns
  }

  /// The merged windows, by start and group.
  /// - Parameters:
  ///   - windows: what is to be merged, each with the newest numbers.
  ///   - stored: the same windows as the newest commit has them, for as far as it has them.
  ///   - status: how far a window of these bounds has come.
  /// - Complexity: O(windows, and the distinct things in them).
  public func merge(
    _ windows: [HotWindow], stored: [KpiWindow], status: (Range<Int64>) -> HotStatus
  ) -> [HotWindow] {
    var partials: [PaneKey<GroupValues>: PartialAggregate] = [:]
    for row in stored { partials[PaneKey(pane: row.window, group: row.group)] = row.value }
    let parts = Dictionary(grouping: windows.filter { $0.eventCount > 0 }) { window in
      PaneKey(
        pane: step?.pane(containing: window.window.lowerBound) ?? window.window,
        group: columns.map { window.group[$0] })
    }
    let merged = parts.map { key, parts in
      KpiMerge.merged(key, parts, partials, KpiMerge.status(of: parts, status(key.pane)))
    }
    return merged.sorted(by: HotWindow.precedes)
  }

  private static func merged(
    _ key: PaneKey<GroupValues>, _ parts: [HotWindow], _ partials: [PaneKey<GroupValues>: PartialAggregate],
    _ status: HotStatus
  ) -> HotWindow {
    let union = parts.count == 1 ? nil : united(parts, partials)
    let updates = parts.map(\.updatedMilliseconds)
    return HotWindow(
      window: key.pane, group: key.group, eventCount: parts.reduce(0) { $0 + $1.eventCount },
      counts: parts[0].counts.indices.map { index in parts.reduce(0) { $0 + $1.counts[index] } },
      distincts: parts.count == 1 ? parts[0].distincts : union?.map { Int64($0.count) },
      amounts: parts[0].amounts.indices.map { index in sums(parts.map { $0.amounts[index] }) },
      isApproximate: parts.count == 1 ? parts[0].isApproximate : union?.contains(where: \.isApproximate) ?? false,
      status: status, corrections: parts.reduce(0) { $0 + $1.corrections },
      deltas: parts.reduce(0) { $0 + $1.deltas },
      // A part that was read from the store has no such time, and then the whole has none.
      updatedMilliseconds: updates.contains(nil) ? nil : updates.compactMap { $0 }.max())
  }

  /// The distinct things of all parts; nil where the commit lacks events of one.
  private static func united(
    _ parts: [HotWindow], _ partials: [PaneKey<GroupValues>: PartialAggregate]
  ) -> [DistinctSet]? {
    var union: [DistinctSet]?
    for part in parts {
      // A window only ever gets more events: as many are the same.
      guard let partial = partials[PaneKey(pane: part.window, group: part.group)],
        partial.eventCount == part.eventCount
      else { return nil }
      guard var sets = union else {
        union = partial.distincts
        continue
      }
      for index in sets.indices { sets[index].formUnion(partial.distincts[index]) }
      union = sets
    }
    return union
  }

  /// Each currency by itself, ascending.
  private static func sums(_ amounts: [[HotAmount]]) -> [HotAmount] {
    var sums: [[UInt8]: Int128] = [:]
    for amount in amounts.joined() { sums[amount.currency, default: 0] += amount.amount }
    return sums.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map {
      HotAmount(currency: $0.key, amount: $0.value)
    }
  }

  /// What changes of parts make of `status`, which is that of the whole without any.
  private static func status(of parts: [HotWindow], _ status: HotStatus) -> HotStatus {
    let hasChanged = parts.contains { $0.status == .revised || $0.status == .amended }
    return switch status {
    case .onTime where hasChanged: .revised
    case .final where hasChanged && parts.contains { $0.status == .amended }: .amended
    default: status
    }
  }
}
