internal import Columns
internal import Glibc

/// Pages of a column that another column of the same rows determines, as a product does its price: what value belongs
/// to each of the other's values, and the rows where it is another one.
///
/// Stored: how many distinct values the other column has (varint); how many this one has (varint), and these, as a
/// `TextSection` or an `IntegerSection`; for each value of the other column, and behind the last for its nulls, the
/// number of this column's value, as many as there are where it is null (an `IntegerSection`); how many rows are
/// exceptions (varint), their distances, each to the row behind the one before, and their numbers (two sections).
///
/// A reader needs the other page's codes, none of its values.
enum DeterminedPage {
  // MARK: Analyze

  /// What one column tells of another: the code for each of its values and for its nulls, and the rows of which it
  /// tells another one.
  struct Finding {
    fileprivate let map: [UInt32]
    fileprivate let exceptions: [Int32]
    /// About how many bytes these take, of which most are exceptions.
    let byteEstimate: Int
  }

  /// Rows after which a column that is not determined is given up.
  private static let probeRows = 1 << 13

  /// How `other` tells what `column` has; nil where it is plain that it tells little. O(rows).
  static func analyze(_ column: ColumnCodes, by other: ColumnCodes) -> Finding? {
    guard let map = map(column, by: other) else { return nil }
    let (codes, others) = (column.codes.span, other.codes.span)
    var exceptions: [Int32] = []
    for row in codes.indices where codes[row] != map[min(Int(others[row]), other.distinctCount)] {
      exceptions.append(Int32(truncatingIfNeeded: row))
    }
    guard 2 * exceptions.count < codes.count else { return nil }
    let width = Double(Int.bitWidth - min(column.distinctCount, codes.count).leadingZeroBitCount)
    // Half of what the numbers have in bits, since they are seldom alike in frequency; positions by their entropy.
    let share = Double(exceptions.count) / Double(max(codes.count, 1))
    let positions = share > 0 ? -share * log2(share) - (1 - share) * log2(1 - share) : 0
    let bits = positions * Double(codes.count) + Double(map.count + exceptions.count) * width / 2
    return Finding(map: map, exceptions: exceptions, byteEstimate: Int(bits / 8))
  }

  /// For each of `other`'s values and for its nulls, which come last, the code of `column` that most of the rows have,
  /// if there is one that most have; nil where it is plain that the one tells little of the other. O(rows).
  private static func map(_ column: ColumnCodes, by other: ColumnCodes) -> [UInt32]? {
    var map = [UInt32](repeating: ColumnCodes.null, count: other.distinctCount + 1)
    // How many rows more than others have the code of the map (Boyer and Moore's vote).
    var lead = [Int32](repeating: 0, count: map.count)
    let (codes, others) = (column.codes.span, other.codes.span)
    var (misses, repeats) = (0, 0)
    for row in codes.indices {
      if row == probeRows, 2 * misses > repeats { return nil }
      let key = min(Int(others[row]), other.distinctCount)
      if lead[key] == 0 {
        (map[key], lead[key]) = (codes[row], 1)
        continue
      }
      repeats += 1
      if map[key] == codes[row] {
        lead[key] += 1
      } else {
        lead[key] -= 1
        misses += 1
      }
    }
    // What no row asks for must not look as if a row were null.
    if !others.indices.contains(where: { others[$0] == ColumnCodes.null }) { map[other.distinctCount] = 0 }
    return map
  }

  // MARK: Encode

  /// The page of `column` as `other` determines it. O(bytes).
  static func encode(_ finding: Finding, _ column: ColumnCodes, by other: ColumnCodes, _ codec: PageCodec) -> [UInt8] {
    let codes = column.codes.span
    let nullNumber = UInt32(column.distinctCount)
    var (gaps, exceptions): ([Int64], [Int64]) = ([], [])
    var next = 0
    for row in finding.exceptions.map(Int.init) {
      gaps.append(Int64(row - next))
      exceptions.append(Int64(min(codes[row], nullNumber)))
      next = row + 1
    }
    var writer = ByteWriter(capacity: column.distinct.count + finding.map.count + 2 * gaps.count)
    writer.writeVarint(UInt64(other.distinctCount))
    writer.writeVarint(UInt64(column.distinctCount))
    writer.writeRaw(column.distinct.span)
    let numbers = finding.map.map { Int64(min($0, nullNumber)) }
    IntegerSection.write(numbers.span, codec, depth: 1, areCodes: true, to: &writer)
    writer.writeVarint(UInt64(gaps.count))
    IntegerSection.write(gaps.span, codec, depth: 1, to: &writer)
    IntegerSection.write(exceptions.span, codec, depth: 1, areCodes: true, to: &writer)
    return writer.bytes
  }

  // MARK: Decode

  static func text(
    _ plain: ByteArena, _ header: PageHeader, by other: PageCodes
  ) throws(CorruptionError) -> StringColumn {
    guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    var reader = PageReader(plain)
    let distinctCount = try readCounts(&reader, header, other)
    let distinct = try TextSection.read(&reader, count: distinctCount)
    let rules = try DeterminedRules(&reader, header, by: other, distinctCount: distinctCount)
    var known: [StringView] = []
    for code in 0..<distinctCount { known.append(distinct.views[code]) }
    let views = try rules.pick(ColumnBuffer(known + [.null]), by: other)
    let codes = try rules.codes(by: other)
    return StringColumn(
      views: views, arena: distinct.arena, distinct: DistinctTexts(views: distinct.views, codes: codes))
  }

