/// Exported rows as bytes, block by block: whoever pulls sets the pace.
///
/// `@unchecked Sendable`: whoever pulls does so from one serial queue.
public final class ExportStream: @unchecked Sendable {
  /// A block is handed on when it has as many bytes.
  private static let blockBytes = 1 << 18

  private let printer: ExportPrinter
  private let nextRow: () throws -> [OutputValue]?
  private var hasEnded = false

  init(_ printer: ExportPrinter, _ nextRow: @escaping () throws -> [OutputValue]?) {
    self.printer = printer
    self.nextRow = nextRow
  }

  /// The next bytes, never none; nil at the end.
  public func next() throws -> [UInt8]? {
    while !hasEnded, printer.byteCount < ExportStream.blockBytes {
      if let row = try nextRow() {
        try printer.append(row)
      } else {
        hasEnded = true
        try printer.finish()
      }
    }
    let block = printer.take()
    return block.isEmpty ? nil : block
  }
}

/// Prints rows in one of the formats of exports, and holds the bytes until they are taken.
final class ExportPrinter {
  /// Rows of a row group of Parquet, all of which are in memory; readers want many.
  private static let rowsPerGroup = 65_536

  private let lines: RowPrinter?
  private let file: ParquetRows?
  private let bytes: Block

  /// Bytes that a closure adds to as well.
  private final class Block {
    var bytes: [UInt8] = []
  }

  init(_ columns: [QueryColumn], _ format: Export.Format, withHeader: Bool = true) {
    let block = Block()
    bytes = block
    switch format {
    case .ndjson: lines = RowPrinter(format: .ndjson, columns: columns.map(\.name))
    case .csv: lines = RowPrinter(format: .csv, columns: columns.map(\.name))
    case .parquet: lines = nil
    }
    file = lines == nil ? ParquetRows(columns, rowsPerGroup: ExportPrinter.rowsPerGroup) { block.bytes += $0 } : nil
    if withHeader { block.bytes = lines?.header ?? [] }
  }

  var byteCount: Int { bytes.bytes.count }

  func append(_ values: [OutputValue]) throws {
    lines?.append(values, to: &bytes.bytes)
    try file?.append(values)
  }

  /// Behind the last row.
  func finish() throws { try file?.finish() }

  func take() -> [UInt8] {
    defer { bytes.bytes = [] }
    return bytes.bytes
  }
}
