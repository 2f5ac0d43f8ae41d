/// The smallest and largest value of a column's stored rows, nulls aside: what lets a reader skip rows that cannot
/// match.
///
/// Bounds are inclusive. Text is summarized by its first eight bytes, which compare as the text does.
public enum ZoneMap: Sendable, Equatable {
  /// Nothing is known: the reader must look.
  case unknown
  /// There is no value: all rows are null, or there are no rows.
  case empty
  /// Integers, times, decimals and booleans (0, 1).
  case integers(Int64, Int64)
  /// Reals, none of which is NaN.
  case reals(Double, Double)
  /// `ZoneMap.prefix(of:)` of text or bytes.
  case prefixes(UInt64, UInt64)

  /// The first eight bytes, big-endian, zeros behind a shorter text: `a <= b` implies `prefix(a) <= prefix(b)`.
  public static func prefix(of bytes: Span<UInt8>) -> UInt64 {
    var prefix: UInt64 = 0
    for index in 0..<8 { prefix = prefix << 8 | (index < bytes.count ? UInt64(bytes[index]) : 0) }
    return prefix
  }

  /// Whether some row may hold an integer inside `range`.
  public func mayContain(_ range: ClosedRange<Int64>) -> Bool {
    switch self {
    case .empty: false
    case .integers(let minimum, let maximum): minimum <= range.upperBound && maximum >= range.lowerBound
    case .unknown, .reals, .prefixes: true
    }
  }

  /// Whether some row may hold exactly this text.
  public func mayContain(text: Span<UInt8>) -> Bool {
    switch self {
    case .empty: false
    case .prefixes(let minimum, let maximum): (minimum...maximum).contains(ZoneMap.prefix(of: text))
    case .unknown, .reals, .integers: true
    }
  }

  /// What covers the rows of both.
  public func union(_ other: ZoneMap) -> ZoneMap {
    switch (self, other) {
    case (.empty, _): other
    case (_, .empty): self
    case (.integers(let a, let b), .integers(let c, let d)): .integers(min(a, c), max(b, d))
    case (.reals(let a, let b), .reals(let c, let d)): .reals(min(a, c), max(b, d))
    case (.prefixes(let a, let b), .prefixes(let c, let d)): .prefixes(min(a, c), max(b, d))
    default: .unknown
    }
  }

  /// A kind byte, then the bounds, eight bytes each.
  public func write(to writer: inout ByteWriter) {
    switch self {
    case .unknown: writer.write(UInt8(0))
    case .empty: writer.write(UInt8(1))
    case .integers(let minimum, let maximum):
      ZoneMap.write(2, UInt64(bitPattern: minimum), UInt64(bitPattern: maximum), to: &writer)
    case .reals(let minimum, let maximum): ZoneMap.write(3, minimum.bitPattern, maximum.bitPattern, to: &writer)
    case .prefixes(let minimum, let maximum): ZoneMap.write(4, minimum, maximum, to: &writer)
    }
  }

  public init(from reader: inout ByteReader) throws(CorruptionError) {
    let offset = reader.offset
    let kind = try reader.readUInt8()
    guard kind <= 4 else { throw CorruptionError("a zone map is of the unknown kind \(kind)", offset: offset) }
    guard kind >= 2 else {
      self = kind == 0 ? .unknown : .empty
      return
    }
    let minimum = try reader.readUInt64()
    let maximum = try reader.readUInt64()
    switch kind {
    case 2: self = .integers(Int64(bitPattern: minimum), Int64(bitPattern: maximum))
    case 3: self = .reals(Double(bitPattern: minimum), Double(bitPattern: maximum))
    default: self = .prefixes(minimum, maximum)
    }
    guard isOrdered else { throw CorruptionError("a zone map ends before it begins", offset: offset) }
  }

  private var isOrdered: Bool {
    switch self {
    case .unknown, .empty: true
    case .integers(let minimum, let maximum): minimum <= maximum
    case .reals(let minimum, let maximum): minimum <= maximum
    case .prefixes(let minimum, let maximum): minimum <= maximum
    }
  }

  private static func write(_ kind: UInt8, _ minimum: UInt64, _ maximum: UInt64, to writer: inout ByteWriter) {
    writer.write(kind)
    writer.write(minimum)
    writer.write(maximum)
  }
}
