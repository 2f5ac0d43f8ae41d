internal import Columns

/// Adds up whole numbers and ten-thousandths, exactly.
final class SumAccumulator: Accumulator {
  private var sums: [Int128] = []
  private var counts: [Int64] = []

  private func grow(to groupCount: Int) {
    sums.grow(to: groupCount, 0)
    counts.grow(to: groupCount, 0)
  }

  func add(_ input: AccumulatorInput) {
    grow(to: input.groupCount)
    guard case .integer(let column)? = input.column else { preconditionFailure("sums are those of whole numbers") }
    let values = column.values.span
    input.forEach(&sums) { sum, row in sum += Int128(values[row]) }
    input.forEach(&counts) { count, _ in count += 1 }
  }

  func merge(_ other: any Accumulator, groups: [UInt32], groupCount: Int) {
    grow(to: groupCount)
    let other = same(other)
    for index in other.sums.indices {
      sums[Int(groups[index])] += other.sums[index]
      counts[Int(groups[index])] += other.counts[index]
    }
  }

  func finish(groupCount: Int, measures: [PlannedMeasure]) { grow(to: groupCount) }

  /// Of no values there is neither sum nor average.
  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue {
    guard counts[group] > 0 else { return .null }
    let isDecimal = measure.kind != .integer
    if measure.function == .average {
      return .ratio(sums[group], Int128(counts[group]) * (isDecimal ? Int128(Money.scale) : 1))
    }
    // Money with its four digits, other decimals without needless ones.
    return switch measure.kind {
    case .money: .money(sums[group])
    case .decimal: .ratio(sums[group], Int128(Money.scale))
    default: Int64(exactly: sums[group]).map(OutputValue.integer) ?? .ratio(sums[group], 1)
    }
  }
}

/// Adds up real numbers with Neumaier's compensation, so that what is lost by rounding is carried along.
final class RealSumAccumulator: Accumulator {
  private var sums: [Double] = []
  private var corrections: [Double] = []
  private var counts: [Int64] = []

  private func grow(to groupCount: Int) {
    sums.grow(to: groupCount, 0)
    corrections.grow(to: groupCount, 0)
    counts.grow(to: groupCount, 0)
  }

  private func add(_ value: Double, to group: Int) {
    let sum = sums[group] + value
    let isLarger = sums[group].magnitude >= value.magnitude
    corrections[group] += isLarger ? (sums[group] - sum) + value : (value - sum) + sums[group]
    sums[group] = sum
  }

  func add(_ input: AccumulatorInput) {
    grow(to: input.groupCount)
    guard case .real(let column)? = input.column else { preconditionFailure("real sums are those of real numbers") }
    let values = column.values.span
    for row in input.rows {
      let group = Int(input.groups[Int(row)])
      add(values[Int(row)], to: group)
      counts[group] += 1
    }
  }

  func merge(_ other: any Accumulator, groups: [UInt32], groupCount: Int) {
    grow(to: groupCount)
    let other = same(other)
    for index in other.sums.indices {
      let group = Int(groups[index])
      add(other.sums[index], to: group)
      add(other.corrections[index], to: group)
      counts[group] += other.counts[index]
    }
  }

  func finish(groupCount: Int, measures: [PlannedMeasure]) { grow(to: groupCount) }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue {
    guard counts[group] > 0 else { return .null }
    let sum = sums[group] + corrections[group]
    return .real(measure.function == .average ? sum / Double(counts[group]) : sum)
  }
}