  static func fixed<Value: Zoned>(
    _ plain: ByteArena, _ header: PageHeader, by other: PageCodes
  ) throws(CorruptionError) -> FixedColumn<Value> {
    var reader = PageReader(plain)
    let distinctCount = try readCounts(&reader, header, other)
    let distinct = try IntegerSection.read(&reader, count: distinctCount, depth: 0)
    let rules = try DeterminedRules(&reader, header, by: other, distinctCount: distinctCount)
    let known = ColumnBuffer<Value>(capacity: distinctCount + 1)
    // One value more than there are codes, zero: that of nulls.
    for code in 0..<distinctCount { unsafe known.base[code] = Value(encoded: distinct.base[code]) }
    known.seal(count: distinctCount + 1)
    let values = try rules.pick(known, by: other)
    let validity = try rules.validity(by: other)
    return FixedColumn(values: values, validity: validity)
  }

  /// How many distinct values the page has.
  private static func readCounts(
    _ reader: inout PageReader, _ header: PageHeader, _ other: PageCodes
  ) throws(CorruptionError) -> Int {
    let declared = try reader.readVarint()
    guard declared == UInt64(other.distinctCount) else {
      throw CorruptionError("\(declared) values of another page determine one, and it has \(other.distinctCount)")
    }
    return try reader.readCount(of: "distinct values", atMost: header.rowCount)
  }

  // MARK: Fetch

  /// The codes alone, which is all that a page needs that this one determines.
  static func codes(
    _ plain: ByteArena, _ header: PageHeader, by other: PageCodes
  ) throws(CorruptionError) -> PageCodes {
    var reader = PageReader(plain)
    let distinctCount = try passTexts(&reader, header, other)
    let rules = try DeterminedRules(&reader, header, by: other, distinctCount: distinctCount)
    let codes = try rules.codes(by: other)
    return PageCodes(codes, distinctCount: distinctCount)
  }

  /// The codes of `rows`, of which `other` has those of the other column.
  static func codes(
    of rows: SelectionVector, _ plain: ByteArena, _ header: PageHeader, by other: PageCodes
  ) throws(CorruptionError) -> PageCodes {
    var reader = PageReader(plain)
    let distinctCount = try passTexts(&reader, header, other)
    let rules = try DeterminedFetch(&reader, header, by: other, distinctCount: distinctCount)
    let codes = try rules.codes(of: rows, other)
    return PageCodes(ColumnBuffer(codes), distinctCount: distinctCount)
  }

  /// Passes over the texts of the page, and says how many there are.
  private static func passTexts(
    _ reader: inout PageReader, _ header: PageHeader, _ other: PageCodes
  ) throws(CorruptionError) -> Int {
    guard reader.page.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    let distinctCount = try readCounts(&reader, header, other)
    _ = try TextFetch(&reader, count: distinctCount)
    return distinctCount
  }

  /// The texts of `rows`, of which `other` has the codes, and the codes that these have here.
  static func texts(
    _ rows: SelectionVector, _ plain: ByteArena, _ header: PageHeader, by other: PageCodes
  ) throws(CorruptionError) -> (texts: StringColumn, codes: PageCodes) {
    guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    var reader = PageReader(plain)
    let distinctCount = try readCounts(&reader, header, other)
    let distinct = try TextFetch(&reader, count: distinctCount)
    let rules = try DeterminedFetch(&reader, header, by: other, distinctCount: distinctCount)
    let codes = try rules.codes(of: rows, other)
    let pageCodes = PageCodes(ColumnBuffer(codes), distinctCount: distinctCount)
    let present = codes.filter { $0 != ColumnCodes.null }
    let texts = try distinct.texts(present)
    guard present.count < rows.count else { return (texts, pageCodes) }
    var views: [StringView] = []
    var next = 0
    for code in codes {
      views.append(code == ColumnCodes.null ? .null : texts.views[next])
      next += code == ColumnCodes.null ? 0 : 1
    }
    return (StringColumn(views: ColumnBuffer(views), arena: texts.arena), pageCodes)
  }

  static func fixed<Value: Zoned>(
    _ rows: SelectionVector, _ plain: ByteArena, _ header: PageHeader, by other: PageCodes
  ) throws(CorruptionError) -> FixedColumn<Value> {
    var reader = PageReader(plain)
    let distinctCount = try readCounts(&reader, header, other)
    let distinct = try IntegerFetch(&reader, count: distinctCount, depth: 0)
    let rules = try DeterminedFetch(&reader, header, by: other, distinctCount: distinctCount)
    let codes = try rules.codes(of: rows, other)
    let present = codes.filter { $0 != ColumnCodes.null }
    let found = try distinct.values(present)
    var (values, next): ([Value], Int) = ([], 0)
    for code in codes {
      values.append(Value(encoded: code == ColumnCodes.null ? 0 : found[next]))
      next += code == ColumnCodes.null ? 0 : 1
    }
    let validity = next == codes.count ? nil : ValidityBitmap(codes.map { $0 != ColumnCodes.null })
    return FixedColumn(values: ColumnBuffer(values), validity: validity)
  }
}
