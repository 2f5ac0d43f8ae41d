public import Columns
public import Encodings

/// The offsets of one source's rows that a row group holds.
public struct OffsetRange: Sendable, Equatable {
  public var minimum: Int64
  public var maximum: Int64

  /// What covers both.
  public func union(_ other: OffsetRange) -> OffsetRange {
    OffsetRange(minimum: min(minimum, other.minimum), maximum: max(maximum, other.maximum))
  }
}

/// What a row group says of itself: enough to find, skip and decode each of its columns.
public struct RowGroupHeader: Sendable, Equatable {
  package static let magic = Array("RGR6".utf8)
  /// The formats before this one, which are the same but for columns that need others.
  private static let readableMagics = ["RGR5", "RGR4"].map { Array($0.utf8) }
  /// Magic and the length of what follows them.
  package static let prefixByteCount = 8
  /// No honest header comes near it.
  static let maximumByteCount = 1 << 20
  /// Nor this many rows.
  static let maximumSequence = Int64(1) << 60

  public let table: String
  /// The UTC day of all rows: milliseconds of its midnight.
  public let day: Int64
  public let rowCount: Int
  /// How many rows the table had been given before these: rows keep their place in that order wherever they are copied.
  public let firstSequence: Int64
  public let schema: Schema
  /// One for each column of `schema`; their bytes follow the header in this order.
  public let pages: [PageHeader]
  /// For each column what is known of its Bloom filter; their bytes follow the pages in this order.
  let filters: [FilterHeader?]
  /// Per value of the column `source`, the range of the column `offset`; empty where the table lacks either.
  public let lineage: [Int64: OffsetRange]
  /// Bytes of prefix, header and checksum.
  public internal(set) var byteCount = 0

  /// Where each column's page begins, counted from the row group's first byte.
  public var pageOffsets: [Int] {
    var offset = byteCount
    return pages.map { page in
      defer { offset += page.storedByteCount }
      return offset
    }
  }

  /// Where the filter of column `index` begins, counted from the row group's first byte.
  func filterOffset(_ index: Int) -> Int {
    filters[..<index].reduce(pagesEnd) { $0 + ($1?.byteCount ?? 0) }
  }

  private var pagesEnd: Int { pages.reduce(byteCount) { $0 + $1.storedByteCount } }

  /// Where its rows stand among all that the table was ever given.
  public var sequence: Range<Int64> { firstSequence..<firstSequence + Int64(rowCount) }

  /// Bytes of the whole row group.
  public var groupByteCount: Int { filterOffset(filters.count) }

  /// The zone map of `column`: `empty` if the row group lacks it, since it reads as null.
  public func zoneMap(_ column: String) -> ZoneMap { schema.index(of: column).map { pages[$0].zoneMap } ?? .empty }

  init(
    table: String, day: Int64, rowCount: Int, firstSequence: Int64, schema: Schema, pages: [PageHeader],
    filters: [FilterHeader?], lineage: [Int64: OffsetRange]
  ) {
    self.table = table
    self.day = day
    self.rowCount = rowCount
    self.firstSequence = firstSequence
    self.schema = schema
    self.pages = pages
    self.filters = filters
    self.lineage = lineage
  }

  // MARK: Stored form (README: row group)

  func encoded() -> [UInt8] {
    var body = ByteWriter(capacity: 64 * pages.count)
    body.write(table)
    body.writeSignedVarint(day)
    body.writeVarint(UInt64(rowCount))
    body.writeVarint(UInt64(firstSequence))
    body.writeVarint(UInt64(pages.count))
    for (field, (page, filter)) in zip(schema.fields, zip(pages, filters)) {
      body.write(field.name)
      body.write(field.type.rawValue)
      page.write(to: &body)
      FilterHeader.write(filter, to: &body)
    }
    body.writeVarint(UInt64(lineage.count))
    for (source, range) in lineage.sorted(by: { $0.key < $1.key }) {
      body.writeSignedVarint(source)
      body.writeSignedVarint(range.minimum)
      body.writeSignedVarint(range.maximum)
    }
    var whole = ByteWriter(capacity: body.count + 12)
    whole.writeRaw(RowGroupHeader.magic.span)
    whole.write(UInt32(body.count))
    whole.writeRaw(body.bytes.span)
    whole.write(whole.checksum())
    return whole.bytes
  }

  /// Bytes of the header that begins with `prefix`, its first eight bytes.
  static func byteCount(prefix: ArraySlice<UInt8>) throws(CorruptionError) -> Int {
    var reader = ByteReader(prefix)
    let found = try reader.readRaw(4)
    guard found.elementsEqual(magic) || readableMagics.contains(where: { found.elementsEqual($0) }) else {
      throw found.starts(with: magic.dropLast())
        ? CorruptionError(
          "a row group has the format \(String(decoding: found, as: UTF8.self)), not RGR6, RGR5 or RGR4")
        : CorruptionError("a row group does not begin here")
    }
    let body = Int(try reader.readUInt32())
    guard body <= maximumByteCount else { throw CorruptionError("a row group's header claims \(body) bytes") }
    return prefixByteCount + body + 4
  }

