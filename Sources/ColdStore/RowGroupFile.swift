public import Columns
public import Encodings

/// A file of row groups, open for reading: a segment, or the valid part of a tail.
///
/// Opening reads and checks every header once; afterwards any thread may read. Errors are `CorruptionError` (the file
/// is damaged; they name file, row group and column) and `FileError` (the system refused).
public final class RowGroupFile: Sendable {
  /// The first bytes of a tail and of a segment.
  package static let magic = Array("RFLROWS1".utf8)

  /// Where one row group lies.
  public struct Entry: Sendable {
    public let offset: Int
    /// Rows of the file before those of this row group.
    public let firstRow: Int
    public let header: RowGroupHeader
    /// The row numbers in the file, as deletion vectors count them.
    public var rows: Range<Int> { firstRow..<firstRow + header.rowCount }
  }

  public let path: String
  public let groups: [Entry]
  /// CRC32C of a segment's footer, which holds the checksums of all else; of a tail, of its headers.
  public let checksum: UInt32
  /// What a segment was made of; nil of a tail.
  public let origin: SegmentOrigin?
  private let file: any ReadableFile
  private let filters = FilterCache()

  init(
    path: String, file: any ReadableFile, groups: [(offset: Int, header: RowGroupHeader)], checksum: UInt32,
    origin: SegmentOrigin? = nil
  ) {
    var firstRow = 0
    self.groups = groups.map { offset, header in
      defer { firstRow += header.rowCount }
      return Entry(offset: offset, firstRow: firstRow, header: header)
    }
    self.path = path
    self.file = file
    self.checksum = checksum
    self.origin = origin
  }

  public var rowCount: Int { groups.last?.rows.upperBound ?? 0 }

  /// All columns of any row group, in the order of first sight.
  public var schema: Schema {
    var fields: [Field] = []
    var names: Set<String> = []
    for field in groups.flatMap(\.header.schema.fields) where names.insert(field.name).inserted { fields.append(field) }
    return Schema(fields)
  }

  /// Per source, the offsets that the file covers.
  public var lineage: [Int64: OffsetRange] {
    groups.reduce(into: [:]) { $0.merge($1.header.lineage) { $0.union($1) } }
  }

  /// What all values of `column` lie in.
  public func zoneMap(_ column: String) -> ZoneMap {
    groups.reduce(.empty) { $0.union($1.header.zoneMap(column)) }
  }

  /// Indices of the row groups that may hold rows matching all of `predicates`.
  public func groups(matching predicates: [ZonePredicate]) -> [Int] {
    groups.indices.filter { index in predicates.allSatisfy { $0.mayMatch(groups[index].header) } }
  }

  /// The rows of row group `index` in the columns of `schema`, or the chosen ones of them; no other column is touched.
  ///
  /// A column that the row group lacks reads as null; one that has another type there throws `CorruptionError`.
  public func read(_ index: Int, as schema: Schema, rows: SelectionVector? = nil) throws -> Batch {
    var reading = RowGroupReading(file: self, index: index, rows: rows)
    let columns = try reading.columns(schema.fields)
    return Batch(schema: schema, rowCount: rows?.count ?? groups[index].header.rowCount, columns: columns)
  }

  /// Whether row group `index` may hold one of `texts` in `column`; false is certain. Asks the column's filter, if it
  /// has one, which is read once: O(its bytes), then O(texts).
  public func mayContain(_ index: Int, column: String, anyOf texts: [[UInt8]]) throws -> Bool {
    let header = groups[index].header
    guard let position = header.schema.index(of: column) else { return false }
    guard let filter = header.filters[position] else { return true }
    do {
      let bloom = try filters.filter(index, position) {
        let bytes = try file.read(
          at: groups[index].offset + header.filterOffset(position), count: filter.byteCount)
        try filter.verify(bytes)
        return try BloomFilter(bytes)
      }
      return texts.contains { bloom.mayContain(BloomFilter.hash($0.span)) }
    } catch let error as CorruptionError { throw named(error, index, column) }
  }

  /// The rows of row group `index`, ascending, whose text in `column` is one of `texts`; nil where all of the column
  /// has to be read for that: it is none that single rows are looked up by, or another one determines it. O(bytes of
  /// the column), less than reading it takes.
  public func rows(_ index: Int, column: String, of texts: [[UInt8]]) throws -> SelectionVector? {
    let header = groups[index].header
    guard RowGroup.isLookup(column), let position = header.schema.index(of: column) else { return nil }
    guard [.string, .binary].contains(header.schema.fields[position].type) else { return nil }
    do {
      return try Page.rows(of: texts, try pageBytes(index, position), header: header.pages[position])
    } catch let error as CorruptionError { throw named(error, index, column) }
  }

  /// All columns of row group `index`.
  public func read(_ index: Int) throws -> Batch { try read(index, as: groups[index].header.schema) }

  /// The stored bytes of row group `index`, as they are.
  public func bytes(_ index: Int) throws -> [UInt8] {
    let entry = groups[index]
    let bytes = try file.read(at: entry.offset, count: entry.header.groupByteCount)
    guard bytes.count == entry.header.groupByteCount else { throw named(CorruptionError("cut off"), index, nil) }
    return bytes
  }

  /// The stored bytes of the header of `entry`, a row group of this file.
  func headerBytes(_ entry: Entry) throws(FileError) -> [UInt8] {
    try file.read(at: entry.offset, count: entry.header.byteCount)
  }

  /// Checks the checksum of every header and page.
  public func verify() throws {
    for (index, entry) in groups.enumerated() {
      let bytes = try bytes(index)
      var column: String?
      do {
        guard try RowGroupHeader(bytes[...]) == entry.header else {
          throw CorruptionError("the header differs from the footer's")
        }
        for (field, (page, offset)) in zip(
          entry.header.schema.fields, zip(entry.header.pages, entry.header.pageOffsets))
        {
          column = field.name
          try Page.verify(bytes.span.extracting(offset..<offset + page.storedByteCount), header: page)
        }
        for (position, field) in entry.header.schema.fields.enumerated() {
          column = field.name
          let offset = entry.header.filterOffset(position)
          guard let filter = entry.header.filters[position] else { continue }
          try filter.verify(Array(bytes[offset..<offset + filter.byteCount]))
        }
      } catch let error as CorruptionError { throw named(error, index, column) }
    }
  }

  /// The stored bytes of the page of column `column` of row group `index`.
  func pageBytes(_ index: Int, _ column: Int) throws -> ByteArena {
    let header = groups[index].header
    return try file.readPadded(
      at: groups[index].offset + header.pageOffsets[column], count: header.pages[column].storedByteCount)
  }

  func named(_ error: CorruptionError, _ index: Int, _ column: String?) -> CorruptionError {
    let place = "row group \(index)" + (column.map { ", column \($0)" } ?? "")
    return CorruptionError("\(place): \(error.what)", offset: groups[index].offset, path: path)
  }
}
