internal import Columns

/// Integers of which many are equal: each distinct one once, and its number in place of it.
///
/// Numbers are given in the order of first sight: that needs no sorting, keeps the numbers of neighbours near each
/// other, and where rows were sorted makes them ascend.
///
/// Stored: how many distinct ones there are (varint), these and then the numbers, each as an `IntegerSection`.
struct IntegerDictionary {
  let distinct: [Int64]
  /// For each row the position of its value in `distinct`.
  let codes: [Int64]

  // MARK: Analyze

  /// The dictionary of `values`; nil as soon as more than half of them are distinct.
  init?(_ values: Span<Int64>) {
    var distinct: [Int64] = []
    var codes: [Int64] = []
    codes.reserveCapacity(values.count)
    var table = CodeTable()
    for row in values.indices {
      let value = values[row]
      if row > 0, value == values[row - 1] {
        codes.append(codes[row - 1])
        continue
      }
      let hash = CodeTable.mix(UInt64(bitPattern: value))
      let code = table.code(of: hash) { distinct[$0] == value }
      if code == distinct.count {
        guard 2 * distinct.count <= values.count, !table.isCrowded else { return nil }
        distinct.append(value)
      }
      codes.append(Int64(code))
    }
    (self.distinct, self.codes) = (distinct, codes)
  }

  // MARK: Encode

  func write(_ codec: PageCodec, depth: Int, to writer: inout ByteWriter) {
    writer.writeVarint(UInt64(distinct.count))
    IntegerSection.write(distinct.span, codec, depth: depth + 1, to: &writer)
    IntegerSection.write(codes.span, codec, depth: depth + 1, areCodes: true, to: &writer)
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int, depth: Int) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let distinctCount = try reader.readCount(of: "distinct values", atMost: count)
    let distinct = try IntegerSection.read(&reader, count: distinctCount, depth: depth + 1)
    let codes = try readCodes(&reader, count: count, below: distinctCount, depth: depth)
    // Rows stay below the buffer's count, codes below that of `distinct`.
    for row in 0..<count { unsafe codes.base[row] = distinct.base[Int(codes.base[row])] }
    return codes
  }

  /// Numbers of `count` rows, all of which are in `0..<limit`.
  static func readCodes(
    _ reader: inout PageReader, count: Int, below limit: Int, depth: Int
  ) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let codes = try IntegerSection.read(&reader, count: count, depth: depth + 1)
    // The sign of one of both is set where a code is negative or not below the limit.
    var signs: Int64 = 0
    for row in 0..<count { unsafe signs |= (Int64(limit) &- 1 &- codes.base[row]) | codes.base[row] }
    if signs >= 0 { return codes }
    // Negative ones are higher than all others.
    var highest: UInt64 = 0
    for row in 0..<count { unsafe highest = max(highest, UInt64(bitPattern: codes.base[row])) }
    guard count == 0 || highest < UInt64(limit) else {
      throw CorruptionError("a row has value \(highest) of a dictionary of \(limit)")
    }
    return codes
  }
}
