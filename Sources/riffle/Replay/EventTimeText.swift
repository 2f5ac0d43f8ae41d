import Columns

/// Event time as messages write it: RFC 3339 with an offset, in quotes, or a number of seconds, milliseconds or
/// microseconds by magnitude.
enum EventTimeText {
  /// Milliseconds since 1970; nil where `value`, a JSON value, is no time.
  static func milliseconds(_ value: Span<UInt8>) -> Int64? {
    guard value.count > 0 else { return nil }
    if value[0] == UInt8(ascii: "\"") { return text(value) }
    guard let number = Double(String(decoding: value.indices.map { value[$0] }, as: UTF8.self)), number > 0,
      number < 1e17
    else { return nil }
    return Int64(number < 1e11 ? number * 1000 : number < 1e14 ? number : number / 1000)
  }

  /// `"2023-11-16T12:00:04.235+02:00"` with its quotes.
  private static func text(_ value: Span<UInt8>) -> Int64? {
    // The shortest has 22 bytes: seconds, and a Z.
    guard value.count >= 22, value[5] == UInt8(ascii: "-"), value[8] == UInt8(ascii: "-"),
      value[14] == UInt8(ascii: ":"), value[17] == UInt8(ascii: ":"),
      let century = pair(value, 1), let year = pair(value, 3), let month = pair(value, 6), let day = pair(value, 9),
      let hour = pair(value, 12), let minute = pair(value, 15), let second = pair(value, 18)
    else { return nil }
    var position = 20
    var fraction: Int64 = 0
    if value[position] == UInt8(ascii: ".") {
      var scale: Int64 = 100
      position += 1
      while position < value.count, let digit = digit(value[position]) {
        fraction += Int64(digit) * scale
        scale /= 10
        position += 1
      }
    }
    guard position < value.count, let offset = offsetMinutes(value, position) else { return nil }
    let days = Int64(EventTime.days(year: century * 100 + year, month: month, day: day))
    let minutes = Int64(hour * 60 + minute - offset)
    return days * EventTime.day + minutes * EventTime.minute + Int64(second) * EventTime.second + fraction
  }

  /// What stands behind the time: `Z`, `+02:00`.
  private static func offsetMinutes(_ value: Span<UInt8>, _ position: Int) -> Int? {
    switch value[position] {
    case UInt8(ascii: "Z"), UInt8(ascii: "z"): return 0
    case UInt8(ascii: "+"), UInt8(ascii: "-"):
      guard position + 6 < value.count, let hours = pair(value, position + 1), let minutes = pair(value, position + 4)
      else { return nil }
      return (hours * 60 + minutes) * (value[position] == UInt8(ascii: "-") ? -1 : 1)
    default: return nil
    }
  }

  private static func pair(_ value: Span<UInt8>, _ position: Int) -> Int? {
    guard let high = digit(value[position]), let low = digit(value[position + 1]) else { return nil }
    return high * 10 + low
  }

  private static func digit(_ byte: UInt8) -> Int? {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) ? Int(byte) - 48 : nil
  }
}
