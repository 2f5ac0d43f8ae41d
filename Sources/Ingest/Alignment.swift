internal import Synchronization
internal import Windows

/// Keeps the files of a run together in event time (SEMANTICS §2.6): `SourceWatermark`'s alignment, shared by lanes.
/// Only memory depends on it: lateness is judged by each partition's own watermark.
public final class Alignment: Sendable {
  private let maximumDriftMilliseconds: Int64
  private let onChange: @Sendable () -> Void
  private let source: Mutex<SourceWatermark>

  /// - Parameter onChange: called when a paused lane may go on, so that it looks again.
  public init(
    partitions: [Int], outOfOrdernessMilliseconds: Int64, maximumDriftMilliseconds: Int64,
    onChange: @escaping @Sendable () -> Void
  ) {
    self.maximumDriftMilliseconds = maximumDriftMilliseconds
    self.onChange = onChange
    var watermark = SourceWatermark(outOfOrdernessMilliseconds: outOfOrdernessMilliseconds)
    for partition in partitions { watermark.add(partition) }
    source = Mutex(watermark)
  }

  /// Whether `partition` is too far ahead of the slowest.
  public func isPaused(_ partition: Int) -> Bool { source.withLock { $0.state(of: partition) == .paused } }

  /// `partition` has read events up to `newest`.
  func observe(_ partition: Int, newest: Int64) { update { $0.observe(partition, time: newest) } }

  /// The partition has ended and holds nobody any more.
  func end(_ partition: Int) { update { $0.end(partition) } }

  private func update(_ change: (inout SourceWatermark) -> Void) {
    let maximumDrift = maximumDriftMilliseconds
    let resumes = source.withLock { source in
      change(&source)
      // Files have no idleness, so no clock matters.
      source.advance(now: .min / 2, polled: 0)
      return !source.align(maximumDriftMilliseconds: maximumDrift).resume.isEmpty
    }
    if resumes { onChange() }
  }
}
