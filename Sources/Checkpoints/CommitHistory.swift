public import Columns
public import Telemetry

/// Which commits stay beside those that recovery needs, so that readers can ask for the past: of each short span the
/// last one, for a while.
public struct CommitHistory: Sendable {
  /// How long a commit stays; 0 for not at all.
  public var retentionMilliseconds: Int64
  /// Of commits of one span of this length, from 1970 on, the last one stays. At least 1.
  public var stepMilliseconds: Int64
  /// The wall clock that commits are stamped with.
  public var nowMilliseconds: @Sendable () -> Int64

  public init(
    retentionMilliseconds: Int64 = 0, stepMilliseconds: Int64 = EventTime.minute,
    nowMilliseconds: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() }
  ) {
    self.retentionMilliseconds = retentionMilliseconds
    self.stepMilliseconds = stepMilliseconds
    self.nowMilliseconds = nowMilliseconds
  }

  /// Those of `commits` that stay at `now`, by epoch: `times` are theirs. O(commits).
  ///
  /// Nothing before `now` - retention is needed but the last of it: it is what was true when the retention begins.
  func kept(_ times: [UInt64: Int64], at now: Int64) -> Set<UInt64> {
    guard retentionMilliseconds > 0 else { return [] }
    let begin = now - retentionMilliseconds
    var lastOfSpan: [Int64: UInt64] = [:]
    for (epoch, time) in times {
      let span = time < begin ? Int64.min : EventTime.floorDivide(time, max(1, stepMilliseconds))
      lastOfSpan[span] = max(lastOfSpan[span] ?? 0, epoch)
    }
    return Set(lastOfSpan.values)
  }
}
