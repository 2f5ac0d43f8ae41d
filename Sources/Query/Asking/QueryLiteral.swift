internal import Columns

extension QueryFilter.Literal {
  /// The literal as a word of a column of `kind`; nil where it is none.
  func word(_ kind: QueryColumn.Kind) -> Int64? {
    switch (kind, self) {
    case (.integer, .number(let text)): Int64(text)
    case (.time, .number(let text)): Int64(text)
    case (.time, .text(let text)): EventTime.parse(dateOrTime: text)
    case (.money, .number(let text)), (.decimal, .number(let text)), (.money, .text(let text)),
      (.decimal, .text(let text)):
      FixedPoint.parse(text)
    case (.real, .number(let text)): Double(text).map(Word.of)
    case (.boolean, .boolean(let flag)): flag ? 1 : 0
    default: nil
    }
  }

  /// The literal as text; nil where it is none.
  var bytes: [UInt8]? {
    if case .text(let text) = self { Array(text.utf8) } else { nil }
  }
}

/// Numbers with at most four decimals, exactly.
enum FixedPoint {
  /// `-12.34` in ten-thousandths; nil where it is no such number or too large.
  static func parse(_ text: String) -> Int64? {
    let isNegative = text.hasPrefix("-")
    let parts = text.dropFirst(isNegative ? 1 : 0).split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), let whole = parts.first else { return nil }
    var fraction = parts.count == 2 ? String(parts[1]) : "0"
    while fraction.utf8.count > 4, fraction.hasSuffix("0") { fraction.removeLast() }
    let isPlain = [String(whole), fraction].allSatisfy { part in
      !part.isEmpty && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    guard isPlain, fraction.utf8.count <= 4 else { return nil }
    let digits = fraction + String(repeating: "0", count: 4 - fraction.utf8.count)
    return Int64((isNegative ? "-" : "") + whole + digits)
  }
}
