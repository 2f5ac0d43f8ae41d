internal import Glibc

/// The time of day, for people who read log lines and HTTP answers.
public enum WallClock {
  /// Milliseconds since 1970-01-01T00:00:00Z.
  public static func nowMilliseconds() -> Int64 {
    var time = timespec()
    // The call fills `time` and keeps nothing.
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Int64(time.tv_sec) * 1000 + Int64(time.tv_nsec) / 1_000_000
  }

  /// RFC 3339 in UTC with milliseconds: `2026-01-01T12:00:04.235Z`.
  public static func text(milliseconds: Int64) -> String {
    let fraction = Int(((milliseconds % 1000) + 1000) % 1000)
    var seconds = time_t((milliseconds - Int64(fraction)) / 1000)
    // The call reads `seconds`, fills `parts` and keeps nothing; it fails only for years that Int32 cannot hold. Of
    // `parts`, whose zone is a pointer, only numbers are read.
    var parts = unsafe tm()
    guard unsafe gmtime_r(&seconds, &parts) != nil else { return "\(milliseconds)" }
    let (year, month, day) = unsafe (parts.tm_year + 1900, parts.tm_mon + 1, parts.tm_mday)
    let (hour, minute, second) = unsafe (parts.tm_hour, parts.tm_min, parts.tm_sec)
    return "\(pad(year, 4))-\(pad(month, 2))-\(pad(day, 2))T\(pad(hour, 2)):\(pad(minute, 2)):\(pad(second, 2))"
      + ".\(pad(Int32(fraction), 3))Z"
  }

  private static func pad(_ number: Int32, _ width: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }
}
