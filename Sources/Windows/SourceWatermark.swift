internal import Columns

/// The watermark of a source: the least of its partitions', never decreasing.
///
/// A partition that has nothing to say must not hold everyone, and one that has merely not been heard must. What tells
/// them apart is the position in the log, never silence: a partition is left out only after `idleTimeoutMilliseconds`
/// at the end of its log. When all are left out, wall-clock time carries the watermark on, so that the last window
/// closes without new input; a replay of old data does not jump to today.
///
/// Clocks are arguments. `now` is the wall-clock time of the last fetch that succeeded. `polled` is a monotonic clock
/// that runs only while the process polls and the broker answers, so that our own pauses never look like idleness.
public struct SourceWatermark: Sendable {
  /// What a partition is to the watermark.
  public enum PartitionState: String, Sendable {
    /// Being read: counted, or holding the watermark if nothing of it has been heard.
    case active
    /// Held back because it is ahead of the others; counted like an active one.
    case paused
    /// At the end of its log, counted until the idle timeout has passed.
    case atEnd
    /// At the end for the idle timeout: not counted until its next event.
    case excluded
    /// Bounded input that was read to its end: never counted again.
    case ended
  }

  /// Partitions to stop and to go on reading.
  public struct Alignment: Sendable, Equatable {
    public var pause: [Int]
    public var resume: [Int]

    public init(pause: [Int], resume: [Int]) {
      self.pause = pause
      self.resume = resume
    }
  }

  private struct Partition: Sendable {
    var own: PartitionWatermark
    /// When the end of the log was reached, on the `polled` clock.
    var atEndSince: Int64?
    var isExcluded = false
    var isPaused = false
    var hasEnded = false
    /// Whether the last event was about as old as its arrival; a partition without events does not stand in the way.
    var isLive = true
  }

  private let outOfOrdernessMilliseconds: Int64
  private let idleTimeoutMilliseconds: Int64
  private let liveThresholdMilliseconds: Int64
  private var partitions: [Int: Partition] = [:]

  /// The watermark; `EventTime.distantPast` while undefined, `EventTime.distantFuture` once all input has ended.
  public private(set) var watermark: Int64

  /// - Parameter watermark: where a restored source goes on, so that the same events are late as before.
  public init(
    outOfOrdernessMilliseconds: Int64 = 5_000, idleTimeoutMilliseconds: Int64 = 10_000,
    liveThresholdMilliseconds: Int64 = 3_600_000, watermark: Int64? = nil
  ) {
    self.outOfOrdernessMilliseconds = outOfOrdernessMilliseconds
    self.idleTimeoutMilliseconds = idleTimeoutMilliseconds
    self.liveThresholdMilliseconds = liveThresholdMilliseconds
    self.watermark = watermark ?? EventTime.distantPast
  }
}

// What happened.
extension SourceWatermark {
  /// A partition that will be read; holds the watermark until its first event or its end. Known partitions stay as they
  /// are.
  /// - Parameters:
  ///   - newest: its greatest event time, where a checkpoint restores it.
  ///   - isLive: whether its last event was about as old as its arrival, where a checkpoint restores it.
  public mutating func add(_ partition: Int, newest: Int64? = nil, isLive: Bool = true) {
    guard partitions[partition] == nil else { return }
    let own = PartitionWatermark(outOfOrdernessMilliseconds: outOfOrdernessMilliseconds, newest: newest)
    partitions[partition] = Partition(own: own, isLive: isLive)
  }

  /// An event of `partition`, or the newest of several. The watermark follows at the next `advance`.
  /// - Parameter appendTime: when the broker got the event, nil where nobody knows (files).
  public mutating func observe(_ partition: Int, time: Int64, isFuture: Bool = false, appendTime: Int64? = nil) {
    add(partition)
    partitions[partition]?.own.observe(time, isFuture: isFuture)
    partitions[partition]?.atEndSince = nil
    partitions[partition]?.isExcluded = false
    partitions[partition]?.isLive = appendTime.map { abs($0 - time) <= liveThresholdMilliseconds } ?? false
  }

  /// `partition` has events to read: it is counted from now on. Returns the watermark, below which may be sealed what
  /// it had no part in.
  public mutating func resumeReading(_ partition: Int) -> Int64 {
    add(partition)
    partitions[partition]?.atEndSince = nil
    partitions[partition]?.isExcluded = false
    return watermark
  }

