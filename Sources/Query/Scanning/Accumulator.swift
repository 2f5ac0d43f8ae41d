internal import Columns

/// What a measure is computed from. Measures that need the same share it.
struct PlannedAccumulator: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    /// Rows, or with a column those with a value.
    case count
    /// Sum and number of whole or decimal numbers.
    case sum
    case realSum
    case extremes
    case textExtremes
    case distinct
    case approximateDistinct
    /// All values, for quantiles.
    case values
  }

  let kind: Kind
  let column: Int?
  /// The position of its filters among the plan's; nil where all rows count.
  let selection: Int?
}

/// Some rows of a unit, with their groups.
struct AccumulatorInput {
  /// Nil where rows are counted.
  let column: Column?
  /// Ascending; rows without a value are left out.
  let rows: SelectionVector
  /// By row.
  let groups: [UInt32]
  /// Groups that there are by now.
  let groupCount: Int
}

/// Gathers for each group what a measure needs. Called once for a unit, never for a row.
protocol Accumulator: AnyObject {
  func add(_ input: AccumulatorInput) throws(QueryError)

  /// Takes over `other`, which is of the same kind: its group n is `groups[n]` here, of `groupCount`.
  func merge(_ other: any Accumulator, groups: [UInt32], groupCount: Int) throws(QueryError)

  /// Called once, before the first `value`, with the measures that will be asked for.
  func finish(groupCount: Int, measures: [PlannedMeasure])

  /// What `measure` is of a group.
  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue
}

extension Accumulator {
  func finish(groupCount: Int, measures: [PlannedMeasure]) {}

  /// `other` as what it must be.
  func same(_ other: any Accumulator) -> Self {
    guard let other = other as? Self else { preconditionFailure("accumulators of different measures are merged") }
    return other
  }
}

extension PlannedAccumulator {
  func make(_ limits: QueryLimits) -> any Accumulator {
    switch kind {
    case .count: CountAccumulator()
    case .sum: SumAccumulator()
    case .realSum: RealSumAccumulator()
    case .extremes: ExtremesAccumulator()
    case .textExtremes: TextExtremesAccumulator()
    case .distinct: DistinctAccumulator(limit: limits.heldValuesMax)
    case .approximateDistinct: ApproximateDistinctAccumulator(limit: limits.approximateGroupsMax)
    case .values: ValuesAccumulator(limit: limits.heldValuesMax)
    }
  }
}

extension Array {
  /// Makes it `count` long, if it is shorter.
  mutating func grow(to count: Int, _ element: @autoclosure () -> Element) {
    if self.count < count { append(contentsOf: repeatElement(element(), count: count - self.count)) }
  }
}
