import Columns

/// Durations as people write them: `500 ms`, `30s`, `15m`, `10 minutes`, `1 h 30 min`, `0.5 s`.
enum DurationText {
  private static let units: [(names: [String], milliseconds: Int64)] = [
    (["d", "day", "days"], EventTime.day),
    (["h", "hour", "hours"], EventTime.hour),
    (["min", "m", "minute", "minutes"], EventTime.minute),
    (["s", "sec", "second", "seconds"], EventTime.second),
    (["ms", "millisecond", "milliseconds"], 1),
  ]

  /// Milliseconds; nil where `text` is no sum of numbers with units, is no whole number of milliseconds, or overflows.
  /// Only 0 needs no unit.
  static func parse(_ text: String) -> Int64? {
    if text == "0" { return 0 }
    var scanner = QuantityScanner(text)
    var total: Int64 = 0
    repeat {
      guard let number = scanner.number(), let unitName = scanner.word(),
        let unit = units.first(where: { $0.names.contains(unitName) }),
        let milliseconds = number.whole(times: unit.milliseconds)
      else { return nil }
      let (sum, overflows) = total.addingReportingOverflow(milliseconds)
      if overflows { return nil }
      total = sum
    } while !scanner.isAtEnd
    return total
  }

  /// In the greatest unit that divides it: `90 s`, `10 min`, `24 h`, `7 d`.
  static func format(_ milliseconds: Int64) -> String {
    guard milliseconds != 0 else { return "0 s" }
    // A session of at most one day reads better as 24 h.
    let unit = units.first { milliseconds % $0.milliseconds == 0 && milliseconds != EventTime.day } ?? units[1]
    return "\(milliseconds / unit.milliseconds) \(unit.names[0])"
  }
}
