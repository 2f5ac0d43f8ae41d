internal import Encodings

/// A value as Parquet stores and orders it: one type for each physical type.
protocol PlainValue: Hashable, Sendable {
  /// Whether readers take dictionaries of such values.
  static var hasDictionary: Bool { get }
  /// Bytes that `writePlain` makes of it, about.
  var plainByteCount: Int { get }
  /// Whether it has a place in the order, and so counts for smallest and largest values.
  var isOrdered: Bool { get }
  static func precedes(_ left: Self, _ right: Self) -> Bool
  /// The encoding PLAIN of values, one after the other.
  static func writePlain(_ values: some Sequence<Self>, to writer: inout ByteWriter)
  /// As the smallest or the largest value of a chunk; nil where no short text bounds it.
  func bound(isLargest: Bool) -> StatisticsBound?
}

/// A bound of a chunk's values, as the encoding PLAIN has them, without the length of a text.
struct StatisticsBound: Equatable {
  let bytes: [UInt8]
  /// Whether a value of the chunk is exactly this.
  var isExact = true
}

extension PlainValue {
  static var hasDictionary: Bool { true }
  var isOrdered: Bool { true }

  func bound(isLargest: Bool) -> StatisticsBound? {
    var writer = ByteWriter()
    Self.writePlain(CollectionOfOne(self), to: &writer)
    return StatisticsBound(bytes: writer.bytes)
  }
}

extension Int64: PlainValue {
  var plainByteCount: Int { 8 }
  static func precedes(_ left: Int64, _ right: Int64) -> Bool { left < right }
  static func writePlain(_ values: some Sequence<Int64>, to writer: inout ByteWriter) {
    for value in values { writer.write(value) }
  }
}

extension Bool: PlainValue {
  static var hasDictionary: Bool { false }
  var plainByteCount: Int { 1 }
  static func precedes(_ left: Bool, _ right: Bool) -> Bool { !left && right }

  /// One bit each, low first.
  static func writePlain(_ values: some Sequence<Bool>, to writer: inout ByteWriter) {
    var byte: UInt8 = 0
    var count: UInt8 = 0
    for value in values {
      byte |= (value ? 1 : 0) << count
      count += 1
      if count == 8 {
        writer.write(byte)
        (byte, count) = (0, 0)
      }
    }
    if count > 0 { writer.write(byte) }
  }
}

/// A floating-point number by its bits, so that each NaN is one value.
struct RealValue: PlainValue {
  let bits: UInt64

  init(_ value: Double) { bits = value.bitPattern }

  private var value: Double { Double(bitPattern: bits) }
  var plainByteCount: Int { 8 }
  var isOrdered: Bool { !value.isNaN }
  static func precedes(_ left: RealValue, _ right: RealValue) -> Bool { left.value < right.value }
  static func writePlain(_ values: some Sequence<RealValue>, to writer: inout ByteWriter) {
    for value in values { writer.write(value.bits) }
  }

  /// Either zero stands for both, so that a bound excludes none.
  func bound(isLargest: Bool) -> StatisticsBound? {
    var writer = ByteWriter()
    writer.write(value == 0 ? (isLargest ? 0 : (-0.0).bitPattern) : bits)
    return StatisticsBound(bytes: writer.bytes)
  }
}

/// A decimal: big-endian two's complement of a fixed length.
struct DecimalValue: PlainValue {
  let amount: Int128
  let byteCount: Int

  var plainByteCount: Int { byteCount }
  static func precedes(_ left: DecimalValue, _ right: DecimalValue) -> Bool { left.amount < right.amount }
  static func writePlain(_ values: some Sequence<DecimalValue>, to writer: inout ByteWriter) {
    for value in values {
      for byte in (0..<value.byteCount).reversed() {
        writer.write(UInt8(truncatingIfNeeded: value.amount >> Int128(8 * byte)))
      }
    }
  }
}

/// A text, ordered by its bytes.
struct TextValue: PlainValue {
  /// A longer bound is cut: it would take more room than the reading it spares.
  static let longestBound = 64

  let bytes: [UInt8]

  var plainByteCount: Int { 4 + bytes.count }
  static func precedes(_ left: TextValue, _ right: TextValue) -> Bool {
    left.bytes.lexicographicallyPrecedes(right.bytes)
  }

  /// Byte by byte, as arrays are hashed, takes a multiple of the time.
  func hash(into hasher: inout Hasher) { unsafe bytes.withUnsafeBytes { unsafe hasher.combine(bytes: $0) } }

  static func writePlain(_ values: some Sequence<TextValue>, to writer: inout ByteWriter) {
    for value in values {
      writer.write(UInt32(value.bytes.count))
      writer.writeRaw(value.bytes.span)
    }
  }

  /// A long text is cut between two characters; as the largest it ends in the character behind its last of ASCII.
  func bound(isLargest: Bool) -> StatisticsBound? {
    guard bytes.count > TextValue.longestBound else { return StatisticsBound(bytes: bytes) }
    var cut = Array(bytes[..<TextValue.longestBound])
    if isLargest {
      guard let last = cut.lastIndex(where: { $0 < 0x7F }) else { return nil }
      cut.removeSubrange((last + 1)...)
      cut[last] += 1
    } else {
      var end = TextValue.longestBound
      while end > 0, bytes[end] & 0xC0 == 0x80 { end -= 1 }
      cut.removeSubrange(end...)
    }
    return StatisticsBound(bytes: cut, isExact: false)
  }
}
