/// Money: Int64 ten-thousandths of a currency unit, never floating point (SEMANTICS: conventions).
public enum Money {
  /// Ten-thousandths in one unit.
  public static let scale: Int64 = 10_000

  /// `price × quantity`, both in ten-thousandths, rounded half-even to ten-thousandths; nil where it overflows.
  public static func multiply(_ price: Int64, _ quantity: Int64) -> Int64? {
    let (high, low) = price.multipliedFullWidth(by: quantity)
    let product = Int128(_low: low, _high: high)
    return Int64(exactly: divideHalfEven(product, Int128(scale)))
  }

  /// `amount / divisor` rounded half-even; `divisor` is positive.
  public static func divideHalfEven(_ amount: Int128, _ divisor: Int128) -> Int128 {
    let (quotient, remainder) = amount.quotientAndRemainder(dividingBy: divisor)
    let twice = remainder.magnitude * 2
    let roundsAway = twice > divisor.magnitude || (twice == divisor.magnitude && quotient & 1 == 1)
    return roundsAway ? quotient + (amount < 0 ? -1 : 1) : quotient
  }

  /// The amount with exactly four decimals: `-12.3400`.
  public static func text(_ amount: Int128) -> String {
    let magnitude = amount.magnitude
    let fraction = String(magnitude % 10_000)
    return (amount < 0 ? "-" : "") + String(magnitude / 10_000) + "."
      + String(repeating: "0", count: 4 - fraction.utf8.count) + fraction
  }
}
