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
    let cells = rows.isEmpty ? nil : try reader.cells(plan.neededColumns.sorted(), rows)
    statistics.count(unit, reader)
    if let cells { try add(cells) }
  }

  private func add(_ cells: UnitCells) throws {
    let keys = plan.keys.map { cells.column($0.column) }
    let groups = try grouping.groups(
      keys, cells.rows, rowCount: cells.rowCount, limit: limits.groupsMax)
    let selections = plan.selections.map { tests in
      var rows = cells.rows
      for test in tests { Selecting.keep(&rows, test.condition, cells.column(test.column)) }
      return rows
    }
    for (planned, accumulator) in zip(plan.accumulators, accumulators) {
      var rows = planned.selection.map { selections[$0] } ?? cells.rows
      let column = planned.column.map { cells.column($0) }
      if let column { Selecting.keepValues(&rows, column) }
      try accumulator.add(
        AccumulatorInput(column: column, rows: rows, groups: groups, groupCount: grouping.count))
    }
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
    let first = firstGroups(limit)
    var rows = grouping.values(of: first)
    for (index, group) in zip(rows.indices, first) {
      rows[index] += plan.measures.map { accumulators[$0.accumulator].value(group, $0) }
    }
    rows.sort { RowOrder.precedes($0, $1, plan.order) }
    return limit.map { Array(rows.prefix($0)) } ?? rows
  }

  /// The groups that may be among the first `limit`, by the measure that rows are ordered by first: of groups that are
  /// no better than that, as many as are alike.
  private func firstGroups(_ limit: Int?) -> [Int] {
    let all = Array(0..<grouping.count)
    guard let limit, limit > 0, limit < all.count, let order = plan.order.first, order.index >= plan.keys.count else {
      return limit == 0 ? [] : all
    }
    let measure = plan.measures[order.index - plan.keys.count]
    let values = all.map { accumulators[measure.accumulator].value($0, measure) }
    func precedes(_ left: OutputValue, _ right: OutputValue) -> Bool {
      order.isDescending ? RowOrder.precedes(right, left) : RowOrder.precedes(left, right)
    }
    // The best values so far, and the worst of them once there are as many as are wanted.
    var (best, worst): ([OutputValue], OutputValue?) = ([], nil)
    func prune() {
      best.sort(by: precedes)
      best.removeLast(best.count - limit)
      worst = best.last
    }
    for value in values where worst.map({ precedes(value, $0) }) ?? true {
      best.append(value)
      if best.count > 2 * limit + 64 { prune() }
    }
    prune()
    return all.filter { group in worst.map { !precedes($0, values[group]) } ?? true }
  }
}
