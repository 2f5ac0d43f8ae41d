internal import Columns

/// Integers that are all multiples of a power of ten, such as whole cents in ten-thousandths, divided by it.
///
/// Stored: the exponent (1 byte), the quotients as an `IntegerSection`.
enum Scaled {
  /// Ten-thousandths are the finest unit there is: what is divisible by more is rare.
  static let maximumExponent = 4
  private static let powers: [Int64] = [1, 10, 100, 1000, 10_000]

  // MARK: Analyze

  /// The largest exponent whose power of ten divides all of `values`; 0 for zeros alone. O(values), less where one of
  /// the first is divisible by nothing.
  static func exponent(_ values: Span<Int64>) -> Int {
    var exponent = maximumExponent
    var hasOther = false
    for row in values.indices where values[row] != 0 {
      hasOther = true
      while values[row] % powers[exponent] != 0 { exponent -= 1 }
      if exponent == 0 { return 0 }
    }
    return hasOther ? exponent : 0
  }

  // MARK: Encode

  static func write(
    _ values: Span<Int64>, exponent: Int, _ codec: PageCodec, depth: Int, to writer: inout ByteWriter
  ) {
    let power = powers[exponent]
    var quotients: [Int64] = []
    quotients.reserveCapacity(values.count)
    for row in values.indices { quotients.append(values[row] / power) }
    writer.write(UInt8(exponent))
    IntegerSection.write(quotients.span, codec, depth: depth + 1, to: &writer)
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int, depth: Int) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let power = try readPower(&reader)
    let values = try IntegerSection.read(&reader, count: count, depth: depth + 1)
    // Rows stay below the buffer's count. Damage may make a product wrap around, which gives some value.
    for row in 0..<count { unsafe values.base[row] = values.base[row] &* power }
    return values
  }

  /// What the values of a section are multiples of.
  static func readPower(_ reader: inout PageReader) throws(CorruptionError) -> Int64 {
    let exponent = Int(try reader.readUInt8())
    guard powers.indices.contains(exponent) else { throw CorruptionError("values are scaled by 10^\(exponent)") }
    return powers[exponent]
  }
}
