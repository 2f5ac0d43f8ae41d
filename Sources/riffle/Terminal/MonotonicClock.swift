/// Time that only goes forward, for rates and progress.
enum MonotonicClock {
  private static let start = ContinuousClock.now

  /// Milliseconds since the first call.
  static func milliseconds() -> Int64 {
    let elapsed = start.duration(to: .now).components
    return elapsed.seconds * 1000 + elapsed.attoseconds / 1_000_000_000_000_000
  }
}
