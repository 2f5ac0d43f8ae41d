internal import Glibc

/// Times as clients write them (SEMANTICS §1).
enum TimeText {
  /// Milliseconds since 1970 of an RFC 3339 time or an epoch number: below 1e11 in seconds, below 1e14 in milliseconds,
  /// else in microseconds. Digits below the millisecond are cut. Nil where it is neither.
  static func milliseconds(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    return bytes.allSatisfy(isDigit) ? epoch(text) : rfc3339(bytes)
  }

  private static func epoch(_ text: String) -> Int64? {
    guard let number = Int64(text) else { return nil }
    return switch number {
    case ..<100_000_000_000: number * 1000
    case ..<100_000_000_000_000: number
    default: number / 1000
    }
  }

  /// `2026-01-01T12:00:00.250+02:00`: a date, `T`, `t` or a space, a time, any fraction, and an offset or `Z`.
  private static func rfc3339(_ text: [UInt8]) -> Int64? {
    let marks: [(Int, String)] = [(4, "-"), (7, "-"), (10, "Tt "), (13, ":"), (16, ":")]
    guard text.count >= 20, marks.allSatisfy({ at, allowed in allowed.utf8.contains(text[at]) }),
      let year = number(text[0..<4]), let month = number(text[5..<7]), let day = number(text[8..<10]),
      let hour = number(text[11..<13]), let minute = number(text[14..<16]), let second = number(text[17..<19]),
      hour <= 23, minute <= 59, second <= 59, let midnight = midnightSeconds(year, month, day)
    else { return nil }
    var rest = text[19...]
    guard let fraction = fraction(&rest), let offset = offsetSeconds(rest) else { return nil }
    return (midnight + Int64(hour * 3600 + minute * 60 + second) - offset) * 1000 + fraction
  }

  /// Takes `.25` from the front of `text`, as milliseconds; 0 where there is none.
  private static func fraction(_ text: inout ArraySlice<UInt8>) -> Int64? {
    guard text.first == UInt8(ascii: ".") else { return 0 }
    let digits = text.dropFirst().prefix(while: isDigit)
    guard !digits.isEmpty else { return nil }
    text = text.dropFirst(1 + digits.count)
    return zip(digits, [100, 10, 1]).reduce(0) { $0 + Int64($1.0 - 0x30) * $1.1 }
  }

  /// The seconds of `Z` or `+02:00`.
  private static func offsetSeconds(_ text: ArraySlice<UInt8>) -> Int64? {
    guard let sign = text.first else { return nil }
    if sign | 0x20 == UInt8(ascii: "z") { return text.count == 1 ? 0 : nil }
    let digits = Array(text.dropFirst())
    guard digits.count == 5, digits[2] == UInt8(ascii: ":"), let hours = number(digits[0..<2]),
      let minutes = number(digits[3..<5]), hours <= 23, minutes <= 59
    else { return nil }
    return switch sign {
    case UInt8(ascii: "+"): Int64(hours * 3600 + minutes * 60)
    case UInt8(ascii: "-"): -Int64(hours * 3600 + minutes * 60)
    default: nil
    }
  }

  /// Seconds from 1970 to the start of a date; nil where there is no such date.
  private static func midnightSeconds(_ year: Int, _ month: Int, _ day: Int) -> Int64? {
    guard year >= 1 else { return nil }
    // The call reads and normalizes the numbers; the zone, which is a pointer, stays null.
    var date = unsafe tm()
    unsafe date.tm_year = Int32(year - 1900)
    unsafe date.tm_mon = Int32(month - 1)
    unsafe date.tm_mday = Int32(day)
    let seconds = unsafe timegm(&date)
    // A day that its month does not have comes back as another date.
    let isSame = unsafe date.tm_mon == month - 1 && date.tm_mday == day
    return isSame ? Int64(seconds) : nil
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    digits.allSatisfy(isDigit) ? digits.reduce(0) { $0 * 10 + Int($1 - 0x30) } : nil
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 <= 9 }
}
