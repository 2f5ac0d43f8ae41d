/// What the values of a column are; each is a physical and a logical type of Parquet.
public enum ParquetType: Sendable, Equatable {
  case boolean
  /// 64 bits, signed.
  case integer
  case real
  /// Milliseconds since 1970, UTC.
  case timestamp
  /// Digits before and behind the point together, 1 to 38, and those behind it.
  case decimal(precision: Int, scale: Int)
  /// UTF-8.
  case text
  /// UTF-8 that is JSON.
  case json

  /// How values are stored: the format's `Type`.
  var physical: Int32 {
    switch self {
    case .boolean: 0
    case .integer, .timestamp: 2
    case .real: 5
    case .text, .json: 6
    case .decimal: 7
    }
  }

  /// Bytes of one stored value, where the physical type does not say it: the fewest that hold `precision` digits and a
  /// sign.
  var fixedByteCount: Int? {
    guard case .decimal(let precision, _) = self else { return nil }
    let largest = ParquetType.powerOfTen(precision) - 1
    return (Int128.bitWidth - largest.leadingZeroBitCount + 1 + 7) / 8
  }

  /// 10ⁿ, for n up to 38.
  static func powerOfTen(_ exponent: Int) -> Int128 {
    (0..<exponent).reduce(Int128(1)) { power, _ in power * 10 }
  }
}

/// A column of a file: its name, its type, and whether cells may be null.
public struct ParquetColumn: Sendable, Equatable {
  public let name: String
  public let type: ParquetType
  public let isOptional: Bool

  public init(_ name: String, _ type: ParquetType, isOptional: Bool = true) {
    self.name = name
    self.type = type
    self.isOptional = isOptional
  }
}

/// One value of a row.
public enum ParquetCell: Sendable, Equatable {
  case null
  case boolean(Bool)
  /// Of integers and timestamps.
  case integer(Int64)
  case real(Double)
  /// A decimal in units of its last digit.
  case amount(Int128)
  /// Of texts, which the caller knows to be UTF-8, and of JSON.
  case text([UInt8])
}

/// A cell that does not fit its column: the caller's mistake.
public struct ParquetError: Error, Equatable, CustomStringConvertible {
  public let column: String
  public let problem: String

  public var description: String { "column \(column): \(problem)" }
}
