internal import Columns
internal import Telemetry

/// One value of a printed row.
public enum OutputValue: Sendable, Hashable {
  case null
  case integer(Int64)
  /// Ten-thousandths, printed as text with four digits.
  case money(Int128)
  /// Ten-thousandths, printed as a number without needless digits.
  case decimal(Int64)
  /// A number with at most ten digits behind the point, in units of 10⁻¹⁰.
  case ratio(Int128)
  case real(Double)
  case boolean(Bool)
  case time(Int64)
  /// UTF-8; ill-formed bytes are replaced.
  case text([UInt8])
  /// JSON that is printed as it is.
  case json([UInt8])

  public static func text(_ text: String) -> OutputValue { .text(Array(text.utf8)) }

  /// The value as a person reads it, without quotes; nothing for null.
  public var text: String { String(decoding: ValueText.plain(self), as: UTF8.self) }

  /// `numerator / denominator`, null for a zero denominator.
  public static func ratio(_ numerator: Int128, _ denominator: Int128) -> OutputValue {
    denominator == 0 ? .null : .ratio(Money.divideHalfEven(numerator * 10_000_000_000, denominator))
  }
}

/// Prints rows of one table as NDJSON or CSV (RFC 4180), always the same bytes for the same rows.
public struct RowPrinter: Sendable {
  public enum Format: String, Sendable, CaseIterable {
    case ndjson
    case csv
  }

  public let format: Format
  public let columns: [String]
  /// Each column's name as the key of a member.
  private let names: [[UInt8]]

  public init(format: Format, columns: [String]) {
    self.format = format
    self.columns = columns
    names = columns.map { column in
      var name: [UInt8] = []
      JSONText.append(column.utf8, to: &name)
      return name + [UInt8(ascii: ":")]
    }
  }

  /// What comes before the first row.
  public var header: [UInt8] {
    format == .csv ? Array((columns.joined(separator: ",") + "\n").utf8) : []
  }

  /// Appends the line of a row, which has a value for each column.
  public func append(_ values: [OutputValue], to line: inout [UInt8]) {
    precondition(values.count == columns.count, "a row has a value for each column")
    if format == .ndjson { line.append(UInt8(ascii: "{")) }
    for (index, value) in values.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      if format == .ndjson {
        line += names[index]
        ValueText.appendJSON(value, to: &line)
      } else {
        ValueText.appendCSV(value, to: &line)
      }
    }
    if format == .ndjson { line.append(UInt8(ascii: "}")) }
    line.append(0x0A)
  }
}

/// The text forms of values.
enum ValueText {
  static func appendJSON(_ value: OutputValue, to line: inout [UInt8]) {
    switch value {
    case .null: line += "null".utf8
    case .text(let bytes): JSONText.append(bytes, to: &line)
    case .time, .money: JSONText.append(plain(value), to: &line)
    default: line += plain(value)
    }
  }

  static func appendCSV(_ value: OutputValue, to line: inout [UInt8]) {
    let bytes = plain(value)
    guard bytes.contains(where: { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }) else {
      line += bytes
      return
    }
    line.append(0x22)
    for byte in bytes {
      if byte == 0x22 { line.append(0x22) }
      line.append(byte)
    }
    line.append(0x22)
  }

  /// The value without quotes.
  fileprivate static func plain(_ value: OutputValue) -> [UInt8] {
    switch value {
    case .null: []
    case .integer(let number): Array(String(number).utf8)
    case .money(let amount): Array(Money.text(amount).utf8)
    case .decimal(let amount): Array(trimmed(Int128(amount), digits: 4).utf8)
    case .ratio(let number): Array(trimmed(number, digits: 10).utf8)
    case .real(let number): Array("\(number)".utf8)
    case .boolean(let flag): Array((flag ? "true" : "false").utf8)
    case .time(let time): Array(EventTime.text(time).utf8)
    case .text(let bytes), .json(let bytes): bytes
    }
  }

  /// A fixed-point number without trailing zeros.
  private static func trimmed(_ number: Int128, digits: Int) -> String {
    var scale: Int128 = 1
    for _ in 0..<digits { scale *= 10 }
    let (whole, rest) = number.magnitude.quotientAndRemainder(dividingBy: scale.magnitude)
    var fraction = String(rest)
    fraction = String(repeating: "0", count: digits - fraction.utf8.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return (number < 0 ? "-" : "") + String(whole) + (fraction.isEmpty ? "" : "." + fraction)
  }
}
