internal import Checkpoints
public import Commerce
internal import Landing
internal import Windows

/// Prints tables: one row per window and group, per session, per order, per event, per dead letter; sorted, and so the
/// same bytes for the same events however they were read. As Parquet for every other engine.
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

  /// Prints table `name` of `snapshot` to `sink`, in blocks.
  public static func run(
    _ snapshot: Snapshot, job: Job, table name: String, options: Options, to sink: @escaping ([UInt8]) throws -> Void
  ) throws {
    try snapshot.check(job)
    let isRollup = job.rollupTables.contains { $0.rollup.name == name }
    let others = [
      TableNames.events, TableNames.deadLetters, TableNames.sessions, TableNames.orders, TableNames.commits,
    ]
    guard isRollup || others.contains(name) else { throw unknown(name, snapshot) }
    if isRollup, options.isRaw { return try runRaw(snapshot, job: job, table: name, options, to: sink) }
    var request = ExportRequest(table: name)
    request.withCompleteness = options.withCompleteness
    let stream = try ExportTable(snapshot, job: job, request).stream(options.format)
    while let block = try stream.next() { try sink(block) }
  }

  /// The partials of a rollup, as they are stored.
  private static func runRaw(
    _ snapshot: Snapshot, job: Job, table name: String, _ options: Options, to sink: ([UInt8]) throws -> Void
  ) throws {
    let rows = try PartialRows(snapshot, job: job, rollup: name)
    let printer = ExportPrinter(rows.fields, options.format)
    try rows.forEach { values in
      try printer.append(values)
      if printer.byteCount >= blockBytes { try sink(printer.take()) }
    }
    try printer.finish()
    let last = printer.take()
    if !last.isEmpty { try sink(last) }
  }

  /// Bytes of partials that are handed on at once.
  private static let blockBytes = 1 << 18

  private static func unknown(_ name: String, _ snapshot: Snapshot) -> DataDirectoryError {
    let names = snapshot.commit.tables.map(\.name).filter { $0 != TableNames.waiting }
    return DataDirectoryError(
      "\(snapshot.directory) has no table '\(name)'; it has \(names.joined(separator: ", "))")
  }
}