  /// The position of `partition` is the end of its log and none of its events waits in our queues. A paused partition
  /// is not at its end, whatever the broker said before it was paused.
  public mutating func reachedEnd(_ partition: Int, polled: Int64) {
    add(partition)
    guard let state = partitions[partition], !state.isPaused, state.atEndSince == nil else { return }
    partitions[partition]?.atEndSince = polled
  }

  /// The end of a bounded input: the partition is never counted again.
  public mutating func end(_ partition: Int) {
    add(partition)
    partitions[partition]?.hasEnded = true
    partitions[partition]?.isPaused = false
  }

  /// Works out who counts and where the watermark is at this moment; call it after events, ends and on ticks.
  /// O(partitions).
  @discardableResult
  public mutating func advance(now: Int64, polled: Int64) -> Int64 {
    for partition in Array(partitions.keys) {
      guard let since = partitions[partition]?.atEndSince else { continue }
      partitions[partition]?.isExcluded = polled - since >= idleTimeoutMilliseconds
    }
    if let candidate = candidate(now: now) { watermark = max(watermark, candidate) }
    return watermark
  }

  /// What the partitions say, nil if that is nothing yet.
  private func candidate(now: Int64) -> Int64? {
    guard !partitions.isEmpty else { return nil }
    var least: Int64?
    var isLive = true
    var haveAllEnded = true
    for partition in partitions.values where !partition.hasEnded {
      haveAllEnded = false
      isLive = isLive && partition.isLive
      guard !partition.isExcluded else { continue }
      guard let own = partition.own.watermark else { return nil }
      least = min(least ?? own, own)
    }
    if haveAllEnded { return EventTime.distantFuture }
    if let least { return least }
    return isLive ? now - outOfOrdernessMilliseconds - idleTimeoutMilliseconds : nil
  }
}

// Alignment: bounds how far apart partitions are read, and with it memory and file overlap.
extension SourceWatermark {
  /// The partitions to pause because their own watermark is more than `maximumDriftMilliseconds` ahead, and those to
  /// resume; call it after every `advance`. O(partitions).
  ///
  /// Ahead of the watermark, or, while a partition without events holds it, of the slowest partition that has some: the
  /// slowest is never paused, hence someone always goes on. Paused partitions stay counted, so each one is the slowest
  /// sooner or later; a partition at its end has no backlog to hold back.
  public mutating func align(maximumDriftMilliseconds: Int64) -> Alignment {
    var reference = EventTime.distantFuture
    for partition in partitions.values where !partition.hasEnded && !partition.isExcluded {
      if let own = partition.own.watermark { reference = min(reference, own) }
    }
    reference = max(reference, watermark)
    var alignment = Alignment(pause: [], resume: [])
    for (number, partition) in partitions where !partition.hasEnded {
      let ahead = (partition.own.watermark ?? EventTime.distantPast).subtractingReportingOverflow(reference)
      let isAhead = partition.own.watermark != nil && !ahead.overflow && ahead.partialValue > maximumDriftMilliseconds
      let pauses = isAhead && partition.atEndSince == nil
      if pauses == partition.isPaused { continue }
      partitions[number]?.isPaused = pauses
      if pauses { alignment.pause.append(number) } else { alignment.resume.append(number) }
    }
    alignment.pause.sort()
    alignment.resume.sort()
    return alignment
  }
}

// What is known.
extension SourceWatermark {
  /// What `partition` is at the last `advance`; nil for an unknown one.
  public func state(of partition: Int) -> PartitionState? {
    guard let partition = partitions[partition] else { return nil }
    if partition.hasEnded { return .ended }
    if partition.isPaused { return .paused }
    if partition.isExcluded { return .excluded }
    return partition.atEndSince == nil ? .active : .atEnd
  }

  /// The partition's own watermark, nil before its first event.
  public func watermark(of partition: Int) -> Int64? { partitions[partition]?.own.watermark }

  /// The greatest event time of `partition`, which a checkpoint keeps; nil before its first event.
  public func newest(of partition: Int) -> Int64? { partitions[partition]?.own.newest }

  /// Whether the last event of `partition` was about as old as its arrival, which a checkpoint keeps.
  public func isLive(_ partition: Int) -> Bool { partitions[partition]?.isLive ?? true }

  /// Whether everything was read but the events are too old for wall-clock time to go on from them.
  public var isReplaying: Bool {
    let open = partitions.values.filter { !$0.hasEnded }
    return !open.isEmpty && open.allSatisfy(\.isExcluded) && !open.allSatisfy(\.isLive)
  }

  public var pausedPartitions: [Int] { partitions.filter(\.value.isPaused).keys.sorted() }
}
