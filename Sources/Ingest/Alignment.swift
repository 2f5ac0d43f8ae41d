internal import Synchronization

/// Keeps the partitions of a source together in event time (SEMANTICS §2.6): one that is more than `maxDrift` ahead of
/// the slowest pauses. Only memory depends on it: lateness is judged by each partition's own watermark.
public final class Alignment: Sendable {
  private struct State {
    var watermarks: [Int: Int64?] = [:]
    var least: Int64?
  }

  private let maximumDriftMilliseconds: Int64
  private let onChange: @Sendable () -> Void
  private let state: Mutex<State>

  /// - Parameter onChange: called when the slowest partition has moved, so that paused ones look again.
  public init(partitions: [Int], maximumDriftMilliseconds: Int64, onChange: @escaping @Sendable () -> Void) {
    self.maximumDriftMilliseconds = maximumDriftMilliseconds
    self.onChange = onChange
    state = Mutex(State(watermarks: Dictionary(uniqueKeysWithValues: partitions.map { ($0, nil) })))
  }

  /// Whether partition `partition` is too far ahead. One that has not been heard of holds nobody but those that have
  /// read.
  public func isPaused(_ partition: Int) -> Bool {
    state.withLock { state in
      guard let own = state.watermarks[partition] ?? nil else { return false }
      guard let least = state.least else { return state.watermarks.count > 1 }
      return own > least && own - least > maximumDriftMilliseconds
    }
  }

  public func advance(_ partition: Int, to watermark: Int64) {
    update { $0.watermarks[partition] = .some(watermark) }
  }

  /// The partition has ended and holds nobody any more.
  public func end(_ partition: Int) { update { $0.watermarks[partition] = nil } }

  private func update(_ change: (inout State) -> Void) {
    let hasMoved = state.withLock { state in
      let before = state.least
      change(&state)
      let known = state.watermarks.values.compactMap { $0 }
      state.least = known.count == state.watermarks.count ? known.min() : nil
      return state.least != before || state.watermarks.isEmpty
    }
    if hasMoved { onChange() }
  }
}
