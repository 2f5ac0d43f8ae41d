public import Columns
internal import Encodings

/// A block of rows of one table and one UTC day: a header that describes it, then one page a column, then, of merged
/// rows, Bloom filters of those columns that rows are looked up by.
///
/// It is the same bytes in a tail and in a segment, so that cutting a tail into segments decodes nothing.
public struct RowGroup: Sendable {
  public let header: RowGroupHeader
  /// The header as stored, and the pages and filters behind it.
  let headerBytes: [UInt8]
  let pageBytes: [UInt8]
  /// What names of columns end in that single rows are looked up by.
  private static let lookupSuffix = "_id"
  /// Whether single rows are looked up by the column `name`.
  static func isLookup(_ name: String) -> Bool { name.hasSuffix(lookupSuffix) }

  /// Where rows are on their way, which decides what is spent on them.
  public enum Stage: Sendable {
    /// As they came, soon to be merged: LZ4, and no filters, which take longer to make than most columns.
    case fresh
    /// Sorted, to be kept and asked often: Zstandard, filters, and columns by those that determine them.
    case merged

    var codec: PageCodec {
      switch self {
      case .fresh: .lz4
      case .merged: .zstd
      }
    }
  }

  /// Bytes in the file.
  public var byteCount: Int { headerBytes.count + pageBytes.count }

  /// Stores the rows of `slices`, at least one, which share a schema and which the caller knows to be of `day` and to
  /// follow `firstSequence` others of their table. O(cells).
  ///
  /// At most `Page.maximumRowCount` rows, which is a precondition.
  public static func encode(
    table: String, day: Int64, firstSequence: Int64 = 0, stage: Stage = .fresh, _ slices: [BatchSlice]
  ) -> RowGroup {
    let rowCount = slices.reduce(0) { $0 + $1.rowCount }
    let schema = slices[0].batch.schema
    var pages = ByteWriter(capacity: rowCount * 64)
    let columns = schema.fields.indices.map { index in
      slices.map { ColumnSlice($0.batch.columns[index], rows: $0.rows) }
    }
    let headers =
      stage == .merged
      ? PageGroup.encode(columns, codec: stage.codec, into: &pages)
      : columns.map { Page.encode($0, codec: stage.codec, into: &pages) }
    let filters = schema.fields.indices.map { index -> FilterHeader? in
      guard stage == .merged, isLookup(schema.fields[index].name),
        let filter = BloomFilter(slices, column: index)
      else { return nil }
      let start = pages.count
      pages.writeRaw(filter.bytes.span)
      return FilterHeader(byteCount: filter.bytes.count, checksum: pages.checksum(from: start))
    }
    var header = RowGroupHeader(
      table: table, day: day, rowCount: rowCount, firstSequence: firstSequence, schema: schema, pages: headers,
      filters: filters, lineage: lineage(slices))
    let headerBytes = header.encoded()
    header.byteCount = headerBytes.count
    return RowGroup(header: header, headerBytes: headerBytes, pageBytes: pages.bytes)
  }

  /// The same for `rows` of one batch, all of them where nil.
  public static func encode(
    table: String, day: Int64, firstSequence: Int64 = 0, stage: Stage = .fresh, _ batch: Batch,
    rows: SelectionVector? = nil
  ) -> RowGroup {
    encode(table: table, day: day, firstSequence: firstSequence, stage: stage, [BatchSlice(batch, rows: rows)])
  }

  private static func lineage(_ slices: [BatchSlice]) -> [Int64: OffsetRange] {
    var lineage: [Int64: OffsetRange] = [:]
    for slice in slices { addLineage(slice.batch, slice.rows, to: &lineage) }
    return lineage
  }

  private static func addLineage(_ batch: Batch, _ rows: SelectionVector?, to lineage: inout [Int64: OffsetRange]) {
    guard let sourceIndex = batch.schema.index(of: "source"), let offsetIndex = batch.schema.index(of: "offset"),
      case .integer(let sources) = batch.columns[sourceIndex], case .integer(let offsets) = batch.columns[offsetIndex]
    else { return }
    // Rows of one source follow each other: the dictionary is touched when the source changes.
    var current: (source: Int64, range: OffsetRange)?
    for index in 0..<(rows?.count ?? batch.rowCount) {
      let row = rows.map { Int($0[index]) } ?? index
      guard let source = sources[row], let offset = offsets[row] else { continue }
      let range = OffsetRange(minimum: offset, maximum: offset)
      if let known = current, known.source == source {
        current = (source, known.range.union(range))
      } else {
        if let known = current { lineage[known.source] = lineage[known.source]?.union(known.range) ?? known.range }
        current = (source, range)
      }
    }
    if let known = current { lineage[known.source] = lineage[known.source]?.union(known.range) ?? known.range }
  }
}

/// What rows must hold to be wanted, as far as zone maps can tell.
public enum ZonePredicate: Sendable {
  /// The integer, time, decimal or boolean column holds a value inside the range.
  case integers(column: String, ClosedRange<Int64>)
  /// The text column holds exactly this text.
  case text(column: String, equals: [UInt8])

  /// Whether a row group may hold such a row; false is certain.
  public func mayMatch(_ header: RowGroupHeader) -> Bool {
    switch self {
    case .integers(let column, let range): header.zoneMap(column).mayContain(range)
    case .text(let column, let text): header.zoneMap(column).mayContain(text: text.span)
    }
  }
}
