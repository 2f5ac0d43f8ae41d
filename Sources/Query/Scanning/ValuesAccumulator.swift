internal import Columns

/// Keeps all values, twelve bytes each, for exact quantiles.
///
/// The quantile p of n sorted values lies at the place (n − 1)·p, between neighbours on the line that joins them: type
/// 7 of R, `percentile_cont` of SQL.
final class ValuesAccumulator: Accumulator {
  private var values: [Int64] = []
  private var groups: [UInt32] = []
  private let limit: Int
  /// Once finished, `values` are sorted within their group, which begins here.
  private var starts: [Int] = []

  /// - Parameter limit: the most values that are held.
  init(limit: Int) { self.limit = limit }

  func add(_ input: AccumulatorInput) throws(QueryError) {
    guard let column = input.column else { preconditionFailure("values are those of a column") }
    let words = Word.column(column).values
    let span = words.span
    values.reserveCapacity(values.count + input.rows.count)
    for row in input.rows {
      values.append(span[Int(row)])
      groups.append(input.groups[Int(row)])
    }
    try check()
  }

  func merge(_ other: any Accumulator, groups mapped: [UInt32], groupCount: Int) throws(QueryError) {
    let other = same(other)
    values += other.values
    for group in other.groups { groups.append(mapped[Int(group)]) }
    try check()
  }

  private func check() throws(QueryError) {
    guard values.count <= limit else {
      throw .tooMany("values for exact percentiles", limit: limit, "filter more, or ask for less time")
    }
  }

  func finish(groupCount: Int) {
    starts = [Int](repeating: 0, count: groupCount + 1)
    for group in groups { starts[Int(group) + 1] += 1 }
    for group in 0..<groupCount { starts[group + 1] += starts[group] }
    var next = starts
    var sorted = [Int64](repeating: 0, count: values.count)
    for index in values.indices {
      let group = Int(groups[index])
      sorted[next[group]] = values[index]
      next[group] += 1
    }
    for group in 0..<groupCount { sorted[starts[group]..<starts[group + 1]].sort() }
    values = sorted
    groups = []
  }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue {
    guard case .quantile(let thousandths) = measure.function, starts[group] < starts[group + 1] else { return .null }
    let sorted = values[starts[group]..<starts[group + 1]]
    let place = Int64(sorted.count - 1) * thousandths
    let index = sorted.startIndex + Int(place / 1000)
    let lower = sorted[index]
    let upper = place % 1000 == 0 ? lower : sorted[index + 1]
    if measure.kind == .real {
      let (low, high) = (Word.real(lower), Word.real(upper))
      return .real(low + (high - low) * Double(place % 1000) / 1000)
    }
    // In thousandths of the unit, so that nothing is rounded.
    let amount = Int128(lower) * 1000 + (Int128(upper) - Int128(lower)) * Int128(place % 1000)
    if measure.kind == .time { return .time(Int64(Money.divideHalfEven(amount, 1000))) }
    return .ratio(amount, measure.kind == .integer ? 1000 : 1000 * Int128(Money.scale))
  }
}
