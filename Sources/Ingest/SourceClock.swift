internal import Columns
internal import Synchronization
public import Windows

/// Event time of a live topic, shared by its lanes: `SourceWatermark` behind a lock, with the clocks that it asks for.
///
/// The lanes say what they read; whoever runs the engine calls `tick` every few milliseconds.
public final class SourceClock: Sendable {
  /// A tick counts for no more than this, however late it comes: our own pauses must not look like idleness.
  private static let longestTickMilliseconds: Int64 = 100

  private struct State {
    var source: SourceWatermark
    /// Monotonic, running only while the broker answers.
    var polled: Int64 = 0
    var lastTick: Int64?
    var confirmed = EventTime.distantPast / 2
  }

  private let state: Mutex<State>
  private let maximumDriftMilliseconds: Int64

  public init(_ source: SourceWatermark, maximumDriftMilliseconds: Int64) {
    state = Mutex(State(source: source))
    self.maximumDriftMilliseconds = maximumDriftMilliseconds
  }

  /// A look at the watermark and its partitions.
  public var source: SourceWatermark { state.withLock { $0.source } }

  /// Moves the clocks on: `now` and `confirmed` are wall-clock times of this moment and of the broker's last answer
  /// (nil while it is lost), `monotonic` is that of a clock that is never set.
  public func tick(monotonic: Int64, confirmed: Int64?) {
    state.withLock { state in
      if let confirmed {
        state.polled += min(monotonic - (state.lastTick ?? monotonic), SourceClock.longestTickMilliseconds)
        state.confirmed = max(state.confirmed, confirmed)
      }
      state.lastTick = monotonic
      advance(&state)
    }
  }

  private func advance(_ state: inout State) {
    state.source.advance(now: state.confirmed, polled: state.polled)
    _ = state.source.align(maximumDriftMilliseconds: maximumDriftMilliseconds)
  }

  // MARK: - Lanes

  func isPaused(_ partition: Int) -> Bool { state.withLock { $0.source.state(of: partition) == .paused } }

  /// The watermark of all partitions; nil while undefined.
  var watermark: Int64? {
    let watermark = state.withLock { $0.source.watermark }
    return watermark == EventTime.distantPast ? nil : watermark
  }

  /// `partition` has messages; returns what the watermark was without it.
  func resumeReading(_ partition: Int) -> Int64 { state.withLock { $0.source.resumeReading(partition) } }

  /// `partition` has sent on events up to `newest`; `arrival` is when the broker got the last.
  func observe(_ partition: Int, newest: Int64, arrival: Int64?) {
    state.withLock { state in
      state.source.observe(partition, time: newest, appendTime: arrival)
      advance(&state)
    }
  }

  /// Everything in the log of `partition` has been sent on.
  func reachedEnd(_ partition: Int) {
    state.withLock { $0.source.reachedEnd(partition, polled: $0.polled) }
  }

  func end(_ partition: Int) {
    state.withLock { state in
      state.source.end(partition)
      advance(&state)
    }
  }
}
