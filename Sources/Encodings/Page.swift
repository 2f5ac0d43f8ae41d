public import Columns

/// One column's rows as stored bytes.
///
/// A page is in the encoding that takes the fewest bytes, compressed only if that pays, and described by a `PageHeader`
/// that is stored elsewhere (with those of the other columns of its row group), so that a reader opens only the pages
/// it needs.
public enum Page {
  /// The most rows of one page: what a header may claim bounds what a reader allocates.
  public static let maximumRowCount = 1 << 22

  // MARK: Encode

  /// Appends the bytes of `column`'s `rows` (all of them where nil) to `writer` and describes them. O(rows).
  ///
  /// `codec` compresses the page where that pays: lz4 for fresh rows, Zstandard for rows that are rewritten to be kept.
  /// `rows` are in the column's range and at most `maximumRowCount`, which is a precondition.
  public static func encode(
    _ column: Column, rows: SelectionVector? = nil, codec: PageCodec = .lz4, into writer: inout ByteWriter
  ) -> PageHeader {
    encode([ColumnSlice(column, rows: rows)], codec: codec, into: &writer)
  }

  /// The same for the rows of several columns of one type, one slice after the other; there is at least one.
  public static func encode(
    _ slices: [ColumnSlice], codec: PageCodec = .lz4, into writer: inout ByteWriter
  ) -> PageHeader {
    let rowCount = slices.reduce(0) { $0 + $1.rowCount }
    precondition(rowCount <= maximumRowCount, "a page cannot hold \(rowCount) rows")
    let (header, plain) = encodePlain(slices, codec)
    return write(plain, header, codec, into: &writer)
  }

  /// Appends the page whose plain bytes these are, compressed where that pays, and completes its header.
  static func write(
    _ plain: [UInt8], _ header: PageHeader, _ codec: PageCodec, into writer: inout ByteWriter
  ) -> PageHeader {
    let start = writer.count
    var header = header
    header.plainByteCount = plain.count
    header.codec = Compression.write(plain.span, codec, to: &writer)
    header.storedByteCount = writer.count - start
    header.checksum = writer.checksum(from: start)
    return header
  }

  private static func encodePlain(_ slices: [ColumnSlice], _ codec: PageCodec) -> (PageHeader, [UInt8]) {
    switch slices[0].column {
    case .integer:
      return FixedPage.encode(
        Gathering.fixed(chosen(slices) { if case .integer(let column) = $0 { column } else { nil } }), codec)
    case .real:
      return FixedPage.encode(
        Gathering.fixed(chosen(slices) { if case .real(let column) = $0 { column } else { nil } }), codec)
    case .boolean:
      return FixedPage.encode(
        Gathering.fixed(chosen(slices) { if case .boolean(let column) = $0 { column } else { nil } }), codec)
    case .string:
      let texts = chosen(slices) { if case .string(let column) = $0 { column } else { nil } }
      let (header, page, _) = StringPage.encode(texts.map { Gathering.text($0, $1) }, codec)
      return (header, page)
    }
  }

  /// The slices as columns of the one type that `column` unwraps.
  private static func chosen<Typed>(
    _ slices: [ColumnSlice], _ column: (Column) -> Typed?
  ) -> [(column: Typed, rows: SelectionVector?)] {
    slices.map { slice in
      guard let typed = column(slice.column) else { preconditionFailure("slices of a page differ in type") }
      return (typed, slice.rows)
    }
  }

  // MARK: Decode

  /// The column that `stored`, the page's bytes, holds. Throws if it is not exactly what `header` says. O(rows).
  public static func decode(
    _ stored: ByteArena, header: PageHeader, type: ColumnType
  ) throws(CorruptionError) -> Column {
    try decode(try plain(stored, header), header, type)
  }

  /// The plain bytes of the page that `stored` holds, checked against `header`.
  static func plain(_ stored: ByteArena, _ header: PageHeader) throws(CorruptionError) -> ByteArena {
    try verify(stored.span, header: header)
    return try Compression.read(stored, codec: header.codec, byteCount: header.plainByteCount)
  }

  static func decode(
    _ plain: ByteArena, _ header: PageHeader, _ type: ColumnType
  ) throws(CorruptionError) -> Column {
    guard !header.encoding.needsAnother else {
      throw CorruptionError("a page needs another one, which is not there")
    }
    switch type {
    case .integer, .time, .decimal: return .integer(try FixedPage.decode(plain, header))
    case .real: return .real(try FixedPage.decode(plain, header))
    case .boolean:
      let column: FixedColumn<UInt8> = try FixedPage.decode(plain, header)
      var bits: UInt8 = 0
      for row in 0..<column.rowCount { bits |= column.values[row] }
      guard bits <= 1 else { throw CorruptionError("a boolean is neither 0 nor 1") }
      return .boolean(column)
    case .string, .binary: return .string(try StringPage.decode(plain, header))
    }
  }

  /// Throws if the length or the checksum of `stored` is not the header's, or the header is beyond bounds.
  public static func verify(_ stored: Span<UInt8>, header: PageHeader) throws(CorruptionError) {
    guard header.rowCount >= 0, header.rowCount <= maximumRowCount else {
      throw CorruptionError("a page claims \(header.rowCount) rows")
    }
    guard stored.count == header.storedByteCount else {
      throw CorruptionError("a page has \(stored.count) bytes instead of \(header.storedByteCount)")
    }
    let checksum = Checksum.crc32c(stored)
    guard checksum == header.checksum else {
      throw CorruptionError("a page's checksum is \(checksum) instead of \(header.checksum)")
    }
  }

  /// A column of `rowCount` nulls: what a row group that lacks a column reads as.
  public static func nulls(_ type: ColumnType, rowCount: Int) -> Column {
    switch type {
    case .integer, .time, .decimal: .integer(FixedPage.nulls(rowCount))
    case .real: .real(FixedPage.nulls(rowCount))
    case .boolean: .boolean(FixedPage.nulls(rowCount))
    case .string, .binary: .string(StringPage.nulls(rowCount))
    }
  }
}
