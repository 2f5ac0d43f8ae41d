internal import Columns
internal import Commerce

/// Rows that `Export` prints of a rollup, of sessions or of orders, as columns.
struct MergedRows {
  let columns: [QueryColumn]
  private let count: Int
  private let values: (Int) throws -> [OutputValue]

  init(sessions snapshot: Snapshot, job: Job) throws {
    let rows = try SessionRows(snapshot, job: job)
    columns = rows.fields
    count = rows.count
    values = rows.values
  }

  init(orders snapshot: Snapshot, job: Job) throws {
    let rows = try OrderRows(snapshot, job: job)
    columns = OrderRows.fields
    count = rows.count
    values = rows.values
  }

  /// Only windows that may begin in the request's range are merged.
  init(rollup snapshot: Snapshot, job: Job, _ name: String, _ request: QueryRequest) throws {
    let rows = try KpiRows(snapshot, job: job, rollup: name, overlapping: MergedRows.range(request))
    columns = rows.fields(withCompleteness: false)
    count = rows.windows.count
    values = { rows.values(rows.windows[$0], withCompleteness: false) }
  }

  /// No event is behind it: 2200-01-01.
  private static let endOfTime: Int64 = 7_258_118_400_000

  /// The request's range, not empty and within what calendars are asked; nil where the request has none.
  private static func range(_ request: QueryRequest) -> Range<Int64>? {
    guard request.from != nil || request.to != nil else { return nil }
    return bounded(from: request.from ?? 0, to: request.to ?? endOfTime)
  }

  /// What of a range windows can be asked for: not empty, and within the times of events.
  static func bounded(from first: Int64, to end: Int64) -> Range<Int64> {
    let lower = min(max(first, 0), endOfTime - 1)
    return lower..<max(lower + 1, min(end, endOfTime))
  }

  /// All rows. O(cells).
  func batch() throws -> Batch {
    var builder = BatchBuilder(Schema(columns.map { Field($0.name, $0.kind.columnType) }))
    for row in 0..<count {
      for (column, value) in try values(row).enumerated() { try append(value, to: column, &builder) }
    }
    return builder.build()
  }

  private func append(_ value: OutputValue, to column: Int, _ builder: inout BatchBuilder) throws(QueryError) {
    switch value {
    case .null: appendNull(to: column, &builder)
    case .integer(let number), .decimal(let number), .time(let number): builder.append(number, to: column)
    case .money(let amount):
      guard let amount = Int64(exactly: amount) else {
        throw QueryError("table", "column '\(columns[column].name)' has a sum that is too large: read it with 'export'")
      }
      builder.append(amount, to: column)
    case .ratio(let ratio): builder.append(Double(ratio) / 10_000_000_000, to: column)
    case .real(let number): builder.append(number, to: column)
    case .boolean(let flag): builder.append(flag, to: column)
    case .text(let bytes), .json(let bytes): builder.append(bytes.span, to: column)
    }
  }

  private func appendNull(to column: Int, _ builder: inout BatchBuilder) {
    switch columns[column].kind {
    case .integer, .time, .money, .decimal: builder.append(nil as Int64?, to: column)
    case .real: builder.append(nil as Double?, to: column)
    case .boolean: builder.append(nil as Bool?, to: column)
    case .text, .json: builder.appendNullText(to: column)
    }
  }
}
