/// What time it is in the shop of live traffic: that of the wall clock, or one that runs faster.
///
/// A faster clock begins so long ago that it meets the wall clock only at an agreed moment, and keeps to it from then
/// on: no event happens in the future. All times are milliseconds, those of the shop since 1970.
struct ShopClock: Equatable {
  /// Where nobody says when to meet the wall clock.
  static let usualCatchUpMilliseconds: Int64 = 3_600_000

  /// The time in the shop at the beginning.
  let start: Int64
  private let wallStart: Int64
  private let speed: Double

  /// - Parameters:
  ///   - wallStart: the wall clock at the beginning.
  ///   - speed: how many times faster than the wall clock it runs; one that is slower falls behind it from the start.
  ///   - catchUpMilliseconds: how long after the beginning both show the same.
  init(wallStart: Int64, speed: Double = 1, catchUpMilliseconds: Int64 = 0) {
    self.wallStart = wallStart
    self.speed = speed
    start = wallStart - Int64(max(0, speed - 1) * Double(catchUpMilliseconds))
  }

  /// The time in the shop so long after the beginning.
  func time(afterMilliseconds elapsed: Int64) -> Int64 {
    min(start + Int64(Double(elapsed) * speed), wallStart + elapsed)
  }

  /// How long after the beginning it is `time` in the shop.
  func milliseconds(until time: Int64) -> Int64 {
    max(Int64(Double(time - start) / speed), time - wallStart)
  }
}
