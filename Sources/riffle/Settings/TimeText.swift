import Columns

/// Points in time on the command line, always UTC: `2026-01-31`, `2026-01-31T08:00:00Z`, `2026-01-31T08:00:00.250Z`.
enum TimeText {
  /// Milliseconds since 1970; nil where `text` is no such date or time.
  static func parse(_ text: String) -> Int64? {
    let parts = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
    guard let date = numbers(parts[0], widths: [4, 2, 2], separator: "-") else { return nil }
    let days = EventTime.days(year: date[0], month: date[1], day: date[2])
    // A date that the calendar does not have comes back as another one.
    guard (1...12).contains(date[1]), EventTime.civil(days: days) == (date[0], date[1], date[2]) else { return nil }
    let midnight = Int64(days) * EventTime.day
    guard parts.count == 2 else { return midnight }
    guard parts[1].hasSuffix("Z") else { return nil }
    let clock = parts[1].dropLast().split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
    guard let time = numbers(clock[0], widths: [2, 2, 2], separator: ":"), time[0] < 24, time[1] < 60, time[2] < 60
    else { return nil }
    var milliseconds = 0
    if clock.count == 2 {
      guard let fraction = numbers(clock[1], widths: [3], separator: ".") else { return nil }
      milliseconds = fraction[0]
    }
    return midnight + Int64(((time[0] * 60 + time[1]) * 60 + time[2]) * 1000 + milliseconds)
  }

  private static func numbers(_ text: Substring, widths: [Int], separator: Character) -> [Int]? {
    let parts = text.split(separator: separator, omittingEmptySubsequences: false)
    guard parts.count == widths.count else { return nil }
    var numbers: [Int] = []
    for (part, width) in zip(parts, widths) {
      guard part.utf8.count == width, part.utf8.first != UInt8(ascii: "+"), let number = Int(part), number >= 0
      else { return nil }
      numbers.append(number)
    }
    return numbers
  }
}
