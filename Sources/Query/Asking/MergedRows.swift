internal import Columns
internal import Commerce
internal import Telemetry
internal import Windows

/// Rows of a rollup or of orders, each merged from its parts as `Export` prints it, as columns.
struct MergedRows {
  let columns: [QueryColumn]
  let batch: Batch

  /// Only orders that were made in the request's range are put into columns. O(orders), in memory.
  init(orders snapshot: Snapshot, job: Job, _ request: QueryRequest, _ limits: QueryLimits) throws {
    let rows = try OrderRows(snapshot, job: job)
    let (from, to) = (request.from ?? .min, request.to ?? .max)
    var builder = Builder(OrderRows.fields, limits)
    for index in 0..<rows.count where from <= rows.time(index) && rows.time(index) < to {
      try builder.append(rows.values(index))
    }
    (columns, batch) = (OrderRows.fields, builder.build())
  }

  /// Only windows that may begin in the request's range are merged. O(partials), of which those of one day are in
  /// memory at once.
  init(rollup snapshot: Snapshot, job: Job, _ request: QueryRequest, _ limits: QueryLimits) throws {
    guard let rollup = job.rollupTables.first(where: { $0.rollup.name == request.table })?.rollup else {
      preconditionFailure("no rollup is called \(request.table)")
    }
    let fields = KpiRows.fields(of: rollup, withCompleteness: false)
    var builder = Builder(fields, limits)
    let days = try KpiDays(snapshot, job: job, rollup: rollup.name, overlapping: MergedRows.range(request))
    try days.forEach { rows, windows in
      for window in windows { try builder.append(rows.values(window, withCompleteness: false)) }
    }
    (columns, batch) = (fields, builder.build())
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

  /// Puts printed values into columns, row by row.
  private struct Builder {
    private let columns: [QueryColumn]
    private let rowsMax: Int
    private var builder: BatchBuilder

    init(_ columns: [QueryColumn], _ limits: QueryLimits) {
      (self.columns, rowsMax) = (columns, limits.mergedRowsMax)
      builder = BatchBuilder(Schema(columns.map { Field($0.name, $0.kind.columnType) }))
    }

    consuming func build() -> Batch { builder.build() }

    mutating func append(_ values: [OutputValue]) throws(QueryError) {
      guard builder.rowCount < rowsMax else {
        throw .tooMany("rows that are merged of parts", limit: rowsMax, "set 'from' and 'to', or ask table 'events'")
      }
      for (column, value) in values.enumerated() { try append(value, to: column) }
    }

    private mutating func append(_ value: OutputValue, to column: Int) throws(QueryError) {
      switch value {
      case .null: appendNull(to: column)
      case .integer(let number), .decimal(let number), .time(let number): builder.append(number, to: column)
      case .money(let amount): builder.append(try QueryTable.cell(amount, of: columns[column].name), to: column)
      case .ratio(let ratio): builder.append(Double(ratio) / 10_000_000_000, to: column)
      case .real(let number): builder.append(number, to: column)
      case .boolean(let flag): builder.append(flag, to: column)
      case .text(let bytes), .json(let bytes): builder.append(bytes.span, to: column)
      }
    }

    private mutating func appendNull(to column: Int) {
      switch columns[column].kind {
      case .integer, .time, .money, .decimal: builder.append(nil as Int64?, to: column)
      case .real: builder.append(nil as Double?, to: column)
      case .boolean: builder.append(nil as Bool?, to: column)
      case .text, .json: builder.appendNullText(to: column)
      }
    }
  }
}
