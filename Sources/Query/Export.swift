internal import Checkpoints
public import Commerce
internal import Landing
internal import Windows

/// Prints tables: one row per window and group, per session, per event, per dead letter; sorted, and so the same bytes
/// for the same events however they were read. As Parquet for every other engine.
public enum Export {
  public enum Format: String, Sendable, CaseIterable {
    case ndjson
    case csv
    case parquet
  }

  public struct Options: Sendable {
    public var format = Format.ndjson
    /// Add what depends on the order of arrival.
    public var withCompleteness = false
    /// Print stored partials instead of merged rows.
    public var isRaw = false

    public init() {}
  }

  /// Bytes that are handed on at once.
  private static let blockBytes = 1 << 18

  /// Prints table `name` of `snapshot` to `sink`, in blocks.
  public static func run(
    _ snapshot: Snapshot, job: Job, table name: String, options: Options, to sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    try snapshot.check(job)
    switch name {
    case TableNames.events, TableNames.deadLetters:
      let rows = try LogRows(snapshot, table: name)
      try emit(rows.fields, options, to: sink) { row in try rows.forEach(row) }
    case TableNames.commits:
      let rows = try CommitHistoryRows(snapshot)
      try emit(rows.fields, options, to: sink) { row in try rows.forEach(row) }
    case TableNames.sessions:
      let rows = try SessionRows(snapshot, job: job)
      try emit(rows.fields, options, to: sink) { row in
        for index in 0..<rows.count { try row(rows.values(index)) }
      }
    default:
      guard job.rollupTables.contains(where: { $0.rollup.name == name }) else { throw unknown(name, snapshot) }
      if options.isRaw {
        let rows = try PartialRows(snapshot, job: job, rollup: name)
        try emit(rows.fields, options, to: sink) { row in try rows.forEach(row) }
      } else {
        let rows = try KpiRows(snapshot, job: job, rollup: name)
        try emit(rows.fields(withCompleteness: options.withCompleteness), options, to: sink) { row in
          for window in rows.windows { try row(rows.values(window, withCompleteness: options.withCompleteness)) }
        }
      }
    }
  }

  private static func unknown(_ name: String, _ snapshot: Snapshot) -> DataDirectoryError {
    let names = snapshot.commit.tables.map(\.name).filter { $0 != TableNames.waiting }
    return DataDirectoryError(
      "\(snapshot.directory) has no table '\(name)'; it has \(names.joined(separator: ", "))")
  }

  private static func emit(
    _ columns: [QueryColumn], _ options: Options, to sink: @escaping ([UInt8]) throws -> Void,
    _ rows: (([OutputValue]) throws -> Void) throws -> Void
  ) throws {
    switch options.format {
    case .ndjson: try emit(columns, as: .ndjson, to: sink, rows)
    case .csv: try emit(columns, as: .csv, to: sink, rows)
    case .parquet:
      let file = ParquetRows(columns, to: sink)
      try rows { try file.append($0) }
      try file.finish()
    }
  }

  private static func emit(
    _ columns: [QueryColumn], as format: RowPrinter.Format, to sink: @escaping ([UInt8]) throws -> Void,
    _ rows: (([OutputValue]) throws -> Void) throws -> Void
  ) throws {
    let printer = RowPrinter(format: format, columns: columns.map(\.name))
    var block = printer.header
    try rows { values in
      printer.append(values, to: &block)
      guard block.count >= blockBytes else { return }
      try sink(block)
      block.removeAll(keepingCapacity: true)
    }
    if !block.isEmpty { try sink(block) }
  }
}
