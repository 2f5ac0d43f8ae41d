internal import Columns
internal import HotIndex
internal import Query
internal import Telemetry

extension JSONWriter {
  /// A member whose value is a time of RFC 3339, or null.
  mutating func field(_ name: String, time: Int64?) { field(name, time.map(EventTime.text)) }

  /// A member with the value of a printed row; money is a number.
  mutating func field(_ name: String, _ value: OutputValue) {
    key(name)
    switch value {
    case .null: null()
    case .integer(let number): integer(number)
    case .money(let amount): decimal(DecimalText.money(amount))
    case .decimal, .ratio: decimal(value.text)
    case .real(let number): self.number(number)
    case .boolean(let flag): boolean(flag)
    case .time, .text: string(value.text)
    case .json(let json): raw(json)
    }
  }

  /// A member with the sums of several currencies.
  mutating func field(_ name: String, sums: [HotAmount]) {
    key(name)
    object { json in
      for sum in sums {
        json.key(String(decoding: sum.currency, as: UTF8.self))
        json.decimal(DecimalText.money(sum.amount))
      }
    }
  }

  /// A member with a quotient of `digits` decimals, null for a zero denominator.
  mutating func field(_ name: String, _ ratio: KpiRatio, digits: Int, keeping leastDigits: Int) {
    key(name)
    if let number = ratio.rounded(digits: digits) {
      decimal(DecimalText.fixed(number, digits: digits, keeping: leastDigits))
    } else {
      null()
    }
  }
}

/// Fixed-point numbers as JSON numbers.
enum DecimalText {
  /// Ten-thousandths with at least two decimals: `9123.40`, `0.0025`.
  static func money(_ amount: Int128) -> String { fixed(amount, digits: 4, keeping: 2) }

  /// `number` × 10⁻ᵈⁱᵍⁱᵗˢ without trailing zeros, but with at least `leastDigits` decimals.
  static func fixed(_ number: Int128, digits: Int, keeping leastDigits: Int) -> String {
    let text = String(number.magnitude)
    let padded = String(repeating: "0", count: max(0, digits + 1 - text.utf8.count)) + text
    var fraction = padded.suffix(digits)
    while fraction.utf8.count > leastDigits, fraction.last == "0" { fraction.removeLast() }
    let whole = padded.dropLast(digits)
    return (number < 0 ? "-" : "") + whole + (fraction.isEmpty ? "" : "." + fraction)
  }
}
