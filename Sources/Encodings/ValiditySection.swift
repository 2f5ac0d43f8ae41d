internal import Columns

/// Which rows hold a value, in front of the values of those that do; absent where all do.
///
/// Stored: a byte, then (0) the words of the bitmap, or (1) where they take less the lengths of its runs: how many
/// pairs there are (varint), the lengths of the runs with values, those of the runs of nulls behind each, both as
/// `IntegerSection`. The first run and the last may be empty.
enum ValiditySection {
  // MARK: Encode

  static func write(_ validity: ValidityBitmap, _ codec: PageCodec, to writer: inout ByteWriter) {
    let wordCount = ValidityBitmap.wordCount(rowCount: validity.rowCount)
    let words = validity.words.span.extracting(0..<wordCount)
    if changeCount(words) * 8 < validity.rowCount {
      let runs = runs(validity, codec)
      if runs.count < wordCount * 8 {
        writer.write(UInt8(1))
        writer.writeRaw(runs.bytes.span)
        return
      }
    }
    writer.write(UInt8(0))
    unsafe words.withUnsafeBytes { unsafe writer.writeRaw($0) }
  }

  /// How often a row differs from the one before, roughly: bits behind the last row count too.
  private static func changeCount(_ words: Span<UInt64>) -> Int {
    var (changes, carry) = (0, UInt64(1))
    for index in words.indices {
      changes += (words[index] ^ (words[index] << 1 | carry)).nonzeroBitCount
      carry = words[index] >> 63
    }
    return changes
  }

  private static func runs(_ validity: ValidityBitmap, _ codec: PageCodec) -> ByteWriter {
    var (valid, null): ([Int64], [Int64]) = ([], [])
    var row = 0
    while row < validity.rowCount {
      let start = row
      while row < validity.rowCount, validity.isValid(row) { row += 1 }
      valid.append(Int64(row - start))
      let end = row
      while row < validity.rowCount, !validity.isValid(row) { row += 1 }
      null.append(Int64(row - end))
    }
    var writer = ByteWriter()
    writer.writeVarint(UInt64(valid.count))
    IntegerSection.write(valid.span, codec, depth: 1, to: &writer)
    IntegerSection.write(null.span, codec, depth: 1, to: &writer)
    return writer
  }

  // MARK: Decode

  /// The bitmap of `rowCount` rows, of which `nullCount`, more than none, are null.
  static func read(
    _ reader: inout PageReader, rowCount: Int, nullCount: Int
  ) throws(CorruptionError) -> ValidityBitmap {
    let words = ColumnBuffer<UInt64>(capacity: ValidityBitmap.wordCount(rowCount: rowCount))
    switch try reader.readUInt8() {
    case 0:
      let start = try reader.pass(over: words.capacity * 8, of: "a validity bitmap")
      // `pass` checked that the page holds as many bytes as the buffer.
      unsafe UnsafeMutableRawPointer(words.base).copyMemory(
        from: reader.page.base + start, byteCount: words.capacity * 8)
    case 1: try readRuns(&reader, rowCount: rowCount, into: words)
    case let kind: throw CorruptionError("a validity bitmap is of the unknown kind \(kind)", offset: reader.offset - 1)
    }
    words.seal(count: words.capacity)
    let validity = ValidityBitmap(words: words, rowCount: rowCount)
    guard validity.nullCount == nullCount else {
      throw CorruptionError("a page has \(validity.nullCount) nulls instead of \(nullCount)")
    }
    return validity
  }

  private static func readRuns(
    _ reader: inout PageReader, rowCount: Int, into words: ColumnBuffer<UInt64>
  ) throws(CorruptionError) {
    let count = try reader.readCount(of: "runs of values and nulls", atMost: rowCount)
    let valid = try IntegerSection.read(&reader, count: count, depth: 1)
    let null = try IntegerSection.read(&reader, count: count, depth: 1)
    var row = 0
    for run in 0..<count {
      guard valid[run] >= 0, null[run] >= 0, valid[run] <= rowCount - row, null[run] <= rowCount - row - Int(valid[run])
      else { throw CorruptionError("run \(run) of values and nulls passes the last row") }
      set(words, row..<row + Int(valid[run]))
      row += Int(valid[run]) + Int(null[run])
    }
    guard row == rowCount else { throw CorruptionError("runs of values and nulls cover \(row) of \(rowCount) rows") }
  }

  /// Sets the bits of `rows`, which are in range.
  private static func set(_ words: ColumnBuffer<UInt64>, _ rows: Range<Int>) {
    var row = rows.lowerBound
    while row < rows.upperBound {
      let count = min(64 - row & 63, rows.upperBound - row)
      // The caller compared the end of `rows` with the rows that the words cover.
      unsafe words.base[row >> 6] |= (UInt64.max &>> UInt64(64 - count)) &<< UInt64(row & 63)
      row += count
    }
  }

  /// Calls `body` with each row that has a value and its position among them: below the rows, and below the rows that
  /// are not null.
  @inline(__always)
  static func spread(_ validity: ValidityBitmap, _ body: (_ row: Int, _ position: Int) -> Void) {
    var position = 0
    for index in 0..<ValidityBitmap.wordCount(rowCount: validity.rowCount) {
      var word = validity.words[index]
      let rest = validity.rowCount - index << 6
      if rest < 64 { word &= UInt64.max &>> UInt64(64 - rest) }
      while word != 0 {
        body(index << 6 + word.trailingZeroBitCount, position)
        position += 1
        word &= word - 1
      }
    }
  }

  // MARK: Fetch

  /// The rows that stand at `positions`, which ascend, among those that have a value. O(rows / 64 + positions).
  static func rows(of positions: [UInt32], _ validity: ValidityBitmap) -> SelectionVector {
    var (index, before) = (0, 0)
    return positions.map { position in
      var word = validity.words[index]
      while before + word.nonzeroBitCount <= position {
        before += word.nonzeroBitCount
        index += 1
        word = validity.words[index]
      }
      for _ in before..<Int(position) { word &= word - 1 }
      return UInt32(index << 6 + word.trailingZeroBitCount)
    }
  }
}
