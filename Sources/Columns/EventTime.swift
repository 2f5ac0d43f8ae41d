/// Event time: Int64 milliseconds since 1970-01-01T00:00:00Z, without leap seconds (SEMANTICS: conventions).
public enum EventTime {
  public static let second: Int64 = 1000
  public static let minute: Int64 = 60_000
  public static let hour: Int64 = 3_600_000
  public static let day: Int64 = 86_400_000
  /// Before every event: the watermark of a partition that has none yet.
  public static let distantPast = Int64.min
  /// After every event: the watermark of input that has ended.
  public static let distantFuture = Int64.max

  /// Days since 1970-01-01 of a proleptic Gregorian date, by Howard Hinnant's `days_from_civil`. O(1).
  public static func days(year: Int, month: Int, day: Int) -> Int {
    let y = month <= 2 ? year - 1 : year
    let era = (y >= 0 ? y : y - 399) / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The inverse of `days(year:month:day:)`. O(1).
  public static func civil(days: Int) -> (year: Int, month: Int, day: Int) {
    let z = days + 719_468
    let era = (z >= 0 ? z : z - 146_096) / 146_097
    let dayOfEra = z - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, dayOfYear - (153 * shifted + 2) / 5 + 1)
  }

  /// RFC 3339 in UTC, with milliseconds only where there are any: `2016-08-01T07:00:12.332Z`.
  public static func text(_ time: Int64) -> String {
    let day = floorDivide(time, EventTime.day)
    let inDay = Int(time - day * EventTime.day)
    let date = civil(days: Int(day))
    let seconds =
      "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))T"
      + "\(pad(inDay / 3_600_000, 2)):\(pad(inDay / 60_000 % 60, 2)):\(pad(inDay / 1000 % 60, 2))"
    return inDay % 1000 == 0 ? seconds + "Z" : seconds + ".\(pad(inDay % 1000, 3))Z"
  }

  /// The UTC date of `time`: `2016-08-01`.
  public static func dateText(_ time: Int64) -> String {
    let date = civil(days: Int(floorDivide(time, day)))
    return "\(pad(date.year, 4))-\(pad(date.month, 2))-\(pad(date.day, 2))"
  }

  /// Division that rounds towards negative infinity; `divisor` is positive.
  @inlinable public static func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
    let quotient = value / divisor
    return value % divisor < 0 ? quotient - 1 : quotient
  }

  private static func pad(_ number: Int, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
