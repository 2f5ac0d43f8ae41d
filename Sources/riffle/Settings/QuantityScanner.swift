/// Reads numbers and unit names from a text, exactly: no floating point between what is written and what holds.
struct QuantityScanner {
  /// A decimal number: `digits / 10^decimals`.
  struct Number {
    let digits: Int64
    let decimals: Int

    /// The number times `factor`, where that is whole and fits.
    func whole(times factor: Int64) -> Int64? {
      let (product, overflows) = digits.multipliedReportingOverflow(by: factor)
      guard !overflows else { return nil }
      var scale: Int64 = 1
      for _ in 0..<decimals { scale *= 10 }
      return product % scale == 0 ? product / scale : nil
    }
  }

  private var rest: Substring.UTF8View

  init(_ text: String) {
    rest = text[...].utf8
    skipBlanks()
  }

  var isAtEnd: Bool { rest.isEmpty }

  /// Digits with an optional fraction of at most nine digits, and the blanks after it.
  mutating func number() -> Number? {
    let whole = take { isDigit($0) }
    guard !whole.isEmpty else { return nil }
    var fraction = ""
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      fraction = take { isDigit($0) }
      guard !fraction.isEmpty, fraction.utf8.count <= 9 else { return nil }
    }
    skipBlanks()
    return Int64(whole + fraction).map { Number(digits: $0, decimals: fraction.utf8.count) }
  }

  /// Letters, and the blanks after them.
  mutating func word() -> String? {
    let word = take { isLetter($0) }
    skipBlanks()
    return word.isEmpty ? nil : word
  }

  private mutating func take(_ belongs: (UInt8) -> Bool) -> String {
    let taken = rest.prefix(while: belongs)
    rest = rest.dropFirst(taken.count)
    return String(Substring(taken))
  }

  private mutating func skipBlanks() { rest = rest.drop { $0 == UInt8(ascii: " ") } }
}

private func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

private func isLetter(_ byte: UInt8) -> Bool { (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) }
