internal import Columns

/// How far along given steps the events of one user or session got, within a time from the first step.
///
///     let funnel = OrderedFunnel(steps: [views, carts, purchases], windowMilliseconds: EventTime.hour)
///     funnel.reach(of: events).level  // 2: viewed and carted within the hour
///
/// One pass: for each step, the latest entry among the chains that got there. A chain that entered later outlives any
/// other, so the rest may be forgotten. O(events × steps).
public struct OrderedFunnel: Sendable, Equatable {
  /// What may lie between the events of a chain.
  public enum Mode: String, Sendable {
    /// Anything; the chain's events follow each other in the total order.
    case ordered
    /// Nothing: the chain's events are neighbours.
    case strict
    /// The steps may come in any order. An event counts for every step it matches.
    case unordered
  }

  /// For each step the event types that match it: bit n for type code n.
  public let steps: [UInt64]
  /// The longest time from a chain's first event to its last, in milliseconds; `Int64.max` for any.
  public let windowMilliseconds: Int64
  public let mode: Mode
  /// Whether times inside a chain must grow strictly; of no effect on `unordered`.
  public let isStrictlyIncreasing: Bool

  public init(
    steps: [UInt64], windowMilliseconds: Int64 = .max, mode: Mode = .ordered, isStrictlyIncreasing: Bool = false
  ) {
    self.steps = steps
    self.windowMilliseconds = windowMilliseconds
    self.mode = mode
    self.isStrictlyIncreasing = isStrictlyIncreasing
  }

  /// The mask of a step that any of `types` (codes below 64) matches.
  public static func mask(_ types: UInt8...) -> UInt64 { types.reduce(0) { $0 | 1 << UInt64($1) } }

  /// What one user's events reached.
  public struct Reach: Sendable, Equatable {
    /// The number of steps of the longest chain; 0 if none began.
    public var level = 0
    /// When the chain that was the first to reach `level` began: of several at that moment, the one that began last.
    public var entered: Int64 = 0
    /// The position of that chain's first event among the events.
    public var firstPosition = 0
    /// When that chain reached `level`.
    public var reached: Int64 = 0
    /// Beginning of the latest chain that an event to come could still extend; nil if there is none.
    public var latestEntry: Int64?

    public init() {}

    /// From the first to the last event of one chain, hence never above the funnel's window.
    public var timeToConvertMilliseconds: Int64 { reached - entered }
  }

  /// What the sorted `events` reach by chains that begin inside `entries` (everywhere if nil).
  public func reach(of events: Span<SessionEvent>, entries: Range<Int64>? = nil) -> Reach {
    switch mode {
    case .ordered: orderedReach(events, entries)
    case .strict: strictReach(events, entries)
    case .unordered: unorderedReach(events, entries)
    }
  }

  public func reach(of events: [SessionEvent], entries: Range<Int64>? = nil) -> Reach {
    reach(of: events.span, entries: entries)
  }

  private func matches(_ step: Int, _ event: SessionEvent) -> Bool { steps[step] >> UInt64(event.type) & 1 == 1 }

  private func isWithin(_ time: Int64, of entry: Int64) -> Bool {
    windowMilliseconds == .max || time - entry <= windowMilliseconds
  }
}

// The three scans. `entry[i]` is the position of the latest beginning of a chain that matched steps 0 to i.
extension OrderedFunnel {
  private func orderedReach(_ events: Span<SessionEvent>, _ entries: Range<Int64>?) -> Reach {
    // Most units have few events: memory from the heap would cost more than the scan.
    unsafe withUnsafeTemporaryAllocation(of: Int.self, capacity: 2 * steps.count) { memory in
      unsafe memory.initialize(repeating: OrderedFunnel.none)
      // Invariant: both halves have a place for each step.
      let entry = unsafe UnsafeMutableBufferPointer(rebasing: memory[..<steps.count])
      // What chains of strictly growing times may follow: `entry` as it was before the events of this millisecond.
      let settled = unsafe UnsafeMutableBufferPointer(rebasing: memory[steps.count...])
      return unsafe orderedReach(events, entries, entry, settled)
    }
  }

  /// No chain.
  private static let none = -1

  @unsafe private func orderedReach(
    _ events: Span<SessionEvent>, _ entries: Range<Int64>?, _ entry: UnsafeMutableBufferPointer<Int>,
    _ settled: UnsafeMutableBufferPointer<Int>
  ) -> Reach {
    var reach = Reach()
    var settledBefore = EventTime.distantPast
    let follows = unsafe isStrictlyIncreasing ? settled : entry
    for position in 0..<events.count {
      let event = events[position]
      if isStrictlyIncreasing, event.time > settledBefore {
        _ = unsafe settled.update(fromContentsOf: entry)
        settledBefore = event.time
      }
      for step in steps.indices.reversed() where matches(step, event) {
        let isInside = entries?.contains(event.time) ?? true
        let beginning = unsafe step == 0 ? (isInside ? position : OrderedFunnel.none) : follows[step - 1]
        guard beginning >= 0, isWithin(event.time, of: events[beginning].time) else { continue }
        unsafe entry[step] = max(entry[step], beginning)
        reach.take(level: step + 1, from: beginning, to: event.time, events)
      }
    }
    if let first = unsafe entry.first, first >= 0 { reach.latestEntry = events[first].time }
    return reach
  }