  /// Reads the header that `bytes` begins with.
  init(_ bytes: ArraySlice<UInt8>) throws(CorruptionError) {
    let byteCount = try RowGroupHeader.byteCount(prefix: bytes.prefix(RowGroupHeader.prefixByteCount))
    guard byteCount <= bytes.count else { throw CorruptionError("a row group's header is cut off") }
    let whole = bytes.prefix(byteCount)
    var check = ByteReader(whole.suffix(4))
    let (expected, actual) = (try check.readUInt32(), Checksum.crc32c(Array(whole.dropLast(4))))
    guard expected == actual else {
      throw CorruptionError("a row group's header has the checksum \(actual) instead of \(expected)")
    }
    var reader = ByteReader(whole.dropFirst(RowGroupHeader.prefixByteCount).dropLast(4))
    table = try reader.readText()
    day = try reader.readSignedVarint()
    rowCount = try reader.readNumber()
    guard rowCount <= Page.maximumRowCount else { throw CorruptionError("a row group claims \(rowCount) rows") }
    firstSequence = Int64(clamping: try reader.readVarint())
    guard firstSequence <= RowGroupHeader.maximumSequence else {
      throw CorruptionError("a row group claims to be behind \(firstSequence) rows")
    }
    (schema, pages, filters) = try RowGroupHeader.readColumns(&reader, rowCount: rowCount)
    var lineage: [Int64: OffsetRange] = [:]
    for _ in 0..<(try reader.readCount(of: "sources", minimumBytes: 3)) {
      let source = try reader.readSignedVarint()
      lineage[source] = OffsetRange(minimum: try reader.readSignedVarint(), maximum: try reader.readSignedVarint())
    }
    self.lineage = lineage
    guard reader.isAtEnd else { throw CorruptionError("a row group's header has bytes too many") }
    self.byteCount = byteCount
  }

  private static func readColumns(
    _ reader: inout ByteReader, rowCount: Int
  ) throws(CorruptionError) -> (Schema, [PageHeader], [FilterHeader?]) {
    let count = try reader.readCount(of: "columns", minimumBytes: 8)
    var filters: [FilterHeader?] = []
    var fields: [Field] = []
    var pages: [PageHeader] = []
    var names: Set<String> = []
    var stored = 0
    for _ in 0..<count {
      let name = try reader.readText()
      guard let type = ColumnType(rawValue: try reader.readUInt8()) else {
        throw CorruptionError("column \(name) has an unknown type")
      }
      guard names.insert(name).inserted else { throw CorruptionError("column \(name) is declared twice") }
      fields.append(Field(name, type))
      let page = try PageHeader(from: &reader, rowCount: rowCount)
      let filter = try FilterHeader.read(&reader)
      let (sum, overflows) = stored.addingReportingOverflow(page.storedByteCount)
      guard !overflows, sum < 1 << 40 else { throw CorruptionError("column \(name) claims too many bytes") }
      stored = sum + (filter?.byteCount ?? 0)
      pages.append(page)
      filters.append(filter)
    }
    try checkDeterminants(fields, pages)
    return (Schema(fields), pages, filters)
  }
}

extension RowGroupHeader {
  /// Throws unless what determines a column is a column of text that has codes, what a text is made of is text, and
  /// nothing depends on itself.
  private static func checkDeterminants(_ fields: [Field], _ pages: [PageHeader]) throws(CorruptionError) {
    for (field, page) in zip(fields, pages) {
      guard let determinant = page.determinant else { continue }
      guard PageDependence.depth(of: determinant, pages).map({ $0 < PageGroup.maximumDepth }) == true else {
        throw CorruptionError("column \(field.name) needs column \(determinant), which cannot be")
      }
      let isText = fields[determinant].type == .string || fields[determinant].type == .binary
      let encoding = pages[determinant].encoding
      if page.encoding == .composed {
        guard isText, field.type == .string || field.type == .binary else {
          throw CorruptionError("column \(field.name) is made of a column without words")
        }
        continue
      }
      guard isText, encoding == .dictionary || encoding == .determined else {
        throw CorruptionError("column \(field.name) is determined by a column without codes")
      }
    }
  }
}

/// What is known of a column's Bloom filter.
struct FilterHeader: Sendable, Equatable {
  /// No honest filter comes near it.
  private static let maximumByteCount = 1 << 26

  let byteCount: Int
  let checksum: UInt32

  /// The bytes as a varint, then their checksum; 0 alone where there is no filter.
  static func write(_ filter: FilterHeader?, to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(filter?.byteCount ?? 0))
    if let filter { writer.write(filter.checksum) }
  }

  static func read(_ reader: inout ByteReader) throws(CorruptionError) -> FilterHeader? {
    let byteCount = try reader.readNumber()
    guard byteCount > 0 else { return nil }
    guard byteCount <= maximumByteCount, byteCount % BloomFilter.blockBytes == 0 else {
      throw CorruptionError("a filter claims \(byteCount) bytes")
    }
    return FilterHeader(byteCount: byteCount, checksum: try reader.readUInt32())
  }

  /// Throws unless `bytes` are those of the filter.
  func verify(_ bytes: [UInt8]) throws(CorruptionError) {
    let actual = Checksum.crc32c(bytes)
    guard bytes.count == byteCount, actual == checksum else {
      throw CorruptionError("the filter has the checksum \(actual) instead of \(checksum)")
    }
  }
}
