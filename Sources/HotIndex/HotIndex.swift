internal import Synchronization

/// What readers see at one moment.
public struct HotSnapshot: Sendable {
  /// By the rollup's name.
  public fileprivate(set) var rollups: [String: HotRollup]
  /// Of all partitions; nil while undefined.
  public fileprivate(set) var watermark: Int64?
  /// The greatest time of any event; nil before the first.
  public fileprivate(set) var newestEventTime: Int64?
  /// Counts publications: another number, other contents.
  public fileprivate(set) var revision: UInt64

  /// One without windows, for answers that are not made of those in memory.
  public init(watermark: Int64?, newestEventTime: Int64?) {
    self.init(rollups: [:], watermark: watermark, newestEventTime: newestEventTime, revision: 0)
  }

  fileprivate init(rollups: [String: HotRollup], watermark: Int64?, newestEventTime: Int64?, revision: UInt64) {
    self.rollups = rollups
    self.watermark = watermark
    self.newestEventTime = newestEventTime
    self.revision = revision
  }

  /// "Now" for questions about the recent past: the greater of watermark and newest event (DESIGN §4); nil before
  /// both.
  public var now: Int64? {
    guard let watermark, watermark < .max else { return newestEventTime }
    return max(watermark, newestEventTime ?? watermark)
  }
}

/// Publishes windows to readers: one writer, any number of readers, nobody waits for longer than a pointer's copy.
public final class HotIndex: Sendable {
  private let allowedLatenessMilliseconds: Int64
  private let retentionMilliseconds: Int64
  private let current: Mutex<HotSnapshot>

  /// - Parameters:
  ///   - rollups: the names of all rollups.
  ///   - retentionMilliseconds: how long before "now" a window ends that is still kept.
  public init(rollups: [String], allowedLatenessMilliseconds: Int64, retentionMilliseconds: Int64) {
    self.allowedLatenessMilliseconds = allowedLatenessMilliseconds
    self.retentionMilliseconds = retentionMilliseconds
    current = Mutex(
      HotSnapshot(
        rollups: Dictionary(uniqueKeysWithValues: rollups.map { ($0, HotRollup()) }), watermark: nil,
        newestEventTime: nil, revision: 0))
  }

  /// The newest publication. O(1).
  public var snapshot: HotSnapshot { current.withLock { $0 } }

  /// Makes `changes` visible and `removals` invisible, all at once. O(changes + windows that the watermark passed).
  /// For one writer at a time.
  ///
  /// - Parameter storedEnd: windows that end by it are in a commit as they are here, so that they are dropped once they
  ///   are older than the retention. Where event time runs faster than commits come, others stay for longer: a reader
  ///   finds each window here or in a commit that there is already.
  public func publish(
    _ changes: [(rollup: String, window: HotWindow)], removing removals: [HotKey] = [], watermark: Int64? = nil,
    newestEventTime: Int64? = nil, storedEnd: Int64 = .max
  ) {
    // Worked out aside: readers wait for the exchange alone.
    var next = snapshot
    let (watermarkBefore, newestBefore) = (next.watermark, next.newestEventTime)
    if let watermark { next.watermark = max(watermark, next.watermark ?? watermark) }
    if let newestEventTime { next.newestEventTime = max(newestEventTime, next.newestEventTime ?? newestEventTime) }
    let isNews =
      !changes.isEmpty || !removals.isEmpty || next.watermark != watermarkBefore
      || next.newestEventTime != newestBefore
    guard isNews else { return }
    next.revision += 1
    if let watermark = next.watermark {
      for name in next.rollups.keys {
        next.rollups[name]?.advance(to: watermark, allowedLatenessMilliseconds: allowedLatenessMilliseconds)
      }
    }
    for change in changes {
      var window = change.window
      // The writer's watermark may be behind ours, and a window that is final already is not looked at again.
      if let watermark = next.watermark {
        window.advance(to: watermark, allowedLatenessMilliseconds: allowedLatenessMilliseconds)
      }
      next.rollups[change.rollup]?.put(window)
    }
    for key in removals { next.rollups[key.rollup]?.remove(key.window, group: key.group) }
    if let now = next.now {
      let end = min(now - retentionMilliseconds, storedEnd)
      for name in next.rollups.keys { next.rollups[name]?.drop(endingBy: end) }
    }
    let published = next
    current.withLock { $0 = published }
  }
}
