internal import Columns

/// What the values of another column mean in a page that it determines, and where they do not: all of it.
struct DeterminedRules {
  /// The code for each of the other's, and for its null.
  private let map: ColumnBuffer<UInt32>
  private let otherCount: Int
  private let exceptions: DeterminedExceptions
  private let codes: ColumnBuffer<UInt32>
  private let header: PageHeader
  /// How many values the page itself has.
  private let distinctCount: Int

  init(
    _ reader: inout PageReader, _ header: PageHeader, by other: PageCodes, distinctCount: Int
  ) throws(CorruptionError) {
    map = try DeterminedRules.readCodes(&reader, count: other.distinctCount + 1, distinctCount)
    exceptions = try DeterminedExceptions(&reader, header)
    codes = try DeterminedRules.readCodes(&reader, count: exceptions.rows.count, distinctCount)
    (otherCount, self.header, self.distinctCount) = (other.distinctCount, header, distinctCount)
    try reader.finish()
  }

  private static func readCodes(
    _ reader: inout PageReader, count: Int, _ distinctCount: Int
  ) throws(CorruptionError) -> ColumnBuffer<UInt32> {
    let codes = try CodeSection.read(&reader, count: count, below: distinctCount + 1, depth: 0)
    let null = UInt32(distinctCount)
    // Nobody else has the buffer yet.
    for index in 0..<count {
      let code = unsafe codes.base[index]
      unsafe codes.base[index] = code == null ? ColumnCodes.null : code
    }
    return codes
  }

  /// For each row the one of `known` that stands at its code, or the last, which is that of nulls; `other` has the
  /// codes of the other column's rows.
  func pick<Value>(
    _ known: ColumnBuffer<Value>, by other: PageCodes
  ) throws(CorruptionError) -> ColumnBuffer<Value> {
    let rowCount = header.rowCount
    guard other.codes.count == rowCount else {
      throw CorruptionError("a page of \(rowCount) rows is determined by one of \(other.codes.count)")
    }
    let last = known.count - 1
    let ruled = unsafe ColumnBuffer<Value>(unclearedCapacity: map.count)
    // Codes are cut to the last of `known`, and the other column's to that of the map, which is the one of its nulls.
    for key in 0..<map.count { unsafe ruled.base[key] = known.base[min(Int(map.base[key]), last)] }
    let found = unsafe ColumnBuffer<Value>(unclearedCapacity: rowCount)
    let (source, target, values) = unsafe (other.codes.base, found.base, ruled.base)
    for row in 0..<rowCount { unsafe target[row] = values[min(Int(source[row]), otherCount)] }
    // Exceptions were found to be below the row count.
    for (index, row) in exceptions.rows.enumerated() {
      unsafe target[Int(row)] = known.base[min(Int(codes.base[index]), last)]
    }
    found.seal(count: rowCount)
    return found
  }

  /// Each row's code.
  func codes(by other: PageCodes) throws(CorruptionError) -> ColumnBuffer<UInt32> {
    let all = try pick(ColumnBuffer((0..<UInt32(distinctCount)).map { $0 } + [ColumnCodes.null]), by: other)
    var nullCount = 0
    for row in 0..<all.count { unsafe nullCount += all.base[row] == ColumnCodes.null ? 1 : 0 }
    try checkNulls(nullCount)
    return all
  }

  /// Which rows have a value; nil where all do.
  func validity(by other: PageCodes) throws(CorruptionError) -> ValidityBitmap? {
    if header.nullCount == 0, !hasNulls { return nil }
    let flags = try pick(ColumnBuffer([UInt8](repeating: 1, count: distinctCount) + [0]), by: other)
    let words = ColumnBuffer<UInt64>(capacity: ValidityBitmap.wordCount(rowCount: flags.count))
    // There is a word for each 64 rows, written once.
    let (bits, source) = unsafe (words.base, flags.base)
    for start in stride(from: 0, to: flags.count, by: 64) {
      var word: UInt64 = 0
      for bit in 0..<min(64, flags.count - start) { unsafe word |= UInt64(source[start + bit]) &<< UInt64(bit) }
      unsafe bits[start >> 6] = word
    }
    words.seal(count: words.capacity)
    let validity = ValidityBitmap(words: words, rowCount: flags.count)
    try checkNulls(validity.nullCount)
    return validity.nullCount == 0 ? nil : validity
  }

  /// Whether a row may be null.
  private var hasNulls: Bool {
    (0..<map.count).contains { map[$0] == ColumnCodes.null }
      || (0..<codes.count).contains { codes[$0] == ColumnCodes.null }
  }

  private func checkNulls(_ nullCount: Int) throws(CorruptionError) {
    guard nullCount == header.nullCount else {
      throw CorruptionError("a page has \(nullCount) nulls instead of \(header.nullCount)")
    }
  }
}

/// The same of which a few rows are wanted: what their values mean is found without the rest.
struct DeterminedFetch {
  private let map: IntegerFetch
  private let otherCount: Int
  private let exceptions: DeterminedExceptions
  private let codes: IntegerFetch
  private let distinctCount: Int

  /// O(exceptions).
  init(
    _ reader: inout PageReader, _ header: PageHeader, by other: PageCodes, distinctCount: Int
  ) throws(CorruptionError) {
    map = try IntegerFetch(&reader, count: other.distinctCount + 1, depth: 1)
    exceptions = try DeterminedExceptions(&reader, header)
    codes = try IntegerFetch(&reader, count: exceptions.rows.count, depth: 1)
    (otherCount, self.distinctCount) = (other.distinctCount, distinctCount)
    try reader.finish()
  }

  /// The codes of `rows`, of which `other` has those of the other column.
  func codes(of rows: SelectionVector, _ other: PageCodes) throws(CorruptionError) -> [UInt32] {
    guard other.codes.count == rows.count else {
      throw CorruptionError("\(rows.count) rows of a page are determined by \(other.codes.count)")
    }
    let keys = rows.indices.map { UInt32(min(Int(other.codes[$0]), otherCount)) }
    var found = try IntegerFetch.codes(of: keys, map, below: distinctCount + 1)
    let places = rows.indices.compactMap { index in
      exceptions.index(of: Int(rows[index])).map { (index: index, exception: UInt32($0)) }
    }
    let others = try IntegerFetch.codes(of: places.map(\.exception), codes, below: distinctCount + 1)
    for (place, code) in zip(places, others) { found[place.index] = code }
    return found.map { Int($0) == distinctCount ? ColumnCodes.null : $0 }
  }
}

/// The rows of a page that have another value than what determines it says.
struct DeterminedExceptions {
  /// Ascending, and below the row count.
  let rows: [Int32]

  init(_ reader: inout PageReader, _ header: PageHeader) throws(CorruptionError) {
    let count = try reader.readCount(of: "exceptions", atMost: header.rowCount)
    let gaps = try IntegerSection.read(&reader, count: count, depth: 1)
    var (rows, next): ([Int32], Int) = ([], 0)
    rows.reserveCapacity(count)
    for index in 0..<count {
      guard gaps[index] >= 0, gaps[index] < header.rowCount - next else {
        throw CorruptionError("exception \(index) is behind the last row")
      }
      next += Int(gaps[index]) + 1
      rows.append(Int32(truncatingIfNeeded: next - 1))
    }
    self.rows = rows
  }

  /// The number of the exception at `row`, if it is one. O(log exceptions).
  func index(of row: Int) -> Int? {
    var (low, high) = (0, rows.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(rows[middle]) < row { low = middle + 1 } else { high = middle }
    }
    return low < rows.count && Int(rows[low]) == row ? low : nil
  }
}
