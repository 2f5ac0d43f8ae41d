internal import Dispatch
internal import Synchronization

/// Adds up what a vertex does with its time. Its runtime tells it of turns, each of up to dozens of steps: three
/// readings of the clock a turn, none for a message or a row.
final class ActivityMeter: Sendable {
  private struct State {
    var activity = OperatorActivity.idle
    /// When `activity` began; nil before the vertex was first scheduled.
    var sinceNanoseconds: UInt64?
    /// Finished stretches, by `OperatorActivity.rawValue`.
    var nanoseconds = SIMD4<UInt64>()

    /// The clock is read under the lock, so that no two ends of stretches change places and no sum ever falls.
    mutating func begin(_ next: OperatorActivity, at now: UInt64) {
      if let sinceNanoseconds { nanoseconds[activity.rawValue] += now - min(now, sinceNanoseconds) }
      (activity, sinceNanoseconds) = (next, now)
    }
  }

  private let state = Mutex(State())
  private let nowNanoseconds: @Sendable () -> UInt64

  init(nowNanoseconds: @escaping @Sendable () -> UInt64 = { DispatchTime.now().uptimeNanoseconds }) {
    self.nowNanoseconds = nowNanoseconds
  }

  /// The vertex is queued for its next turn; the one that it is taking goes on.
  func scheduled() {
    state.withLock { if $0.activity != .busy { $0.begin(.waiting, at: nowNanoseconds()) } }
  }

  func turnBegan() { state.withLock { $0.begin(.busy, at: nowNanoseconds()) } }

  /// - Parameter next: what the vertex does until its next turn.
  func turnEnded(_ next: OperatorActivity) { state.withLock { $0.begin(next, at: nowNanoseconds()) } }

  /// By `OperatorActivity.rawValue`, the stretch under way included.
  var seconds: [Double] {
    state.withLock { state in
      var state = state
      state.begin(state.activity, at: state.sinceNanoseconds == nil ? 0 : nowNanoseconds())
      return (0..<4).map { Double(state.nanoseconds[$0]) / 1e9 }
    }
  }
}
