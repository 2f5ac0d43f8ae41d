/// When a message is due, on the clock of `MonotonicClock`.
enum Pace: Sendable, Equatable {
  /// As fast as the brokers take them.
  case fastest
  /// A constant number of messages per second.
  case rate(perSecond: Double)
  /// As fast as it happened, or so many times faster.
  case eventTime(speed: Double)

  /// When message `number`, counted from 0 and `elapsedMilliseconds` of event time behind the first, is due: so many
  /// milliseconds behind the start.
  func dueMilliseconds(number: Int, elapsedMilliseconds: Int64) -> Int64 {
    switch self {
    case .fastest: 0
    case .rate(let perSecond): Int64(min(Double(number) / perSecond * 1000, 1e15))
    case .eventTime(let speed): Int64(min(Double(max(0, elapsedMilliseconds)) / speed, 1e15))
    }
  }
}

/// Rates and speeds as people write them.
enum PaceText {
  static let perSecond = 0.001...10_000_000.0

  /// Messages per second: `2000`, `0.5`; nil inside the answer for `max` and `0`, which set no limit.
  static func rate(_ text: String) -> Double?? {
    if text == "max" { return .some(nil) }
    guard let number = number(text) else { return nil }
    if number == 0 { return .some(nil) }
    return perSecond.contains(number) ? .some(number) : nil
  }

  /// How many times faster than it happened: `1x`, `60x`, `0.5x`.
  static func speed(_ text: String) -> Double? {
    guard text.hasSuffix("x"), let number = number(String(text.dropLast())) else { return nil }
    return (0.001...1_000_000).contains(number) ? number : nil
  }

  private static func number(_ text: String) -> Double? {
    let isPlain = text.utf8.allSatisfy {
      (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: ".")
    }
    return isPlain ? Double(text) : nil
  }
}
