public import Columns

/// Some rows of a page without the others.
extension Page {
  /// Where more rows than one of so many are wanted, all are decoded.
  static let fetchedShare = 8

  /// The chosen rows of the column that `stored`, the page's bytes, holds. Throws if it is not what `header` says; of
  /// rows that are not wanted damage may stay unseen behind a right checksum.
  ///
  /// `rows` are below the header's count, which is a precondition. O(bytes of the page) for checksum and codec, then
  /// mostly O(rows).
  public static func decode(
    _ stored: ByteArena, header: PageHeader, type: ColumnType, rows: SelectionVector
  ) throws(CorruptionError) -> Column {
    guard isFew(rows, of: header.rowCount), header.encoding != .plain, !header.encoding.needsAnother else {
      return Gathering.column(try decode(stored, header: header, type: type), rows)
    }
    precondition(rows.allSatisfy { $0 < header.rowCount }, "a row behind the last of \(header.rowCount) is wanted")
    let plain = try plain(stored, header)
    if rows.isEmpty { return nulls(type, rowCount: 0) }
    if header.encoding == .constant {
      var few = header
      few.rowCount = rows.count
      if header.nullCount == header.rowCount { few.nullCount = rows.count }
      return try decode(plain, few, type)
    }
    switch type {
    case .integer, .time, .decimal: return .integer(try FixedPage.fetch(rows, plain, header))
    case .real: return .real(try FixedPage.fetch(rows, plain, header))
    case .boolean:
      let column: FixedColumn<UInt8> = try FixedPage.fetch(rows, plain, header)
      guard rows.indices.allSatisfy({ column.values[$0] <= 1 }) else {
        throw CorruptionError("a boolean is neither 0 nor 1")
      }
      return .boolean(column)
    case .string, .binary: return .string(try StringPage.fetch(rows, plain, header))
    }
  }
}

extension FixedPage {
  static func fetch<Value: Zoned>(
    _ rows: SelectionVector, _ plain: ByteArena, _ header: PageHeader
  ) throws(CorruptionError) -> FixedColumn<Value> {
    var reader = PageReader(plain)
    let chosen = try ChosenRows(rows, &reader, header)
    let section = try IntegerFetch(&reader, as: header.encoding, count: header.rowCount - header.nullCount)
    try reader.finish()
    let found = try section.values(chosen.positions)
    let values = ColumnBuffer<Value>(capacity: rows.count)
    // Every index is below the count of `rows`.
    for (index, value) in zip(chosen.indices, found) { unsafe values.base[index] = Value(encoded: value) }
    values.seal(count: rows.count)
    return FixedColumn(values: values, validity: chosen.validity)
  }
}

extension StringPage {
  static func fetch(
    _ rows: SelectionVector, _ plain: ByteArena, _ header: PageHeader
  ) throws(CorruptionError) -> StringColumn {
    guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    var reader = PageReader(plain)
    if header.encoding == .identifier {
      let places = try IdentifierPage.Places(&reader, rowCount: header.rowCount, nullCount: header.nullCount)
      try reader.finish()
      return places.texts(rows)
    }
    let chosen = try ChosenRows(rows, &reader, header)
    let section = try TextFetch(&reader, as: header.encoding, count: header.rowCount - header.nullCount)
    try reader.finish()
    return chosen.column(of: try section.texts(chosen.positions))
  }
}

extension StringPage {
  /// Which of its texts each row of a dictionary has, or each of `rows`.
  static func codes(
    _ plain: ByteArena, _ header: PageHeader, _ rows: SelectionVector?
  ) throws(CorruptionError) -> PageCodes {
    guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    let count = header.rowCount - header.nullCount
    var reader = PageReader(plain)
    guard let rows else {
      let validity =
        header.nullCount == 0
        ? nil : try ValiditySection.read(&reader, rowCount: header.rowCount, nullCount: header.nullCount)
      let (codes, distinctCount) = try TextDictionary.readCodes(&reader, count: count)
      try reader.finish()
      return PageCodes(
        validity.map { spread(codes, $0, null: ColumnCodes.null) } ?? codes, distinctCount: distinctCount)
    }
    return try DictionaryFetch(rows, plain, header).codes
  }
}

/// Some rows of a dictionary: their texts, and which of the dictionary's texts each of them has.
struct DictionaryFetch {
  private let chosen: ChosenRows
  private let distinct: TextFetch
  private let distinctCount: Int
  /// The code of each chosen row that has a text.
  private let found: [UInt32]

  init(_ rows: SelectionVector, _ plain: ByteArena, _ header: PageHeader) throws(CorruptionError) {
    guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    var reader = PageReader(plain)
    let chosen = try ChosenRows(rows, &reader, header)
    let section = try TextFetch(&reader, as: .dictionary, count: header.rowCount - header.nullCount)
    try reader.finish()
    guard case .dictionary(let distinct, let distinctCount, let codes) = section else {
      throw CorruptionError("a page of text is no dictionary")
    }
    found = try IntegerFetch.codes(of: chosen.positions, codes, below: distinctCount)
    (self.chosen, self.distinct, self.distinctCount) = (chosen, distinct, distinctCount)
  }

  var codes: PageCodes {
    var all = [UInt32](repeating: ColumnCodes.null, count: chosen.rowCount)
    for (index, code) in zip(chosen.indices, found) { all[index] = code }
    return PageCodes(ColumnBuffer(all), distinctCount: distinctCount)
  }

  func texts() throws(CorruptionError) -> StringColumn { chosen.column(of: try distinct.texts(found)) }
}

/// The wanted rows of a page, by their positions among those that have a value.
private struct ChosenRows {
  /// Positions among the page's values, of the wanted rows that have one.
  let positions: [UInt32]
  /// Where these stand among the wanted rows.
  let indices: [Int]
  /// Which wanted rows have a value; nil where all do.
  let validity: ValidityBitmap?
  /// How many rows are wanted.
  let rowCount: Int

  /// Reads the validity that the page begins with, if it has nulls.
  init(_ rows: SelectionVector, _ reader: inout PageReader, _ header: PageHeader) throws(CorruptionError) {
    rowCount = rows.count
    guard header.nullCount > 0 else {
      (positions, indices, validity) = (rows, Array(rows.indices), nil)
      return
    }
    let all = try ValiditySection.read(&reader, rowCount: header.rowCount, nullCount: header.nullCount)
    // How many values stand before each word of the bitmap.
    var before: [Int] = []
    var count = 0
    for word in 0..<ValidityBitmap.wordCount(rowCount: header.rowCount) {
      before.append(count)
      count += all.words[word].nonzeroBitCount
    }
    indices = rows.indices.filter { all.isValid(Int(rows[$0])) }
    positions = indices.map { index in
      let row = Int(rows[index])
      let below = all.words[row >> 6] & (1 << UInt64(row & 63) - 1)
      return UInt32(before[row >> 6] + below.nonzeroBitCount)
    }
    validity = indices.count == rows.count ? nil : ValidityBitmap(rows.map { all.isValid(Int($0)) })
  }

  /// A column of the wanted rows, of which `texts` has those that are there.
  func column(of texts: StringColumn) -> StringColumn {
    guard validity != nil else { return texts }
    var views = [StringView](repeating: .null, count: rowCount)
    for (index, position) in zip(indices, positions.indices) { views[index] = texts.views[position] }
    return StringColumn(views: ColumnBuffer(views), arena: texts.arena)
  }
}
