/// What stands at the end of a file: the schema, and where each chunk is (the format's `FileMetaData`).
struct FileFooter {
  /// One row group: its chunks without their bytes, and where the first begins.
  struct Group {
    let rowCount: Int
    let offset: Int
    let chunks: [PlacedChunk]
  }

  /// What a chunk's metadata says.
  struct PlacedChunk {
    let offset: Int
    let byteCount: Int
    let plainByteCount: Int
    let rowCount: Int
    let dictionaryByteCount: Int
    let dataPageCount: Int
    let statistics: ColumnChunk.Statistics

    init(_ chunk: ColumnChunk, at offset: Int) {
      self.offset = offset
      byteCount = chunk.bytes.count
      plainByteCount = chunk.plainByteCount
      rowCount = chunk.rowCount
      dictionaryByteCount = chunk.dictionaryByteCount
      dataPageCount = chunk.dataPageCount
      statistics = chunk.statistics
    }
  }

  /// Zstandard, of the format's codecs.
  private static let codec: Int32 = 6

  let columns: [ParquetColumn]
  var groups: [Group] = []

  func encoded() -> [UInt8] {
    ThriftWriter.structure { file in
      file.write(1, Int32(2))
      file.write(2, [nil] + columns.map(Optional.some)) { element, column in
        if let column { FileFooter.write(column, to: &element) } else { writeRoot(to: &element) }
      }
      file.write(3, Int64(groups.reduce(0) { $0 + $1.rowCount }))
      file.write(4, Array(groups.enumerated())) { write($1.element, ordinal: $1.offset, to: &$0) }
      file.write(6, "riffle")
      // Bounds are ordered as the column's type is.
      file.write(7, columns) { order, _ in order.writeEmpty(1) }
    }
  }

  // MARK: Schema

  private func writeRoot(to element: inout ThriftWriter) {
    element.write(4, "rows")
    element.write(5, Int32(columns.count))
  }

  private static func write(_ column: ParquetColumn, to element: inout ThriftWriter) {
    element.write(1, column.type.physical)
    if let byteCount = column.type.fixedByteCount { element.write(2, Int32(byteCount)) }
    element.write(3, Int32(column.isOptional ? 1 : 0))
    element.write(4, column.name)
    // The older form of the logical type, for readers that know no other.
    switch column.type {
    case .text: element.write(6, Int32(0))
    case .json: element.write(6, Int32(19))
    case .timestamp: element.write(6, Int32(9))
    case .integer: element.write(6, Int32(18))
    case .decimal(let precision, let scale):
      element.write(6, Int32(5))
      element.write(7, Int32(scale))
      element.write(8, Int32(precision))
    case .boolean, .real: return
    }
    element.write(10) { writeLogicalType(column.type, to: &$0) }
  }

  private static func writeLogicalType(_ type: ParquetType, to logical: inout ThriftWriter) {
    switch type {
    case .text: logical.writeEmpty(1)
    case .decimal(let precision, let scale):
      logical.write(5) { decimal in
        decimal.write(1, Int32(scale))
        decimal.write(2, Int32(precision))
      }
    case .timestamp:
      logical.write(8) { timestamp in
        timestamp.write(1, true)
        timestamp.write(2) { unit in unit.writeEmpty(1) }
      }
    case .integer:
      logical.write(10) { integer in
        integer.write(1, byte: 64)
        integer.write(2, true)
      }
    case .json: logical.writeEmpty(12)
    case .boolean, .real: break
    }
  }

  // MARK: Row groups

  private func write(_ group: Group, ordinal: Int, to row: inout ThriftWriter) {
    row.write(1, Array(zip(columns, group.chunks))) { chunk, entry in
      // Metadata stand here alone: the format asks for an offset all the same.
      chunk.write(2, Int64(entry.1.offset))
      chunk.write(3) { FileFooter.write(entry.1, of: entry.0, to: &$0) }
    }
    row.write(2, Int64(group.chunks.reduce(0) { $0 + $1.plainByteCount }))
    row.write(3, Int64(group.rowCount))
    row.write(5, Int64(group.offset))
    row.write(6, Int64(group.chunks.reduce(0) { $0 + $1.byteCount }))
    if let ordinal = Int16(exactly: ordinal) { row.write(7, ordinal) }
  }

  private static func write(_ chunk: PlacedChunk, of column: ParquetColumn, to data: inout ThriftWriter) {
    let hasDictionary = chunk.dictionaryByteCount > 0
    let values = hasDictionary ? Encoding.dictionary : Encoding.plain
    data.write(1, column.type.physical)
    data.write(2, hasDictionary ? [Encoding.plain, Encoding.levels, values] : [Encoding.levels, values])
    data.write(3, [column.name])
    data.write(4, codec)
    data.write(5, Int64(chunk.rowCount))
    data.write(6, Int64(chunk.plainByteCount))
    data.write(7, Int64(chunk.byteCount))
    data.write(9, Int64(chunk.offset + chunk.dictionaryByteCount))
    if hasDictionary { data.write(11, Int64(chunk.offset)) }
    data.write(12) { write(chunk.statistics, to: &$0) }
    let pages = [(PageKind.values, values, chunk.dataPageCount)]
    data.write(13, (hasDictionary ? [(PageKind.dictionary, Encoding.plain, 1)] : []) + pages) { entry, page in
      entry.write(1, page.0)
      entry.write(2, page.1)
      entry.write(3, Int32(page.2))
    }
  }

  private static func write(_ statistics: ColumnChunk.Statistics, to written: inout ThriftWriter) {
    written.write(3, Int64(statistics.nullCount))
    if let largest = statistics.largest { written.write(5, largest.bytes) }
    if let smallest = statistics.smallest { written.write(6, smallest.bytes) }
    if let largest = statistics.largest { written.write(7, largest.isExact) }
    if let smallest = statistics.smallest { written.write(8, smallest.isExact) }
  }
}
