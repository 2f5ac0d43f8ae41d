internal import Columns

/// Plain rows in order. Each worker keeps its best rows, as many as are asked for; the values that order them are read
/// of all wanted rows, other columns only of those that may be among the answer.
///
/// `@unchecked Sendable`: one thread at a time has it, as `ScanWorkers` hands it out.
final class OrderedRows: @unchecked Sendable {
  private struct Row {
    let order: [OutputValue]
    /// Where it stands in the table: decides between rows that are alike.
    let unit: Int
    let position: UInt32
    let values: [OutputValue]
  }

  private let plan: RowPlan
  private let tests: [ColumnTest]
  private let table: QueryTable
  private let limit: Int?
  private let heldMax: Int
  /// The order by position among the values that order.
  private let order: [PlannedOrder]
  private var kept: [Row] = []
  private(set) var statistics = ScanStatistics()

  init(_ plan: RowPlan, tests: [ColumnTest], limit: Int?, _ table: QueryTable, _ limits: QueryLimits) {
    self.plan = plan
    self.tests = tests
    self.table = table
    self.limit = limit
    heldMax = limits.orderedRowsMax
    order = plan.order.enumerated().map { PlannedOrder(index: $0.offset, isDescending: $0.element.isDescending) }
  }

  /// All rows, at most `limit`, in order.
  static func run(
    _ plan: RowPlan, tests: [ColumnTest], limit: Int?, _ table: QueryTable, _ units: [ScanUnit], _ limits: QueryLimits
  ) throws -> (rows: [[OutputValue]], statistics: ScanStatistics) {
    if let limit, limit > limits.orderedRowsMax {
      throw QueryError("limit", "at most \(limits.orderedRowsMax) rows can be put in order: take fewer, or no 'order'")
    }
    let workers = (0..<max(1, min(limits.workers, units.count))).map { _ in
      OrderedRows(plan, tests: tests, limit: limit, table, limits)
    }
    try ScanWorkers.run(units.count, workers) { worker, unit in try worker.add(units[unit], unit) }
    for other in workers.dropFirst() {
      workers[0].kept += other.kept
      workers[0].statistics.add(other.statistics)
    }
    try workers[0].prune(to: limit ?? .max)
    return (workers[0].kept.map(\.values), workers[0].statistics)
  }

  private func add(_ unit: ScanUnit, _ index: Int) throws {
    var reader = UnitReader(unit, of: table)
    defer { statistics.count(unit, reader) }
    let rows = try reader.rows(passing: tests)
    guard !rows.isEmpty, limit != 0 else { return }
    if limit == nil, kept.count + rows.count > heldMax { throw tooMany }
    // Where all rows may be among the answer, columns are read once for what orders and what is printed.
    if rows.count <= limit ?? .max { try reader.fetch(plan.order.map(\.index) + plan.columns, rows: rows) }
    let orders = try reader.values(plan.order.map(\.index), rows: rows)
    var best = Array(rows.indices)
    if let limit, best.count > limit {
      best.sort { precedes(orders[$0], orders[$1], $0 < $1) }
      best.removeLast(best.count - limit)
    }
    best.sort()
    let values = try reader.values(plan.columns, rows: best.map { rows[$0] })
    for (values, row) in zip(values, best) {
      kept.append(Row(order: orders[row], unit: index, position: rows[row], values: values))
    }
    if let limit, kept.count > 2 * limit + 1024 { try prune(to: limit) }
  }

  private func precedes(_ left: [OutputValue], _ right: [OutputValue], _ isEarlier: Bool) -> Bool {
    if RowOrder.precedes(left, right, order) { return true }
    return RowOrder.precedes(right, left, order) ? false : isEarlier
  }

  private var tooMany: QueryError {
    .tooMany("rows in order", limit: heldMax, "set a 'limit', filter more, or leave 'order' out")
  }

  /// Sorts what is kept and drops what is behind the first `count`.
  private func prune(to count: Int) throws {
    guard limit != nil || kept.count <= heldMax else { throw tooMany }
    kept.sort { left, right in
      precedes(left.order, right.order, (left.unit, left.position) < (right.unit, right.position))
    }
    if kept.count > count { kept.removeLast(kept.count - count) }
  }
}
