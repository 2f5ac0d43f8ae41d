internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Commerce
internal import Encodings
internal import Landing
internal import Windows

/// Rows that one worker goes over at a time: a stored row group, or rows in memory, which were merged there or have
/// not been written yet.
struct ScanUnit: Sendable {
  enum Rows: Sendable {
    case stored(TableReader.Group)
    case inMemory(BatchSlice)
  }

  let rows: Rows

  /// Of its columns, those that are not visible included.
  var rowCount: Int {
    switch rows {
    case .stored(let group): group.header.rowCount
    case .inMemory(let slice): slice.batch.rowCount
    }
  }

  /// The rows that are to be seen.
  var visible: SelectionVector {
    switch rows {
    case .stored(let group): group.rows
    case .inMemory(let slice): slice.positions
    }
  }

  /// The column `name`, which the table has: all rows of it, or the chosen ones. O(bytes of the column) where it is
  /// stored.
  func column(_ name: String, rows chosen: SelectionVector? = nil) throws -> Column {
    switch rows {
    case .stored(let group): return try group.read([name], rows: chosen).columns[0]
    case .inMemory(let slice):
      guard let index = slice.batch.schema.index(of: name) else { preconditionFailure("no column is called \(name)") }
      let column = slice.batch.columns[index]
      return chosen.map { Gathering.column(column, $0) } ?? column
    }
  }

  /// What reading the column `name` costs in bytes of files.
  func storedByteCount(of name: String) -> Int {
    guard case .stored(let group) = rows, let page = group.header.schema.index(of: name) else { return 0 }
    return group.header.pages[page].storedByteCount
  }
}

/// Topic and partition by source.
struct SourceNames: Sendable {
  private var topics: [Int64: [UInt8]] = [:]
  private var partitions: [Int64: Int64] = [:]

  init(_ sources: [SourceState] = []) {
    for source in sources {
      topics[Int64(source.id)] = Array(source.topic.utf8)
      partitions[Int64(source.id)] = Int64(source.partition)
    }
  }

  /// The column of `origin` for rows of `sources`. Rows of one source follow each other. O(rows).
  func column(_ origin: QueryColumn.Origin, _ sources: FixedColumn<Int64>) -> Column {
    switch origin {
    case .stored: .integer(sources)
    case .partition:
      .integer(FixedColumn(values: ColumnBuffer(sources.values.span.mapped { partitions[$0] ?? -1 })))
    case .topic: .string(topics(sources.values.span))
    case .amount: preconditionFailure("no amount follows from the source")
    }
  }

  private func topics(_ sources: Span<Int64>) -> StringColumn {
    let arena = ByteArena()
    let views = Dictionary(
      uniqueKeysWithValues: topics.map { source, topic in
        (source, StringView(offset: UInt32(arena.append(topic.span)), length: Int32(topic.count)))
      })
    return StringColumn(views: ColumnBuffer(sources.mapped { views[$0] ?? .null }), arena: arena)
  }
}

extension Span<Int64> {
  /// What `body` makes of each value; called once for a run of equal ones.
  fileprivate func mapped<Result>(_ body: (Int64) -> Result) -> [Result] {
    var results: [Result] = []
    results.reserveCapacity(count)
    var last: (value: Int64, result: Result)?
    for index in indices {
      if last?.value != self[index] { last = (self[index], body(self[index])) }
      if let last { results.append(last.result) }
    }
    return results
  }
}

/// Reads the columns of one unit, each once, and counts the bytes.
struct UnitReader {
  let unit: ScanUnit
  private let table: QueryTable
  private var columns: [Int: Column] = [:]
  private var fetched = FetchedColumns()
  private var readNames: Set<String> = []
  /// Stored bytes of the pages that were read.
  private(set) var bytesRead = 0
  /// Whether a Bloom filter told that no row is wanted.
  private(set) var isPruned = false

  init(_ unit: ScanUnit, of table: QueryTable) {
    self.unit = unit
    self.table = table
  }

  func kind(_ index: Int) -> QueryColumn.Kind { table.names.columns[index].kind }

  /// Reads those of `indices` together that have not been read yet: of all rows, or of the chosen ones.
  mutating func fetch(_ indices: [Int], rows: SelectionVector?) throws {
    guard case .stored(let group) = unit.rows else { return }
    let wanted = indices.filter { columns[$0] == nil }.map { table.names.columns[$0] }
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
    let wanted = table.names.columns[index]
    return wanted.origin == .amount ? try amounts(rows: rows) : try read(wanted, rows: rows)
  }

  private mutating func read(_ wanted: QueryColumn, rows: SelectionVector?) throws -> Column {
    let name = wanted.storedName
    if readNames.insert(name).inserted { bytesRead += unit.storedByteCount(of: name) }
    let stored = try fetched.column(name, rows: rows) ?? unit.column(name, rows: rows)
    guard wanted.origin != .stored, case .integer(let sources) = stored else { return stored }
    return table.sources.column(wanted.origin, sources)
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

  /// The chosen rows of a column; unless all were read already, the others are not decoded where there are many.
  mutating func column(_ index: Int, rows: SelectionVector) throws -> Column {
    if columns[index] == nil, rows.count < unit.rowCount { return try read(index, rows: rows) }
    let column = try column(index)
    return rows.count == unit.rowCount ? column : Gathering.column(column, rows)
  }

  /// The visible rows that pass all of `tests`, ascending. Columns are read as long as there are rows left.
  mutating func rows(passing tests: [ColumnTest]) throws -> SelectionVector {
    guard try mayMatch(tests) else {
      isPruned = true
      return []
    }
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

  // MARK: - Look-ups

  /// Of more texts one is there nearly always.
  private static let soughtTextsMax = 64

  /// The few texts of which a stored column is to hold one, if that is what is asked for.
  private func sought(_ test: ColumnTest) -> (column: String, texts: [[UInt8]])? {
    guard case .text(.among(let texts)) = test.condition, texts.count <= UnitReader.soughtTextsMax,
      table.names.columns[test.column].origin == .stored
    else { return nil }
    return (table.names.columns[test.column].name, texts)
  }

  /// Asks the Bloom filters of columns that are to hold one of a few texts.
  private func mayMatch(_ tests: [ColumnTest]) throws -> Bool {
    guard case .stored(let group) = unit.rows else { return true }
    return try tests.compactMap(sought).allSatisfy { try group.mayContain($0.column, anyOf: $0.texts) }
  }

  /// The rows that hold one of the few texts that are sought, found without reading the column; nil where it has to be
  /// read, or was.
  private mutating func lookedUp(_ test: ColumnTest) throws -> SelectionVector? {
    guard case .stored(let group) = unit.rows, columns[test.column] == nil, let (column, texts) = sought(test),
      let rows = try group.rows(of: texts, in: column)
    else { return nil }
    if readNames.insert(column).inserted { bytesRead += unit.storedByteCount(of: column) }
    return rows
  }
}
