/// RFC 3339, read digit by digit: `2023-11-16T12:00:04.235Z`, with any number of digits behind the point or none, and
/// `+01:00` for `Z`.
struct PlainTime {
  private var rest: ArraySlice<UInt8>

  /// Milliseconds since 1970; nil for what is no such time.
  static func milliseconds(_ text: String) -> Int64? {
    var time = PlainTime(rest: Array(text.utf8)[...])
    guard let day = time.day(), time.take("Tt ") != nil, let clock = time.clock(), let shift = time.shift(),
      time.rest.isEmpty
    else { return nil }
    return day * 86_400_000 + clock - shift
  }

  private mutating func take(_ wanted: String) -> UInt8? {
    guard let first = rest.first, wanted.utf8.contains(first) else { return nil }
    return rest.removeFirst()
  }

  private mutating func digits(_ count: Int) -> Int64? {
    var value: Int64 = 0
    for _ in 0..<count {
      guard let digit = take("0123456789") else { return nil }
      value = value * 10 + Int64(digit - 0x30)
    }
    return value
  }

  /// Days since 1970.
  private mutating func day() -> Int64? {
    guard let year = digits(4), take("-") != nil, let month = digits(2), take("-") != nil, let day = digits(2) else {
      return nil
    }
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard year > 0, (1...12).contains(month), (1...lengths[Int(month - 1)]).contains(day) else { return nil }
    let before = year - 1
    let dayOfYear = lengths[..<Int(month - 1)].reduce(0, +) + day - 1
    return before * 365 + before / 4 - before / 100 + before / 400 - 719_162 + dayOfYear
  }

  /// Milliseconds since midnight; digits below are cut.
  private mutating func clock() -> Int64? {
    guard let hour = digits(2), take(":") != nil, let minute = digits(2), take(":") != nil, let second = digits(2),
      hour < 24, minute < 60, second < 60
    else { return nil }
    var milliseconds = (hour * 3600 + minute * 60 + second) * 1000
    guard take(".") != nil else { return milliseconds }
    guard let first = take("0123456789") else { return nil }
    milliseconds += Int64(first - 0x30) * 100
    for unit in [10, 1] as [Int64] { milliseconds += take("0123456789").map { Int64($0 - 0x30) * unit } ?? 0 }
    while take("0123456789") != nil {}
    return milliseconds
  }

  /// What the zone is ahead of UTC, in milliseconds.
  private mutating func shift() -> Int64? {
    if take("Zz") != nil { return 0 }
    guard let sign = take("+-"), let hours = digits(2), take(":") != nil, let minutes = digits(2) else { return nil }
    return (hours * 60 + minutes) * (sign == UInt8(ascii: "-") ? -60_000 : 60_000)
  }
}
