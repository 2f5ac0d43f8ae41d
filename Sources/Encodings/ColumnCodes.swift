public import Columns

/// A column's rows as numbers of its distinct values, in the order of first sight: what tells whether one column
/// determines another.
struct ColumnCodes {
  /// The number of a row without a value.
  static let null = DistinctTexts.none

  let distinctCount: Int
  /// The distinct values as a section: of texts, or of numbers.
  let distinct: [UInt8]
  /// For each row the number of its value, or `null`.
  let codes: ColumnBuffer<UInt32>

  /// The codes of `column`; nil where nearly all of its values are distinct. O(rows).
  init?(_ column: Column, _ codec: PageCodec) {
    switch column {
    case .integer(let column): self.init(column, codec)
    case .real(let column): self.init(column, codec)
    case .boolean(let column): self.init(column, codec)
    case .string(let column):
      let nullCount = column.views.span.indices.count { column.isNull($0) }
      guard let dictionary = TextDictionary([column], rowCount: column.rowCount - nullCount) else { return nil }
      self.init(column, dictionary)
    }
  }

  /// Those of texts whose dictionary is known. O(rows).
  init(_ column: StringColumn, _ dictionary: TextDictionary) {
    (distinctCount, distinct) = (dictionary.distinctCount, dictionary.texts)
    codes = ColumnCodes.codes(column.rowCount, dictionary.codes) { column.isNull($0) }
  }

  private init?<Value: Zoned>(_ column: FixedColumn<Value>, _ codec: PageCodec) {
    let rows = (0..<column.rowCount).filter { !column.isNull($0) }
    let values = rows.map { column.values[$0].encodable }
    guard let dictionary = IntegerDictionary(values.span) else { return nil }
    var writer = ByteWriter()
    IntegerSection.write(dictionary.distinct.span, codec, depth: 0, to: &writer)
    (distinctCount, distinct) = (dictionary.distinct.count, writer.bytes)
    codes = ColumnCodes.codes(column.rowCount, dictionary.codes) { column.isNull($0) }
  }

  /// `dense`, one for each row that has a value, with `null` between them for those that have none.
  private static func codes(
    _ rowCount: Int, _ dense: [Int64], _ isNull: (Int) -> Bool
  ) -> ColumnBuffer<UInt32> {
    let codes = unsafe ColumnBuffer<UInt32>(unclearedCapacity: rowCount)
    var next = 0
    for row in 0..<rowCount {
      let isMissing = isNull(row)
      // Room for exactly `rowCount` codes, each of which is written.
      unsafe codes.base[row] = isMissing ? null : UInt32(truncatingIfNeeded: dense[next])
      next += isMissing ? 0 : 1
    }
    codes.seal(count: rowCount)
    return codes
  }
}

/// Which distinct value of a page each of some rows has: what a page that it determines is read by.
public struct PageCodes: Sendable {
  /// For each row the number of its value, or `DistinctTexts.none`.
  let codes: ColumnBuffer<UInt32>
  /// How many values the page has; codes are below it, those that are not `none`.
  let distinctCount: Int

  init(_ codes: ColumnBuffer<UInt32>, distinctCount: Int) { (self.codes, self.distinctCount) = (codes, distinctCount) }

  /// Those of a column that was read with its distinct texts; nil where it was read without.
  public init?(_ column: Column) {
    guard case .string(let text) = column, let distinct = text.distinct else { return nil }
    self.init(distinct.codes, distinctCount: distinct.count)
  }
}
