internal import Columns

/// Reads RFC 3339 times: a date, `T`, `t` or a space, a time of any fraction, and an offset or `Z`, which is required.
///
/// Most messages of a batch are of the same minute, so the text up to it is remembered together with its time.
struct TimestampText {
  // Bytes that no UTF-8 text has, so that nothing matches before the first text was read.
  private var cachedFirst = UInt64.max
  private var cachedSecond = UInt64.max
  private var cachedMinute: Int64 = 0

  /// Milliseconds since 1970 of the `length` bytes at `text`, behind which 16 bytes are readable; digits below the
  /// millisecond are cut. Nil where it is no such time.
  @unsafe @inline(__always)
  mutating func milliseconds(_ text: UnsafePointer<UInt8>, _ length: Int) -> Int64? {
    guard length >= 20 else { return nil }
    let raw = unsafe UnsafeRawPointer(text)
    let first = unsafe raw.loadUnaligned(as: UInt64.self)
    let second = unsafe raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    if first != cachedFirst || second != cachedSecond {
      guard let minute = unsafe TimestampText.minute(text) else { return nil }
      (cachedFirst, cachedSecond, cachedMinute) = (first, second, minute)
    }
    let tens = unsafe text[17] &- 0x30
    let ones = unsafe text[18] &- 0x30
    guard unsafe text[16] == 0x3A, tens <= 5, ones <= 9 else { return nil }
    var time = cachedMinute + Int64(tens) * 10_000 + Int64(ones) * 1000
    var i = 19
    if unsafe text[i] == 0x2E {
      i += 1
      var unit: Int64 = 100
      while i < length, case let digit = unsafe text[i] &- 0x30, digit <= 9 {
        time += Int64(digit) * unit
        unit /= 10
        i += 1
      }
      if i == 20 { return nil }
    }
    if i + 1 == length, unsafe text[i] | 0x20 == 0x7A { return time }
    guard i + 6 == length, let offset = unsafe TimestampText.offset(text + i) else { return nil }
    return time - offset
  }

  /// The time of `2016-08-01T07:00`.
  private static func minute(_ text: UnsafePointer<UInt8>) -> Int64? {
    guard unsafe text[4] == 0x2D, unsafe text[7] == 0x2D, unsafe text[13] == 0x3A,
      unsafe text[10] | 0x20 == 0x74 || text[10] == 0x20,
      let century = unsafe twoDigits(text), let yearInCentury = unsafe twoDigits(text + 2),
      let month = unsafe twoDigits(text + 5), let day = unsafe twoDigits(text + 8),
      let hour = unsafe twoDigits(text + 11), let minute = unsafe twoDigits(text + 14)
    else { return nil }
    let year = century * 100 + yearInCentury
    guard year >= 1, month >= 1, month <= 12, day >= 1, hour <= 23, minute <= 59 else { return nil }
    let days = EventTime.days(year: year, month: month, day: day)
    // A day that its month does not have comes back as another date.
    guard EventTime.civil(days: days) == (year, month, day) else { return nil }
    return Int64(days) * EventTime.day + Int64(hour) * EventTime.hour + Int64(minute) * EventTime.minute
  }

  /// The milliseconds of `+02:00`.
  private static func offset(_ text: UnsafePointer<UInt8>) -> Int64? {
    guard unsafe text[3] == 0x3A, let hours = unsafe twoDigits(text + 1), let minutes = unsafe twoDigits(text + 4),
      hours <= 23, minutes <= 59
    else { return nil }
    let magnitude = Int64(hours) * EventTime.hour + Int64(minutes) * EventTime.minute
    return switch unsafe text[0] {
    case 0x2B: magnitude
    case 0x2D: -magnitude
    default: nil
    }
  }

  @inline(__always)
  private static func twoDigits(_ text: UnsafePointer<UInt8>) -> Int? {
    let tens = unsafe text[0] &- 0x30
    let ones = unsafe text[1] &- 0x30
    return tens <= 9 && ones <= 9 ? Int(tens) * 10 + Int(ones) : nil
  }
}
