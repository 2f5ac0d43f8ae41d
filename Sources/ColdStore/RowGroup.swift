public import Columns
internal import Encodings

/// A block of rows of one table and one UTC day: a header that describes it, then one page a column.
///
/// It is the same bytes in a tail and in a segment, so that cutting a tail into segments decodes nothing.
public struct RowGroup: Sendable {
  public let header: RowGroupHeader
  /// Header and pages.
  public let bytes: [UInt8]

  /// Stores `rows` of `batch` (all of them where nil), which the caller knows to be of `day` and to follow
  /// `firstSequence` others of its table. O(cells).
  ///
  /// At most `Page.maximumRowCount` rows, which is a precondition.
  public static func encode(
    table: String, day: Int64, firstSequence: Int64 = 0, _ batch: Batch, rows: SelectionVector? = nil
  ) -> RowGroup {
    var pages = ByteWriter(capacity: (rows?.count ?? batch.rowCount) * 128)
    let headers = batch.columns.map { Page.encode($0, rows: rows, into: &pages) }
    var header = RowGroupHeader(
      table: table, day: day, rowCount: rows?.count ?? batch.rowCount, firstSequence: firstSequence,
      schema: batch.schema, pages: headers, lineage: lineage(batch, rows))
    var bytes = header.encoded()
    header.byteCount = bytes.count
    bytes.append(contentsOf: pages.bytes)
    return RowGroup(header: header, bytes: bytes)
  }

  private static func lineage(_ batch: Batch, _ rows: SelectionVector?) -> [Int64: OffsetRange] {
    guard let sourceIndex = batch.schema.index(of: "source"), let offsetIndex = batch.schema.index(of: "offset"),
      case .integer(let sources) = batch.columns[sourceIndex], case .integer(let offsets) = batch.columns[offsetIndex]
    else { return [:] }
    var lineage: [Int64: OffsetRange] = [:]
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
    return lineage
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
