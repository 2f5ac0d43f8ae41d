internal import Glibc

/// A JSON number as its text says it: kept exact until the column's type is known.
@safe struct NumberText {
  /// Up to 19 digits without the point; meaningless where `isExact` is false.
  var mantissa: UInt64 = 0
  var isNegative = false
  /// Whether `mantissa` holds all digits.
  var isExact = false
  var integerDigits = 0
  var fractionDigits = 0
  /// The written exponent, held within ±10⁹.
  var exponent = 0
  // Invariant: the digits lie at `digits`, `integerDigits` of them, then a point and `fractionDigits` more.
  var digits: UnsafePointer<UInt8>

  /// Reads the number at `base + start`; returns where it ends, or -1 where none is. The bytes are followed by one that
  /// belongs to no number.
  @inline(__always)
  static func scan(_ base: UnsafePointer<UInt8>, _ start: Int, into number: inout NumberText) -> Int {
    var i = start
    number.isNegative = unsafe base[i] == 0x2D
    if number.isNegative { i += 1 }
    let firstDigit = i
    var mantissa = unsafe UInt64(base[i] &- 0x30)
    guard mantissa <= 9 else { return -1 }
    i += 1
    if mantissa != 0 { i = unsafe scanDigits(base, i, &mantissa) }
    unsafe number.digits = base + firstDigit
    number.integerDigits = i - firstDigit
    number.fractionDigits = 0
    number.exponent = 0
    if unsafe base[i] == 0x2E {
      let fraction = i + 1
      i = unsafe scanDigits(base, fraction, &mantissa)
      guard i > fraction else { return -1 }
      number.fractionDigits = i - fraction
    }
    number.mantissa = mantissa
    number.isExact = number.integerDigits + number.fractionDigits <= 19
    if unsafe base[i] | 0x20 == 0x65 { return unsafe scanExponent(base, i + 1, into: &number) }
    return i
  }

  @inline(__always)
  private static func scanDigits(_ base: UnsafePointer<UInt8>, _ start: Int, _ mantissa: inout UInt64) -> Int {
    var i = start
    while true {
      let digit = unsafe base[i] &- 0x30
      guard digit <= 9 else { return i }
      mantissa = mantissa &* 10 &+ UInt64(digit)
      i += 1
    }
  }

  private static func scanExponent(_ base: UnsafePointer<UInt8>, _ start: Int, into number: inout NumberText) -> Int {
    var i = start
    let sign = unsafe base[i]
    if sign == 0x2B || sign == 0x2D { i += 1 }
    let first = i
    while true {
      let digit = unsafe base[i] &- 0x30
      guard digit <= 9 else { break }
      number.exponent = min(number.exponent * 10 + Int(digit), 1_000_000_000)
      i += 1
    }
    if sign == 0x2D { number.exponent = -number.exponent }
    return i > first ? i : -1
  }

  /// Whether the number is too large for a double. O(1) but near the limit.
  var overflowsDouble: Bool { integerDigits + exponent > 308 && parsedDouble.isInfinite }

  /// The nearest double.
  var double: Double {
    let power = exponent - fractionDigits
    if isExact, mantissa <= 1 << 53, power >= -22, power <= 22 {
      // Both operands are exact, so that the one rounding of the operation is the right one.
      let magnitude = power < 0 ? Double(mantissa) / powerOfTen(-power) : Double(mantissa) * powerOfTen(power)
      return isNegative ? -magnitude : magnitude
    }
    return parsedDouble
  }

  private func powerOfTen(_ power: Int) -> Double {
    var result = 1.0
    for _ in 0..<power { result *= 10 }
    return result
  }

  private var parsedDouble: Double {
    let magnitude = unsafe strtod(UnsafeRawPointer(digits).assumingMemoryBound(to: CChar.self), nil)
    return isNegative ? -magnitude : magnitude
  }

  /// Ten-thousandths, rounded half-even, and whether rounding lost something; nil where they pass Int64.
  @inline(__always)
  var decimal: (value: Int64, isRounded: Bool)? {
    if isExact, exponent == 0, fractionDigits <= 4, mantissa < 100_000_000_000_000 {
      var value = Int64(mantissa)
      for _ in fractionDigits..<4 { value *= 10 }
      return (isNegative ? -value : value, false)
    }
    return decimalOfAnyForm
  }

  private var decimalOfAnyForm: (value: Int64, isRounded: Bool)? {
    guard let (whole, rest) = scaled(by: 4) else { return nil }
    let roundsUp = rest == .aboveHalf || (rest == .half && whole & 1 == 1)
    let (magnitude, overflows) = whole.addingReportingOverflow(roundsUp ? 1 : 0)
    if overflows { return nil }
    if isNegative {
      return magnitude <= 1 << 63 ? (Int64(truncatingIfNeeded: 0 &- magnitude), rest != .zero) : nil
    }
    return Int64(exactly: magnitude).map { ($0, rest != .zero) }
  }

  /// Milliseconds since 1970 of an epoch number: below 10¹¹ it counts seconds, below 10¹⁴ milliseconds, else
  /// microseconds. Cut towards negative infinity; what passes Int64 becomes its nearest value.
  var milliseconds: Int64 {
    if isExact, exponent == 0, fractionDigits == 0, !isNegative, mantissa < 100_000_000_000_000_000 {
      let value = Int64(mantissa)
      return value < 100_000_000_000 ? value * 1000 : value < 100_000_000_000_000 ? value : value / 1000
    }
    let magnitude = significant.count + significant.power
    let shift = isNegative || magnitude <= 11 ? 3 : magnitude <= 14 ? 0 : -3
    guard let (whole, rest) = scaled(by: shift), let value = Int64(exactly: whole) else {
      return isNegative ? Int64.min : Int64.max
    }
    return isNegative ? -value - (rest == .zero ? 0 : 1) : value
  }

  /// How what was cut off compares with one half.
  private enum Rest { case zero, belowHalf, half, aboveHalf }

  /// The digit at `index`, from the first, over the point.
  private func digit(_ index: Int) -> UInt64 {
    unsafe UInt64(digits[index < integerDigits ? index : index + 1] &- 0x30)
  }

  /// Where the digits begin to count, how many follow, and the power of ten of the last.
  private var significant: (first: Int, count: Int, power: Int) {
    let all = integerDigits + fractionDigits
    var first = 0
    while first < all, digit(first) == 0 { first += 1 }
    return (first, all - first, exponent - fractionDigits)
  }

  /// The whole part of |number| × 10^`shift` and the rest; nil where it passes UInt64. O(digits).
  private func scaled(by shift: Int) -> (whole: UInt64, rest: Rest)? {
    let (first, count, power) = significant
    if count == 0 { return (0, .zero) }
    let kept = count + power + shift
    if kept > 20 { return nil }
    var whole: UInt64 = 0
    for index in 0..<max(kept, 0) {
      let (tenfold, overflows) = whole.multipliedReportingOverflow(by: 10)
      let (sum, carries) = tenfold.addingReportingOverflow(index < count ? digit(first + index) : 0)
      if overflows || carries { return nil }
      whole = sum
    }
    if kept >= count { return (whole, .zero) }
    if kept < 0 { return (whole, .belowHalf) }
    let next = digit(first + kept)
    let hasMore = ((kept + 1)..<max(count, kept + 1)).contains { digit(first + $0) != 0 }
    if next == 5 { return (whole, hasMore ? .aboveHalf : .half) }
    if next > 5 { return (whole, .aboveHalf) }
    return (whole, next == 0 && !hasMore ? .zero : .belowHalf)
  }
}
