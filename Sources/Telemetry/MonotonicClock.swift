internal import Glibc

/// Time that is never set and only goes forward, for deadlines, rates and durations; it begins anywhere.
public enum MonotonicClock {
  public static func nowNanoseconds() -> UInt64 {
    var time = timespec()
    // The call fills `time` and keeps nothing.
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }

  public static func nowMilliseconds() -> Int64 { Int64(nowNanoseconds() / 1_000_000) }
}
