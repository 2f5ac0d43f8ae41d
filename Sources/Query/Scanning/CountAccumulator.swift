/// Counts rows.
final class CountAccumulator: Accumulator {
  private var counts: [Int64] = []

  func add(_ input: AccumulatorInput) {
    counts.grow(to: input.groupCount, 0)
    input.forEach(&counts) { count, _ in count += 1 }
  }

  func merge(_ other: any Accumulator, groups: [UInt32], groupCount: Int) {
    counts.grow(to: groupCount, 0)
    for (group, count) in zip(groups, same(other).counts) { counts[Int(group)] += count }
  }

  func finish(groupCount: Int, measures: [PlannedMeasure]) { counts.grow(to: groupCount, 0) }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue { .integer(counts[group]) }
}
