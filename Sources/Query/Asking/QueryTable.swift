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
/// `events` and `dead_letters` are read from their files. Of rollups, sessions and orders the files hold parts, so
/// their rows are merged first, in memory, as `Export` prints them.
struct QueryTable: Sendable {
  enum Data: Sendable {
    case stored(TableReader)
    case merged(Batch)
  }

  let names: QueryColumns
  /// What `from`, `to` and buckets of time are about.
  let timeColumn: Int?
  /// Columns that order rows without a repeated one: topic, partition and offset of stored rows.
  let placeColumns: [Int]
  let sources: SourceNames
  private let data: Data

  init(_ snapshot: Snapshot, job: Job, _ request: QueryRequest) throws {
    let name = request.table
    let rollup = job.rollupTables.first { $0.rollup.name == name }
    switch name {
    case TableNames.events, TableNames.deadLetters: try self.init(stored: snapshot, name)
    case TableNames.commits: try self.init(commits: snapshot)
    case TableNames.sessions: try self.init(merged: MergedRows(sessions: snapshot, job: job), name, time: "start")
    case TableNames.orders: try self.init(merged: MergedRows(orders: snapshot, job: job), name, time: "ordered_at")
    case _ where rollup != nil:
      let rows = try MergedRows(rollup: snapshot, job: job, name, request)
      try self.init(merged: rows, name, time: "window_start")
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
    data = .stored(table)
  }

  private init(commits snapshot: Snapshot) throws {
    let table = try snapshot.table(TableNames.commits)
    let columns = table.state.schema.fields.map { QueryColumn(name: $0.name, kind: QueryTable.kind($0)) }
    names = QueryColumns(table: TableNames.commits, columns: columns)
    timeColumn = columns.firstIndex { $0.name == CommitRows.timeColumn }
    placeColumns = columns.indices.filter { columns[$0].name == "epoch" }
    sources = SourceNames()
    data = .stored(table)
  }

  private init(merged rows: MergedRows, _ name: String, time: String) throws {
    names = QueryColumns(table: name, columns: rows.columns)
    timeColumn = rows.columns.firstIndex { $0.name == time }
    placeColumns = []
    sources = SourceNames()
    data = .merged(try rows.batch())
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

  /// The units that may hold a row passing all of `tests`, in stored order. O(row groups).
  func units(passing tests: [ColumnTest]) throws -> (units: [ScanUnit], statistics: ScanStatistics) {
    switch data {
    case .merged(let batch):
      return (batch.rowCount == 0 ? [] : [ScanUnit(rows: .inMemory(BatchSlice(batch)))], ScanStatistics())
    case .stored(let table):
      let selection = try table.groups(in: timeRange(tests)) { header in
        tests.allSatisfy { test in
          guard let zone = zone(test.column, header) else { return true }
          return test.mayMatch(zone.map, nullCount: zone.nullCount, rowCount: header.rowCount)
        }
      }
      let unwritten = table.unwritten.map { ScanUnit(rows: .inMemory($0)) }
      return (selection.groups.map { ScanUnit(rows: .stored($0)) } + unwritten, ScanStatistics(selection))
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
