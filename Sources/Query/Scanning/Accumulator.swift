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
  /// By row; of those that are left out any.
  let groups: [UInt32]
  /// Groups that there are by now.
  let groupCount: Int

  /// The cells of the rows that count, side by side, and their groups.
  var dense: (column: Column, groups: [UInt32]) {
    guard let column else { preconditionFailure("these are values of a column") }
    if rows.count == groups.count { return (column, groups) }
    // All of these rows hold a value.
    let whole: Column =
      switch column {
      case .integer(let column): .integer(FixedColumn(values: column.values))
      case .real(let column): .real(FixedColumn(values: column.values))
      case .boolean(let column): .boolean(FixedColumn(values: column.values))
      case .string: column
      }
    return (Gathering.column(whole, rows), rows.map { groups[Int($0)] })
  }
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

extension AccumulatorInput {
  /// Calls `body` with what each row's group has gathered in `states`, and the row. Inlined, so that each caller is a
  /// loop of its own, in which memory is checked and counted once.
  @inline(__always)
  func forEach<State>(_ states: inout [State], _ body: (inout State, Int) -> Void) {
    var states = states.mutableSpan
    let (rows, groups) = (rows.span, groups.span)
    for index in rows.indices {
      let row = Int(rows[index])
      body(&states[Int(groups[row])], row)
    }
  }
}

extension Array {
  /// Makes it `count` long, if it is shorter.
  mutating func grow(to count: Int, _ element: @autoclosure () -> Element) {
    if self.count < count { append(contentsOf: repeatElement(element(), count: count - self.count)) }
  }
}
