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
    let codes = try CodeSection.read(&reader, count: count, below: distinctCount, depth: depth)
    let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: count)
    // Rows stay below the buffers' count, codes below that of `distinct`.
    let (source, known, target) = unsafe (codes.base, distinct.base, values.base)
    for row in 0..<count { unsafe target[row] = known[Int(source[row])] }
    values.seal(count: count)
    return values
  }
}
