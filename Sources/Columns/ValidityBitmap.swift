/// Which rows of a column hold a value: bit `row` of word `row / 64` is set where they do.
public struct ValidityBitmap: Sendable {
  /// The words, least significant bit first.
  public let words: ColumnBuffer<UInt64>
  /// The number of rows covered.
  public let rowCount: Int

  public init(words: ColumnBuffer<UInt64>, rowCount: Int) {
    precondition(words.count >= ValidityBitmap.wordCount(rowCount: rowCount), "a validity bitmap is too short")
    self.words = words
    self.rowCount = rowCount
  }

  /// A bitmap from one flag a row.
  public init(_ flags: [Bool]) {
    var words = [UInt64](repeating: 0, count: ValidityBitmap.wordCount(rowCount: flags.count))
    for (row, isValid) in flags.enumerated() where isValid { words[row >> 6] |= 1 << UInt64(row & 63) }
    self.init(words: ColumnBuffer(words), rowCount: flags.count)
  }

  /// Whether `row` holds a value.
  @inlinable public func isValid(_ row: Int) -> Bool { words[row >> 6] >> UInt64(row & 63) & 1 == 1 }

  /// The number of rows without a value. O(rows / 64).
  public var nullCount: Int {
    var valid = 0
    for index in 0..<(rowCount >> 6) { valid += words[index].nonzeroBitCount }
    if rowCount & 63 != 0 { valid += (words[rowCount >> 6] & (1 << UInt64(rowCount & 63) - 1)).nonzeroBitCount }
    return rowCount - valid
  }

  /// How many words cover `rowCount` rows.
  @inlinable public static func wordCount(rowCount: Int) -> Int { (rowCount + 63) >> 6 }
}
