internal import Columns
public import Windows

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

/// Takes units through a funnel and counts their outcomes (SEMANTICS §10).
///
/// Holds eight bytes for each full chain, nothing else for a unit that is through.
struct FunnelTally: Sendable {
  let funnel: OrderedFunnel
  /// Where chains begin; later steps may lie behind it.
  let entries: Range<Int64>
  /// Decides between pending and dropped.
  let watermark: Int64
  /// By the code of the group: where its outcome is.
  private var places: [UInt32: Int] = [:]
  private var found: [FunnelOutcome] = []

  /// By the code of the group.
  var outcomes: [UInt32: FunnelOutcome] { places.mapValues { found[$0] } }

  init(funnel: OrderedFunnel, entries: Range<Int64>, watermark: Int64) {
    self.funnel = funnel
    self.entries = entries
    self.watermark = watermark
  }

  /// Adds the units of all `parts` on `workers` threads. A part comes in pieces, which together have all events of its
  /// units: of those, ones that match no step or lie outside `entries` and the window behind it may be missing.
  mutating func add(parts: [[FunnelPart]], workers: Int) throws {
    let empty = FunnelTally(funnel: funnel, entries: entries, watermark: watermark)
    let shares = (0..<max(workers, 1)).map { _ in SharedTally(empty) }
    try ScanWorkers.run(parts.count, shares) { share, part in share.tally.add(parts[part]) }
    for share in shares {
      for (group, outcome) in share.tally.outcomes {
        found[place(of: group)].add(outcome)
      }
    }
  }

  /// Adds the units of one part. O(events), and O(n log n) in those of units whose events are out of order.
  mutating func add(_ pieces: [FunnelPart]) {
    var (events, ends) = FunnelTally.byUnit(pieces)
    let funnel = funnel
    var chain: [SessionEvent] = []
    // Mostly there is one group, or few: it is looked up when another one comes.
    var last: (group: UInt32, place: Int)?
    var start = 0
    for end in ends {
      defer { start = end }
      FunnelTally.sort(&events, start..<end)
      chain.removeAll(keepingCapacity: true)
      for position in start..<end {
        let event = events[position]
        chain.append(SessionEvent(time: event.time, source: event.source, offset: event.offset, type: event.type))
      }
      let reach = funnel.reach(of: chain.span, entries: entries)
      guard reach.level > 0 else { continue }
      let group = events[start + reach.firstPosition].group
      let place = last?.group == group ? last?.place ?? place(of: group) : place(of: group)
      last = (group, place)
      found[place].add(reach, of: funnel, watermark: watermark)
    }
  }

  /// Where the outcome of `group` is, which there is from then on.
  private mutating func place(of group: UInt32) -> Int {
    if let place = places[group] { return place }
    found.append(FunnelOutcome(stepCount: funnel.steps.count))
    places[group] = found.count - 1
    return found.count - 1
  }

  /// All events, unit by unit, and where those of each unit end.
  private static func byUnit(_ pieces: [FunnelPart]) -> (events: [FunnelEvent], ends: [Int]) {
    var table = PairTable()
    // Ninety-six bits of the hash tell units apart as well as anybody needs.
    let numbers = pieces.map { piece in
      table.numbers(
        parents: piece.units.map { UInt32(truncatingIfNeeded: $0.high) }, words: piece.units.map(\.low))
    }
    var next = [Int](repeating: 0, count: table.count + 1)
    for (piece, numbers) in zip(pieces, numbers) {
      for event in piece.events { next[Int(numbers[Int(event.unit)]) + 1] += 1 }
    }
    for unit in 0..<table.count { next[unit + 1] += next[unit] }
    let none = FunnelEvent(time: 0, offset: 0, source: 0, unit: 0, group: 0, type: 0)
    var events = [FunnelEvent](repeating: none, count: next[table.count])
    for (piece, numbers) in zip(pieces, numbers) {
      for event in piece.events {
        let unit = Int(numbers[Int(event.unit)])
        events[next[unit]] = event
        next[unit] += 1
      }
    }
    // What was the beginning of each unit is its end by now.
    return (events, Array(next.dropLast()))
  }

  /// Sorts the events of a unit, which mostly are in order already.
  private static func sort(_ events: inout [FunnelEvent], _ range: Range<Int>) {
    for index in range.dropFirst() where events[index] < events[index - 1] {
      return events[range].sort(by: <)
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
