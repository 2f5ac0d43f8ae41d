public import Columns
public import Windows

/// An event that matches a step of a funnel: all that a funnel needs of it, in 48 bytes.
public struct FunnelEvent: Sendable, BitwiseCopyable, Equatable {
  /// The hashed key of the user or session that goes through the funnel.
  public var unit: Hash128
  /// Event time in milliseconds.
  public var time: Int64
  /// The position of the event in its source.
  public var offset: Int64
  /// The source's rank by topic and partition.
  public var source: Int32
  /// Whatever code the caller gives to groups of units; that of a chain's first event decides.
  public var group: UInt32
  /// Code of the event type, below 64, as the funnel's steps count them.
  public var type: UInt8

  public init(unit: Hash128, time: Int64, source: Int32, offset: Int64, type: UInt8, group: UInt32 = 0) {
    self.unit = unit
    self.time = time
    self.offset = offset
    self.source = source
    self.group = group
    self.type = type
  }

  /// Units one after the other, each in the total order of its events.
  static func < (left: FunnelEvent, right: FunnelEvent) -> Bool {
    if left.unit.high != right.unit.high { return left.unit.high < right.unit.high }
    if left.unit.low != right.unit.low { return left.unit.low < right.unit.low }
    if left.time != right.time { return left.time < right.time }
    if left.source != right.source { return left.source < right.source }
    return left.offset < right.offset
  }
}

/// What came of the units of one group.
public struct FunnelOutcome: Sendable, Equatable {
  public private(set) var counts: FunnelCounts
  /// From first to last event of each full chain, in no order.
  private var conversionsMilliseconds: [Int64] = []

  init(stepCount: Int) { counts = FunnelCounts(stepCount: stepCount) }

  mutating func add(_ reach: OrderedFunnel.Reach, of funnel: OrderedFunnel, watermark: Int64) {
    counts.add(reach, of: funnel, watermark: watermark)
    if reach.level == funnel.steps.count { conversionsMilliseconds.append(reach.timeToConvertMilliseconds) }
  }

  mutating func add(_ other: FunnelOutcome) {
    counts += other.counts
    conversionsMilliseconds += other.conversionsMilliseconds
  }

  /// The least time that so many of a hundred conversions (1 to 100) do not exceed, each; nil if there are none.
  /// O(n log n) in the conversions.
  public func timesToConvertMilliseconds(percentiles: [Int]) -> [Int64?] {
    let sorted = conversionsMilliseconds.sorted()
    return percentiles.map { sorted.isEmpty ? nil : sorted[(sorted.count * $0 + 99) / 100 - 1] }
  }
}

/// Takes units through a funnel and counts their outcomes (SEMANTICS §10), wherever their events were read from.
///
/// Holds eight bytes for each full chain, nothing else for a unit that is through.
public struct FunnelTally: Sendable {
  public let funnel: OrderedFunnel
  /// Where chains begin; later steps may lie behind it.
  public let entries: Range<Int64>
  /// Decides between pending and dropped.
  public let watermark: Int64
  /// By the code of the group.
  public private(set) var outcomes: [UInt32: FunnelOutcome] = [:]

  public init(funnel: OrderedFunnel, entries: Range<Int64>, watermark: Int64) {
    self.funnel = funnel
    self.entries = entries
    self.watermark = watermark
  }

  /// Adds the events of `parts`, of which each has all of its units, on `workers` threads.
  mutating func add(parts: [[FunnelEvent]], workers: Int) throws {
    let empty = FunnelTally(funnel: funnel, entries: entries, watermark: watermark)
    let shares = (0..<max(workers, 1)).map { _ in SharedTally(empty) }
    try ScanWorkers.run(parts.count, shares) { share, part in share.tally.add(parts[part]) }
    for share in shares {
      for (group, outcome) in share.tally.outcomes {
        outcomes[group, default: FunnelOutcome(stepCount: funnel.steps.count)].add(outcome)
      }
    }
  }

  /// Adds all units of `events`, which has each event once, in any order, and all events of a unit: of those, ones that
  /// match no step or lie outside `entries` and the funnel's window behind it may be missing. Sorts in place.
  /// O(n log n).
  public mutating func add(_ events: consuming [FunnelEvent]) {
    events.sort(by: <)
    var chain: [SessionEvent] = []
    var start = 0
    while start < events.count {
      let unit = events[start].unit
      chain.removeAll(keepingCapacity: true)
      while start + chain.count < events.count, events[start + chain.count].unit == unit {
        let event = events[start + chain.count]
        chain.append(SessionEvent(time: event.time, source: event.source, offset: event.offset, type: event.type))
      }
      let reach = funnel.reach(of: chain, entries: entries)
      if reach.level > 0 {
        outcomes[events[start + reach.firstPosition].group, default: FunnelOutcome(stepCount: funnel.steps.count)]
          .add(reach, of: funnel, watermark: watermark)
      }
      start += chain.count
    }
  }
}

/// The tally of one worker.
///
/// `@unchecked Sendable`: one thread at a time has it, as `ScanWorkers` hands it out.
private final class SharedTally: @unchecked Sendable {
  var tally: FunnelTally

  init(_ tally: FunnelTally) { self.tally = tally }
}
