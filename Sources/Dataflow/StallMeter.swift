/// Measures how long barriers keep an operator from its input.
///
/// A snapshot only freezes: what was frozen is copied when the operator next changes it. So a stall is the time of the
/// snapshot and of the longest of the few steps that follow, what these do anyway included. Operators have no clock;
/// their stage measures for them.
public struct StallMeter: Sendable {
  let nowNanoseconds: @Sendable () -> UInt64
  let observe: @Sendable (_ seconds: Double) -> Void

  /// - Parameters:
  ///   - nowNanoseconds: time that only goes forward; it begins anywhere.
  ///   - observe: gets each stall, on the queue of the operator.
  public init(
    nowNanoseconds: @escaping @Sendable () -> UInt64, observe: @escaping @Sendable (_ seconds: Double) -> Void
  ) {
    self.nowNanoseconds = nowNanoseconds
    self.observe = observe
  }
}

/// The stall that one stage is in.
struct BarrierStall {
  /// So many steps behind a snapshot are looked at.
  private static let followingSteps = 8

  private var snapshotNanoseconds: UInt64 = 0
  private var longestNanoseconds: UInt64 = 0
  private var remainingSteps = 0

  /// Takes in a step; returns the nanoseconds of a stall that is over.
  mutating func add(nanoseconds: UInt64, isSnapshot: Bool) -> UInt64? {
    if isSnapshot {
      let earlier = remainingSteps > 0 ? snapshotNanoseconds + longestNanoseconds : nil
      (snapshotNanoseconds, longestNanoseconds) = (nanoseconds, 0)
      remainingSteps = BarrierStall.followingSteps
      return earlier
    }
    guard remainingSteps > 0 else { return nil }
    longestNanoseconds = max(longestNanoseconds, nanoseconds)
    remainingSteps -= 1
    return remainingSteps == 0 ? snapshotNanoseconds + longestNanoseconds : nil
  }
}