  private func strictReach(_ events: Span<SessionEvent>, _ entries: Range<Int64>?) -> Reach {
    var reach = Reach()
    var entry = [Int?](repeating: nil, count: steps.count)
    for position in 0..<events.count {
      let event = events[position]
      let isTied = isStrictlyIncreasing && position > 0 && event.time == events[position - 1].time
      for step in steps.indices.reversed() {
        let before =
          step == 0 ? (entries?.contains(event.time) ?? true ? position : nil) : isTied ? nil : entry[step - 1]
        entry[step] = nil
        guard matches(step, event), let before, isWithin(event.time, of: events[before].time) else { continue }
        entry[step] = before
        reach.take(level: step + 1, from: before, to: event.time, events)
      }
    }
    reach.latestEntry = entry.compactMap { $0 }.max().map { events[$0].time }
    return reach
  }

  private func unorderedReach(_ events: Span<SessionEvent>, _ entries: Range<Int64>?) -> Reach {
    var reach = Reach()
    var latest = [Int?](repeating: nil, count: steps.count)
    var latestInside = latest
    for position in 0..<events.count {
      let event = events[position]
      for step in steps.indices where matches(step, event) {
        latest[step] = position
        if entries?.contains(event.time) ?? true {
          latestInside[step] = position
          reach.latestEntry = event.time
        }
      }
      // The steps' latest events make the latest beginning of all, unless it lies behind the entries: then one step
      // must be met by its last event inside, which begins the chain.
      var beginning = position
      var beginningInside: Int?
      for step in steps.indices {
        guard let match = latest[step] else { break }
        beginning = min(beginning, match)
        beginningInside = [beginningInside, latestInside[step]].compactMap { $0 }.max()
        let isInside = entries?.contains(events[beginning].time) ?? true
        let isBehind = entries.map { events[beginning].time >= $0.upperBound } ?? false
        guard let start = isInside ? beginning : isBehind ? beginningInside : nil else { continue }
        if isWithin(event.time, of: events[start].time) {
          reach.take(level: step + 1, from: start, to: event.time, events)
        }
      }
    }
    return reach
  }
}

extension OrderedFunnel.Reach {
  /// A chain got to `level`: it counts if none got there before `end`, and none at `end` that began as late.
  fileprivate mutating func take(level: Int, from beginning: Int, to end: Int64, _ events: Span<SessionEvent>) {
    guard level > self.level || (level == self.level && end == reached && beginning > firstPosition) else { return }
    (self.level, firstPosition, reached) = (level, beginning, end)
    entered = events[beginning].time
  }
}

/// Users by step and outcome, added over users; a user who may still go on is *pending*, not dropped.
public struct FunnelCounts: Sendable, Equatable {
  /// Users who took the next step, by step; for the last step all who got there.
  public private(set) var converted: [Int]
  /// Users whose time to take the next step is over.
  public private(set) var dropped: [Int]
  /// Users who have time left.
  public private(set) var pending: [Int]

  public init(stepCount: Int) {
    converted = Array(repeating: 0, count: stepCount)
    dropped = converted
    pending = converted
  }

  /// Adds one user of `funnel` as of `watermark` (`EventTime.distantFuture` once input has ended). O(steps).
  public mutating func add(_ reach: OrderedFunnel.Reach, of funnel: OrderedFunnel, watermark: Int64) {
    guard reach.level > 0 else { return }
    let isComplete = reach.level == converted.count
    for step in 0..<(isComplete ? reach.level : reach.level - 1) { converted[step] += 1 }
    if isComplete { return }
    if funnel.isOver(reach, at: watermark) { dropped[reach.level - 1] += 1 } else { pending[reach.level - 1] += 1 }
  }

  /// Adds the users of `right`, a count over the same steps.
  public static func += (left: inout FunnelCounts, right: FunnelCounts) {
    for step in left.converted.indices {
      left.converted[step] += right.converted[step]
      left.dropped[step] += right.dropped[step]
      left.pending[step] += right.pending[step]
    }
  }

  /// Users who got to `step`, counted from 0.
  public func users(at step: Int) -> Int { converted[step] + dropped[step] + pending[step] }
}

extension OrderedFunnel {
  /// Whether no event at `watermark` or later can extend any chain of `reach`.
  func isOver(_ reach: Reach, at watermark: Int64) -> Bool {
    guard let entry = reach.latestEntry, watermark != EventTime.distantFuture else { return true }
    if windowMilliseconds == .max || watermark == EventTime.distantPast { return false }
    return watermark - entry > windowMilliseconds
  }
}
