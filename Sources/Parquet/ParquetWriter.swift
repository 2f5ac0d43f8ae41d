internal import Encodings

/// Writes one Parquet file row by row, front to back: nothing is read again, so that it may go to a pipe.
///
/// Memory is that of one row group: at most `rowsPerGroup` rows and about `bytesPerGroup` bytes, and again as much
/// while it is stored; and of the footer, some hundred bytes for each column of each row group.
public final class ParquetWriter {
  /// What a file begins and ends with.
  private static let magic = Array("PAR1".utf8)
  private static let bytesPerGroup = 128 << 20

  private let columns: [ParquetColumn]
  private let rowsPerGroup: Int
  private let sink: ([UInt8]) throws -> Void
  private let gatherers: [any ColumnGathering]
  private var footer: FileFooter
  private var offset = 0
  private var rowCount = 0
  private var gatheredByteCount = 0

  /// - Parameters:
  ///   - columns: at least one.
  ///   - rowsPerGroup: readers share work by row groups, and skip them by their bounds.
  ///   - sink: takes the bytes of the file in order.
  public init(
    _ columns: [ParquetColumn], rowsPerGroup: Int = 131_072, sink: @escaping ([UInt8]) throws -> Void
  ) {
    precondition(!columns.isEmpty && rowsPerGroup > 0, "a file has columns, a row group has rows")
    self.columns = columns
    self.rowsPerGroup = rowsPerGroup
    self.sink = sink
    gatherers = columns.map { $0.gatherer() }
    footer = FileFooter(columns: columns)
  }

  /// Adds a row, a cell for each column.
  ///
  /// - Throws: `ParquetError` where a cell does not fit its column, or what the sink throws: the file is useless then.
  public func append(_ cells: [ParquetCell]) throws {
    precondition(cells.count == columns.count, "a row has a cell for each column")
    for (gatherer, cell) in zip(gatherers, cells) { gatheredByteCount += try gatherer.append(cell) }
    rowCount += 1
    if rowCount == rowsPerGroup || gatheredByteCount >= ParquetWriter.bytesPerGroup { try endGroup() }
  }

  /// Ends the file. Nothing can be added then.
  public func finish() throws {
    if rowCount > 0 { try endGroup() }
    try begin()
    let metadata = footer.encoded()
    var end = ByteWriter(capacity: metadata.count + 8)
    end.writeRaw(metadata.span)
    end.write(UInt32(metadata.count))
    end.writeRaw(ParquetWriter.magic.span)
    try emit(end.bytes)
  }

  private func endGroup() throws {
    try begin()
    let start = offset
    var placed: [FileFooter.PlacedChunk] = []
    for gatherer in gatherers {
      let chunk = gatherer.finish()
      placed.append(FileFooter.PlacedChunk(chunk, at: offset))
      try emit(chunk.bytes)
    }
    footer.groups.append(FileFooter.Group(rowCount: rowCount, offset: start, chunks: placed))
    (rowCount, gatheredByteCount) = (0, 0)
  }

  private func begin() throws { if offset == 0 { try emit(ParquetWriter.magic) } }

  private func emit(_ bytes: [UInt8]) throws {
    try sink(bytes)
    offset += bytes.count
  }
}
