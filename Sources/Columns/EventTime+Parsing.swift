/// Times as people and clients write them (SEMANTICS: event time). Lanes read the times of events with a reader of
/// their own, which remembers the minute of the message before.
extension EventTime {
  /// Milliseconds since 1970 of an RFC 3339 time, `2026-01-31T08:00:00.250+02:00`: a date, `T`, `t` or a space, a time
  /// of any fraction, and an offset or `Z`, which is required. Digits below the millisecond are cut. Nil where it is no
  /// such time. O(length).
  public static func parse(_ text: Span<UInt8>) -> Int64? {
    guard text.count >= 20, let midnight = midnight(text), isSeparator(text[10]), text[13] == UInt8(ascii: ":"),
      text[16] == UInt8(ascii: ":"), let hour = number(text, 11..<13), let minute = number(text, 14..<16),
      let second = number(text, 17..<19), hour <= 23, minute <= 59, second <= 59
    else { return nil }
    var position = 19
    guard let fraction = fraction(text, at: &position), let offset = offset(text, at: position) else { return nil }
    return midnight + Int64((hour * 60 + minute) * 60 + second) * EventTime.second + fraction - offset
  }

  public static func parse(_ text: String) -> Int64? {
    let bytes = Array(text.utf8)
    return parse(bytes.span)
  }

  /// The same; a date alone, `2026-01-31`, is its midnight in UTC.
  public static func parse(dateOrTime text: String) -> Int64? {
    let bytes = Array(text.utf8)
    return bytes.count == 10 ? midnight(bytes.span) : parse(bytes.span)
  }

  /// The same; a whole number counts from 1970 in the unit of its magnitude.
  public static func parse(timeOrEpoch text: String) -> Int64? {
    let isEpoch = text.utf8.allSatisfy { digit($0) != nil }
    return isEpoch ? Int64(text).map(milliseconds(epoch:)) : parse(text)
  }

  /// An epoch number, which is not negative, in milliseconds: below 1e11 it counts seconds, below 1e14 milliseconds,
  /// else microseconds.
  public static func milliseconds(epoch number: Int64) -> Int64 {
    switch number {
    case ..<100_000_000_000: number * 1000
    case ..<100_000_000_000_000: number
    default: number / 1000
    }
  }

  /// The start of the date that `text` begins with, which has ten bytes at least; nil where there is no such date.
  private static func midnight(_ text: Span<UInt8>) -> Int64? {
    guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), let year = number(text, 0..<4),
      let month = number(text, 5..<7), let day = number(text, 8..<10), year >= 1, (1...12).contains(month)
    else { return nil }
    let days = days(year: year, month: month, day: day)
    // A day that its month does not have comes back as another date.
    return civil(days: days) == (year, month, day) ? Int64(days) * EventTime.day : nil
  }

  private static func isSeparator(_ byte: UInt8) -> Bool { byte | 0x20 == UInt8(ascii: "t") || byte == 0x20 }

  /// The milliseconds of `.25` at `position`, which moves behind it; 0 where there is none.
  private static func fraction(_ text: Span<UInt8>, at position: inout Int) -> Int64? {
    guard text[position] == UInt8(ascii: ".") else { return 0 }
    let first = position + 1
    position = first
    var milliseconds = 0
    var unit = 100
    while position < text.count, let digit = digit(text[position]) {
      milliseconds += digit * unit
      unit /= 10
      position += 1
    }
    return position > first ? Int64(milliseconds) : nil
  }

  /// The milliseconds of `Z` or `+02:00`, which is all that stands at `position`.
  private static func offset(_ text: Span<UInt8>, at position: Int) -> Int64? {
    guard position < text.count else { return nil }
    if text[position] | 0x20 == UInt8(ascii: "z") { return position + 1 == text.count ? 0 : nil }
    guard position + 6 == text.count, text[position + 3] == UInt8(ascii: ":"),
      let hours = number(text, position + 1..<position + 3), hours <= 23,
      let minutes = number(text, position + 4..<position + 6), minutes <= 59
    else { return nil }
    let magnitude = Int64(hours) * EventTime.hour + Int64(minutes) * EventTime.minute
    return switch text[position] {
    case UInt8(ascii: "+"): magnitude
    case UInt8(ascii: "-"): -magnitude
    default: nil
    }
  }

  private static func number(_ text: Span<UInt8>, _ range: Range<Int>) -> Int? {
    var number = 0
    for position in range {
      guard let digit = digit(text[position]) else { return nil }
      number = number * 10 + digit
    }
    return number
  }

  private static func digit(_ byte: UInt8) -> Int? { byte &- 0x30 <= 9 ? Int(byte &- 0x30) : nil }
}
