internal import Columns
internal import Synchronization
public import Windows

/// Event time of a source, shared by its lanes: `SourceWatermark` behind a lock, with the clocks that it asks for.
///
/// The lanes say what they read, and learn whether they are too far ahead of the slowest and must wait. For a live
/// topic whoever runs the engine calls `tick` every few milliseconds. Files have no idleness, so nobody ticks; only
/// memory depends on their clock, since lateness is judged by each partition's own watermark.
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
  private let onResume: @Sendable () -> Void

  /// - Parameter onResume: called when a lane that had to wait may go on, where no tick makes it look again.
  public init(
    _ source: SourceWatermark, maximumDriftMilliseconds: Int64, onResume: @escaping @Sendable () -> Void = {}
  ) {
    state = Mutex(State(source: source))
    self.maximumDriftMilliseconds = maximumDriftMilliseconds
    self.onResume = onResume
  }

  /// A look at the watermark and its partitions.
  public var source: SourceWatermark { state.withLock { $0.source } }

  /// Moves the clocks on: `now` and `confirmed` are wall-clock times of this moment and of the broker's last answer
  /// (nil while it is lost), `monotonic` is that of a clock that is never set.
  public func tick(monotonic: Int64, confirmed: Int64?) {
    update { state in
      if let confirmed {
        state.polled += min(monotonic - (state.lastTick ?? monotonic), SourceClock.longestTickMilliseconds)
        state.confirmed = max(state.confirmed, confirmed)
      }
      state.lastTick = monotonic
    }
  }

  /// Takes in what `change` says and works out who counts and who waits.
  private func update(_ change: (inout State) -> Void) {
    let resumes = state.withLock { state in
      change(&state)
      state.source.advance(now: state.confirmed, polled: state.polled)
      return !state.source.align(maximumDriftMilliseconds: maximumDriftMilliseconds).resume.isEmpty
    }
    if resumes { onResume() }
  }

  // MARK: - Lanes

  /// Whether `partition` is too far ahead of the slowest.
  func isPaused(_ partition: Int) -> Bool { state.withLock { $0.source.state(of: partition) == .paused } }

  /// The watermark of all partitions; nil while undefined.
  var watermark: Int64? {
    let watermark = state.withLock { $0.source.watermark }
    return watermark == EventTime.distantPast ? nil : watermark
  }

  /// `partition` has messages; returns what the watermark was without it.
  func resumeReading(_ partition: Int) -> Int64 { state.withLock { $0.source.resumeReading(partition) } }

  /// `partition` has sent on events up to `newest`; `arrival` is when the broker got the last, nil for files.
  func observe(_ partition: Int, newest: Int64, arrival: Int64?) {
    update { $0.source.observe(partition, time: newest, appendTime: arrival) }
  }

  /// Everything in the log of `partition` has been sent on.
  func reachedEnd(_ partition: Int) {
    state.withLock { $0.source.reachedEnd(partition, polled: $0.polled) }
  }

  /// `partition` was read to the end of its input and holds nobody any more.
  func end(_ partition: Int) { update { $0.source.end(partition) } }
}
