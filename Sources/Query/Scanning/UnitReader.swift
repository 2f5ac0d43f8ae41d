internal import Columns
internal import Commerce
internal import Encodings
internal import Landing
internal import Windows

/// Reads the columns of one unit, each once, and counts the bytes.
struct UnitReader {
  let unit: ScanUnit
  let table: QueryTable
  /// Columns of which all rows were read.
  private(set) var columns: [Int: Column] = [:]
  /// Columns of which every wanted row holds the one text that was sought.
  var soughtTexts: [Int: [UInt8]] = [:]
  private var fetched = FetchedColumns()
  private var readNames: Set<String> = []
  /// Stored bytes of the pages that were read.
  private(set) var bytesRead = 0

  init(_ unit: ScanUnit, of table: QueryTable) {
    self.unit = unit
    self.table = table
  }

  func kind(_ index: Int) -> QueryColumn.Kind { table.names.columns[index].kind }

  /// Reads those of `indices` together that have not been read yet: of all rows, or of the chosen ones.
  mutating func fetch(_ indices: [Int], rows: SelectionVector?) throws {
    guard case .stored(let group) = unit.rows else { return }
    let wanted = indices.filter { columns[$0] == nil && (rows == nil || soughtTexts[$0] == nil) }
      .map { table.names.columns[$0] }
    let names = Set(wanted.filter { $0.origin != .amount }.map(\.storedName))
    try fetched.read(names, rows: rows?.count == unit.rowCount ? nil : rows, of: group)
  }

  /// All rows of a column.
  mutating func column(_ index: Int) throws -> Column {
    if let column = columns[index] { return column }
    let column = try read(index)
    columns[index] = column
    return column
  }

  private mutating func read(_ index: Int, rows: SelectionVector? = nil) throws -> Column {
    if let rows, let text = soughtTexts[index] { return .string(StringColumn(repeating: text, count: rows.count)) }
    let wanted = table.names.columns[index]
    return wanted.origin == .amount ? try amounts(rows: rows) : try read(wanted, rows: rows)
  }

  private mutating func read(_ wanted: QueryColumn, rows: SelectionVector?) throws -> Column {
    let name = wanted.storedName
    countRead(name)
    let stored = try fetched.column(name, rows: rows) ?? unit.column(name, rows: rows)
    switch (wanted.origin, stored) {
    case (.topic, .integer(let sources)), (.partition, .integer(let sources)):
      return table.sources.column(wanted.origin, sources)
    case (.sessionRevenue, .string(let sums)), (.sessionRevenueByCurrency, .string(let sums)):
      return try table.sums.column(wanted.origin, sums)
    default: return stored
    }
  }

  /// Counts the bytes of the stored column `name`, once.
  mutating func countRead(_ name: String) {
    if readNames.insert(name).inserted { bytesRead += unit.storedByteCount(of: name) }
  }

  /// Price × quantity, as rollups add them up: without a quantity the price, without a price nothing.
  private mutating func amounts(rows: SelectionVector?) throws -> Column {
    let columns = try [EventSchema.names.price, EventSchema.names.quantity].map { name in
      try read(QueryColumn(name: name, kind: .decimal), rows: rows)
    }
    guard case .integer(let prices) = columns[0], case .integer(let quantities) = columns[1] else {
      preconditionFailure("prices and quantities are ten-thousandths")
    }
    var amounts = BatchBuilder(Schema([Field("amount", .decimal)]))
    for row in 0..<prices.rowCount {
      amounts.append(prices[row].flatMap { Money.multiply($0, quantities[row] ?? Money.scale) }, to: 0)
    }
    return amounts.build().columns[0]
  }

  /// The chosen rows of a column, wanted ones; unless all were read already, the others are not decoded where there are
  /// many.
  mutating func column(_ index: Int, rows: SelectionVector) throws -> Column {
    if columns[index] == nil, rows.count < unit.rowCount { return try read(index, rows: rows) }
    let column = try column(index)
    return rows.count == unit.rowCount ? column : Gathering.column(column, rows)
  }

  /// The visible rows that pass all of `tests`, ascending. Columns are read as long as there are rows left.
  mutating func rows(passing tests: [ColumnTest]) throws -> SelectionVector {
    var rows = unit.visible
    for test in tests where !rows.isEmpty {
      if case .stored(let group) = unit.rows, let zone = table.zone(test.column, group.header),
        test.matchesAll(zone.map, nullCount: zone.nullCount)
      {
        continue
      }
      if let found = try lookedUp(test) {
        Selecting.keep(&rows, found)
      } else {
        Selecting.keep(&rows, test.condition, try column(test.column))
      }
    }
    return rows
  }
}
