internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Commerce
internal import Encodings
internal import Ingest
internal import Landing
internal import Windows

/// A table as a query sees it: its columns, and where their rows are.
///
/// `events`, `dead_letters` and sessions are read from their files; sessions that are open are in memory, beside them.
/// Of rollups and orders the files hold parts, so their rows are merged first, in memory, as `Export` prints them.
struct QueryTable: Sendable {
  enum Data: Sendable {
    /// With rows of the same columns that are in no file.
    case stored(TableReader, beside: [BatchSlice])
    case merged(Batch)
  }

  let names: QueryColumns
  /// What `from`, `to` and buckets of time are about.
  let timeColumn: Int?
  /// Columns that order rows without a repeated one: topic, partition and offset of stored rows.
  let placeColumns: [Int]
  let sources: SourceNames
  let sums: SessionSums
  private let data: Data

  init(_ snapshot: Snapshot, job: Job, _ request: QueryRequest, _ limits: QueryLimits) throws {
    let name = request.table
    let rollup = job.rollupTables.first { $0.rollup.name == name }
    switch name {
    case TableNames.events, TableNames.deadLetters: try self.init(stored: snapshot, name)
    case TableNames.commits: try self.init(commits: snapshot)
    case TableNames.sessions: try self.init(sessions: snapshot, job)
    case TableNames.orders:
      try self.init(merged: MergedRows(orders: snapshot, job: job, request, limits), name, time: "ordered_at")
    case _ where rollup != nil:
      try self.init(merged: MergedRows(rollup: snapshot, job: job, request, limits), name, time: "window_start")
    default:
      let known =
        [TableNames.events, TableNames.sessions, TableNames.orders, TableNames.deadLetters, TableNames.commits]
        + job.rollupTables.map(\.rollup.name)
      throw QueryError("table", "there is no table '\(name)'", unknown: name, among: known)
    }
  }

  private init(stored snapshot: Snapshot, _ name: String) throws {
    let table = try snapshot.table(name)
    let stored = table.state.schema.fields.filter { $0.name != "source" }.map { field in
      QueryColumn(name: field.name, kind: QueryTable.kind(field))
    }
    let columns = [
      QueryColumn(name: "topic", kind: .text, origin: .topic),
      QueryColumn(name: "partition", kind: .integer, origin: .partition),
    ]
    let derived = QueryColumn(name: "amount", kind: .money, origin: .amount)
    names = QueryColumns(table: name, columns: columns + stored + (name == TableNames.events ? [derived] : []))
    timeColumn = name == TableNames.events ? names.columns.firstIndex { $0.name == EventSchema.timeColumn } : nil
    placeColumns = [0, 1, 2]
    sources = SourceNames(snapshot.commit.sources)
    sums = SessionSums(currency: nil)
    data = .stored(table, beside: table.unwritten)
  }

  private init(sessions snapshot: Snapshot, _ job: Job) throws {
    let sessions = job.keyed.sessionTable
    let columns = SessionRows.fields(of: sessions)
    names = QueryColumns(table: TableNames.sessions, columns: columns)
    timeColumn = columns.firstIndex { $0.name == "start" }
    placeColumns = ["session_id", "start"].compactMap { name in columns.firstIndex { $0.name == name } }
    sources = SourceNames()
    sums = SessionSums(currency: job.settings.currency.map { Array($0.utf8) })
    let open = try SessionRows.open(snapshot, job: job)
    data = .stored(try snapshot.table(TableNames.sessions), beside: open.rowCount > 0 ? [BatchSlice(open)] : [])
  }

  private init(commits snapshot: Snapshot) throws {
    let table = try snapshot.table(TableNames.commits)
    let columns = table.state.schema.fields.map { QueryColumn(name: $0.name, kind: QueryTable.kind($0)) }
    names = QueryColumns(table: TableNames.commits, columns: columns)
    timeColumn = columns.firstIndex { $0.name == CommitRows.timeColumn }
    placeColumns = columns.indices.filter { columns[$0].name == "epoch" }
    sources = SourceNames()
    sums = SessionSums(currency: nil)
    data = .stored(table, beside: table.unwritten)
  }

  private init(merged rows: MergedRows, _ name: String, time: String) throws {
    names = QueryColumns(table: name, columns: rows.columns)
    timeColumn = rows.columns.firstIndex { $0.name == time }
    placeColumns = []
    sources = SourceNames()
    sums = SessionSums(currency: nil)
    data = .merged(rows.batch)
  }

  /// A sum as a cell of the column `name`.
  static func cell(_ sum: Int128, of name: String) throws(QueryError) -> Int64 {
    guard let cell = Int64(exactly: sum) else {
      throw QueryError("table", "column '\(name)' has a sum that is too large: read it with 'export'")
    }
    return cell
  }

  static func kind(_ field: Field) -> QueryColumn.Kind {
    switch (field.name, field.type) {
    case ("price", .decimal): .money
    case ("properties", .string): .json
    default: QueryColumn.Kind(field.type)
    }
  }

  /// What is known of a column of a stored row group without reading it.
  func zone(_ column: Int, _ header: RowGroupHeader) -> (map: ZoneMap, nullCount: Int)? {
    let wanted = names.columns[column]
    guard wanted.origin == .stored else { return nil }
    guard let index = header.schema.index(of: wanted.name) else { return (.empty, header.rowCount) }
    return (header.pages[index].zoneMap, header.pages[index].nullCount)
  }

  /// The units that may hold a row passing all of `tests`, as zone maps and Bloom filters know, in stored order.
  /// O(row groups), and O(bytes) of the filters that nobody has asked before.
  func units(passing tests: [ColumnTest]) throws -> (units: [ScanUnit], statistics: ScanStatistics) {
    switch data {
    case .merged(let batch):
      return (batch.rowCount == 0 ? [] : [ScanUnit(rows: .inMemory(BatchSlice(batch)))], ScanStatistics())
    case .stored(let table, let beside):
      var selection = try table.groups(in: timeRange(tests)) { header in
        tests.allSatisfy { test in
          guard let zone = zone(test.column, header) else { return true }
          return test.mayMatch(zone.map, nullCount: zone.nullCount, rowCount: header.rowCount)
        }
      }
      let sought = tests.compactMap { SoughtTexts($0, names) }
      try selection.prune { group in try sought.allSatisfy { try group.mayContain($0.column, anyOf: $0.texts) } }
      let inMemory = beside.map { ScanUnit(rows: .inMemory($0)) }
      return (selection.groups.map { ScanUnit(rows: .stored($0)) } + inMemory, ScanStatistics(selection))
    }
  }

  /// The times that rows passing all of `tests` lie in; nil where there may be any, or none.
  private func timeRange(_ tests: [ColumnTest]) -> ClosedRange<Int64>? {
    var (first, last) = (Int64.min, Int64.max)
    for test in tests where test.column == timeColumn {
      if case .within(let lower, let upper) = test.condition {
        first = max(first, lower)
        last = min(last, upper)
      }
    }
    return first <= last ? first...last : nil
  }
}

extension QueryColumn.Kind {
  init(_ type: ColumnType) {
    switch type {
    case .integer: self = .integer
    case .time: self = .time
    case .decimal: self = .decimal
    case .real: self = .real
    case .boolean: self = .boolean
    case .string, .binary: self = .text
    }
  }

  var columnType: ColumnType {
    switch self {
    case .integer: .integer
    case .time: .time
    case .money, .decimal: .decimal
    case .real: .real
    case .boolean: .boolean
    case .text, .json: .string
    }
  }
}
