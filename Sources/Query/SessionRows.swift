internal import ColdStore
public import Columns
public import Commerce
internal import Encodings
internal import Landing
internal import Windows

/// Reads sessions: one row for each, sealed and still open, by key and start. In memory: O(sessions).
public struct SessionRows: Sendable {
  private struct Position: Sendable {
    let key: [UInt8]
    let start: Int64
    let batch: Int
    let row: Int
  }

  private let table: SessionTable
  private let currency: [UInt8]?
  private var batches: [Batch] = []
  private var positions: [Position] = []

  public init(_ snapshot: Snapshot, job: Job) throws {
    table = job.keyed.sessionTable
    currency = job.settings.currency.map { Array($0.utf8) }
    try snapshot.table(TableNames.sessions).forEachPiece { add($0.batch, rows: $0.rows) }
    let batch = try SessionRows.open(snapshot, job: job)
    add(batch, rows: SelectionVector(0..<UInt32(batch.rowCount)))
    sort()
  }

  /// Those that are open at `snapshot`, with the columns of the table. O(events of open sessions).
  static func open(_ snapshot: Snapshot, job: Job) throws -> Batch {
    let table = job.keyed.sessionTable
    var open = BatchBuilder(table.schema)
    for state in try snapshot.keyGroupStates() {
      try KeyGroup.appendOpenSessions(of: state, rules: job.keyed.sessionRules, table: table, to: &open)
    }
    return open.build()
  }

  /// The rows of `batch`, which has the columns of the table of sessions.
  public init(_ batch: Batch, job: Job) {
    table = job.keyed.sessionTable
    currency = job.settings.currency.map { Array($0.utf8) }
    add(batch, rows: SelectionVector(0..<UInt32(batch.rowCount)))
    sort()
  }

  /// The rows of one key that are sealed at `snapshot`. O(bytes of the row groups that may hold the key).
  public init(_ snapshot: Snapshot, job: Job, sealedOf key: [UInt8]) throws {
    table = job.keyed.sessionTable
    currency = job.settings.currency.map { Array($0.utf8) }
    let name = table.schema.fields[SessionTable.keyColumn].name
    try snapshot.table(TableNames.sessions).forEachPiece(matching: [.text(column: name, equals: key)]) { piece in
      add(piece.batch, rows: SessionRows.rows(piece.rows, of: key, in: piece.batch))
    }
    sort()
  }

  /// The rows of one key that were still open at `snapshot`. O(all open sessions).
  public init(_ snapshot: Snapshot, job: Job, openOf key: [UInt8]) throws {
    table = job.keyed.sessionTable
    currency = job.settings.currency.map { Array($0.utf8) }
    let batch = try SessionRows.open(snapshot, job: job)
    add(batch, rows: SessionRows.rows(SelectionVector(0..<UInt32(batch.rowCount)), of: key, in: batch))
    sort()
  }

  private static func rows(_ rows: SelectionVector, of key: [UInt8], in batch: Batch) -> SelectionVector {
    let keys = batch.strings(SessionTable.keyColumn)
    return rows.filter { Array(copying: keys.bytes(Int($0))) == key }
  }

  private mutating func add(_ batch: Batch, rows: SelectionVector) {
    guard !rows.isEmpty else { return }
    let keys = batch.strings(SessionTable.keyColumn)
    let starts = batch.integers(SessionTable.startColumn).values
    for row in rows {
      positions.append(
        Position(
          key: Array(copying: keys.bytes(Int(row))), start: starts[Int(row)], batch: batches.count, row: Int(row)))
    }
    batches.append(batch)
  }

  private mutating func sort() {
    positions.sort { $0.key == $1.key ? $0.start < $1.start : $0.key.lexicographicallyPrecedes($1.key) }
  }

  public var count: Int { positions.count }

  /// The session key of the session at `index`.
  func key(_ index: Int) -> [UInt8] { positions[index].key }

  /// From the first event of the session at `index` to its last.
  public func bounds(_ index: Int) -> ClosedRange<Int64> {
    let position = positions[index]
    let end = batches[position.batch].integers(SessionTable.endColumn).values[position.row]
    return position.start...max(position.start, end)
  }

  public var columns: [String] { fields.map(\.name) }

  var fields: [QueryColumn] { SessionRows.fields(of: table) }

  static func fields(of table: SessionTable) -> [QueryColumn] {
    table.schema.fields.flatMap { field -> [QueryColumn] in
      guard field.name == "revenue" else { return [QueryColumn(name: field.name, kind: QueryColumn.Kind(field.type))] }
      return [
        QueryColumn(name: "revenue", kind: .money, origin: .sessionRevenue),
        QueryColumn(name: "revenue_by_currency", kind: .json, origin: .sessionRevenueByCurrency),
      ]
    }
  }

  /// The values of the session at `index`.
  public func values(_ index: Int) throws -> [OutputValue] {
    let position = positions[index]
    let batch = batches[position.batch]
    return try zip(table.schema.fields, batch.columns).flatMap { field, column -> [OutputValue] in
      guard field.name == "revenue" else { return [CellText.value(column, row: position.row, type: field.type)] }
      let sums = try revenue(batch, row: position.row)
      return [SessionSums(currency: currency).shown(sums).map(OutputValue.money) ?? .null, MoneyText.byCurrency(sums)]
    }
  }

  private func revenue(_ batch: Batch, row: Int) throws -> MoneyByCurrency {
    guard let column = table.schema.index(of: "revenue") else { return MoneyByCurrency() }
    var reader = ByteReader(Array(copying: batch.strings(column).bytes(row)))
    return try MoneyByCurrency(from: &reader)
  }
}

/// How many sessions there are, and how far they came; no session is kept.
struct SessionCounts {
  private(set) var count = 0
  /// By step of the funnel: the sessions that made it.
  private(set) var reached: [Int64]

  init(_ snapshot: Snapshot, job: Job) throws {
    reached = [Int64](repeating: 0, count: job.settings.funnelSteps.count)
    try snapshot.table(TableNames.sessions).forEachPiece(columns: [SessionTable.funnelStep]) { piece in
      add(piece.batch, rows: piece.rows)
    }
    let open = try SessionRows.open(snapshot, job: job)
    add(open, rows: SelectionVector(0..<UInt32(open.rowCount)))
  }

  private mutating func add(_ batch: Batch, rows: SelectionVector) {
    count += rows.count
    guard let column = batch.schema.index(of: SessionTable.funnelStep) else { return }
    let steps = batch.integers(column)
    for row in rows {
      for step in 0..<min(Int(steps[Int(row)] ?? 0), reached.count) { reached[step] += 1 }
    }
  }
}

/// A stored cell as an output value.
enum CellText {
  static func value(_ column: Column, row: Int, type: ColumnType) -> OutputValue {
    guard !column.isNull(row) else { return .null }
    switch column {
    case .integer(let column):
      switch type {
      case .time: return .time(column.values[row])
      case .decimal: return .decimal(column.values[row])
      default: return .integer(column.values[row])
      }
    case .real(let column): return .real(column.values[row])
    case .boolean(let column): return .boolean(column.values[row] == 1)
    case .string(let column): return .text(Array(copying: column.bytes(row)))
    }
  }
}
