internal import Columns

/// One worker's groups, with what their measures need. Workers share nothing; in the end one takes over the others'.
///
/// `@unchecked Sendable`: one thread at a time has it, as `ScanWorkers` hands it out.
final class Aggregation: @unchecked Sendable {
  private let plan: GroupPlan
  private let tests: [ColumnTest]
  private let table: QueryTable
  private let limits: QueryLimits
  private var grouping: Grouping
  private let accumulators: [any Accumulator]
  private(set) var statistics = ScanStatistics()

  init(_ plan: GroupPlan, tests: [ColumnTest], _ table: QueryTable, _ limits: QueryLimits) {
    self.plan = plan
    self.tests = tests
    self.table = table
    self.limits = limits
    grouping = Grouping(plan.keys)
    accumulators = plan.accumulators.map { $0.make(limits) }
  }

  /// The groups of all units. O(rows) on all workers, then O(groups) for each further worker.
  static func run(
    _ plan: GroupPlan, tests: [ColumnTest], _ table: QueryTable, _ units: [ScanUnit], _ limits: QueryLimits
  ) throws -> Aggregation {
    let workers = (0..<max(1, min(limits.workers, units.count))).map { _ in
      Aggregation(plan, tests: tests, table, limits)
    }
    try ScanWorkers.run(units.count, workers) { worker, unit in try worker.add(units[unit]) }
    for other in workers.dropFirst() { try workers[0].merge(other) }
    return workers[0]
  }

  /// Adds the rows of a unit: filters first, then only the rows that are left of other columns.
  private func add(_ unit: ScanUnit) throws {
    var reader = UnitReader(unit, of: table)
    let rows = try reader.rows(passing: tests)
    var columns: [Int: Column] = [:]
    if !rows.isEmpty {
      for index in plan.neededColumns { columns[index] = try reader.column(index, rows: rows) }
    }
    statistics.count(unit, reader)
    if !rows.isEmpty { try add(columns, rowCount: rows.count) }
  }

  /// - Parameter columns: by position in the table, of the wanted rows only.
  private func add(_ columns: [Int: Column], rowCount: Int) throws {
    let keys = plan.keys.map { Aggregation.column($0.column, columns) }
    let groups = try grouping.groups(keys, rowCount: rowCount, limit: limits.groupsMax)
    let all = SelectionVector(0..<UInt32(rowCount))
    let selections = plan.selections.map { tests in
      var rows = all
      for test in tests { Selecting.keep(&rows, test.condition, Aggregation.column(test.column, columns)) }
      return rows
    }
    for (planned, accumulator) in zip(plan.accumulators, accumulators) {
      var rows = planned.selection.map { selections[$0] } ?? all
      let column = planned.column.map { Aggregation.column($0, columns) }
      if let column { Selecting.keepValues(&rows, column) }
      try accumulator.add(
        AccumulatorInput(column: column, rows: rows, groups: groups, groupCount: grouping.count))
    }
  }

  private static func column(_ index: Int, _ columns: [Int: Column]) -> Column {
    guard let column = columns[index] else { preconditionFailure("column \(index) of the plan was not read") }
    return column
  }

  private func merge(_ other: Aggregation) throws {
    let groups = try grouping.merge(other.grouping, limit: limits.groupsMax)
    for (mine, others) in zip(accumulators, other.accumulators) {
      try mine.merge(others, groups: groups, groupCount: grouping.count)
    }
    statistics.add(other.statistics)
  }

  /// The groups in the plan's order, at most `limit` of them. O(groups × log groups).
  func rows(limit: Int?) -> [[OutputValue]] {
    for (index, accumulator) in accumulators.enumerated() {
      accumulator.finish(groupCount: grouping.count, measures: plan.measures.filter { $0.accumulator == index })
    }
    var rows = grouping.values()
    for index in rows.indices {
      rows[index] += plan.measures.map { accumulators[$0.accumulator].value(index, $0) }
    }
    rows.sort { RowOrder.precedes($0, $1, plan.order) }
    return limit.map { Array(rows.prefix($0)) } ?? rows
  }
}
