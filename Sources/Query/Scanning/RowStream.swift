internal import Columns

/// Plain rows as they are stored, a few thousand at a time: one row group is in memory, however many there are.
struct RowStream {
  private static let rowsAtOnce = 4096

  private let plan: RowPlan
  private let tests: [ColumnTest]
  private let table: QueryTable
  private let units: [ScanUnit]
  private var nextUnit = 0
  private var reader: UnitReader?
  /// The unit of `reader` until what was read of it is counted.
  private var uncounted: ScanUnit?
  /// Of the unit that is being read.
  private var rows: ArraySlice<UInt32> = []
  private var left: Int
  private(set) var statistics = ScanStatistics()

  init(_ plan: RowPlan, tests: [ColumnTest], limit: Int?, _ table: QueryTable, _ units: [ScanUnit]) {
    self.plan = plan
    self.tests = tests
    self.table = table
    self.units = units
    left = limit ?? .max
  }

  /// The next rows, at least one; nil after the last.
  mutating func next() throws -> [[OutputValue]]? {
    guard left > 0 else { return nil }
    while rows.isEmpty {
      guard nextUnit < units.count else { return nil }
      var reader = UnitReader(units[nextUnit], of: table)
      rows = try reader.rows(passing: tests)[...]
      // What is printed in several parts is decoded once; few rows are fetched alone.
      if rows.count > RowStream.rowsAtOnce {
        try reader.fetch(plan.columns, rows: nil)
        for column in plan.columns { _ = try reader.column(column) }
      }
      self.reader = reader
      if rows.isEmpty { statistics.count(units[nextUnit], reader) } else { uncounted = units[nextUnit] }
      nextUnit += 1
    }
    defer {
      if let unit = uncounted, let reader { statistics.count(unit, reader) }
      uncounted = nil
    }
    let taken = SelectionVector(rows.prefix(min(left, RowStream.rowsAtOnce)))
    rows = rows.dropFirst(taken.count)
    left -= taken.count
    let columns = plan.columns
    return try reader?.values(columns, rows: taken)
  }
}

extension UnitReader {
  /// What is printed for the chosen rows of `columns`. O(cells).
  mutating func values(_ columns: [Int], rows: SelectionVector) throws -> [[OutputValue]] {
    var values = [[OutputValue]](repeating: [], count: rows.count)
    guard !rows.isEmpty else { return values }
    for index in values.indices { values[index].reserveCapacity(columns.count) }
    try fetch(columns, rows: rows)
    for column in columns {
      let cells = try self.column(column, rows: rows)
      let kind = kind(column)
      for index in rows.indices { values[index].append(Word.value(cells, index, kind)) }
    }
    return values
  }
}
