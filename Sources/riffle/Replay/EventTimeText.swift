import Columns

/// Event time as messages write it: RFC 3339 with an offset, in quotes, or a number of seconds, milliseconds or
/// microseconds by magnitude.
enum EventTimeText {
  /// Milliseconds since 1970; nil where `value`, a JSON value, is no time.
  static func milliseconds(_ value: Span<UInt8>) -> Int64? {
    guard value.count > 0 else { return nil }
    if value[0] == UInt8(ascii: "\"") {
      return value.count > 2 ? EventTime.parse(value.extracting(1..<value.count - 1)) : nil
    }
    guard let number = Double(String(decoding: value.indices.map { value[$0] }, as: UTF8.self)), number > 0,
      number < 1e17
    else { return nil }
    return Int64(number < 1e11 ? number * 1000 : number < 1e14 ? number : number / 1000)
  }
}
