internal import ColdStore
internal import Columns
internal import Windows

/// One pass of a repair: the waiting messages of some keys, and the stored events of those keys.
struct RepairPass {
  /// An event, known by its identity at its own event time.
  private struct Occurrence: Hashable {
    let identity: Hash128
    let time: Int64
  }

  private enum Origin {
    case stored(path: Int, row: UInt32)
    case arrived(batch: Int, row: UInt32)
  }

  private struct Entry {
    var event: SessionEvent
    var origin: Origin
    /// Whether the sessions around it must be split again.
    var isNew: Bool
  }

  /// What is known of one key.
  private final class History {
    let key: [UInt8]
    var entries: [Entry] = []
    var positions: [Occurrence: Int] = [:]
    /// The spans of time whose sessions were split again.
    var replaced: [ClosedRange<Int64>] = []

    init(key: [UInt8]) { self.key = key }

    func forgetStored() {
      entries = []
      positions = [:]
    }
  }

  private struct Arrival {
    let batch: Int
    let row: UInt32
    let source: Int64
    let offset: Int64
  }

  private let repair: Repair
  private let settled: Int64
  private var batches: [EventBatch] = []
  private var arrivals: [Arrival] = []
  private var histories: [Hash128: History] = [:]
  private var paths: [String] = []
  private var texts = SessionTexts()
  private var accepted: [Int: SelectionVector] = [:]
  /// Accepted rows that are not a copy in another's place, and so count in windows.
  private var counted: [Int: SelectionVector] = [:]
  private var displaced: [Int: [UInt32]] = [:]
  private(set) var counts: [Int: SourceCounts] = [:]

  init(repair: Repair, settled: Int64) {
    self.repair = repair
    self.settled = settled
  }

  // MARK: - Collect

  /// Takes the waiting messages whose key hash `belongs` accepts.
  mutating func collectArrivals(
    _ reader: TableReader, where belongs: (Hash128) -> Bool
  ) throws {
    try reader.forEachPiece { piece in
      let events = repair.stored.events(piece.batch)
      let rows = piece.rows.filter { belongs(events.sessionHashes[Int($0)]) }
      guard !rows.isEmpty else { return }
      for row in rows {
        arrivals.append(
          Arrival(
            batch: batches.count, row: row, source: events.sources[Int(row)], offset: events.offsets[Int(row)]))
        let hash = events.sessionHashes[Int(row)]
        if histories[hash] == nil { histories[hash] = History(key: events.sessionKey(Int(row))) }
      }
      batches.append(events)
    }
    // The copy that stays is the first of its partition, and of several partitions that of the lowest.
    arrivals.sort { ($0.source, $0.offset) < ($1.source, $1.offset) }
  }

  /// Reads the stored events of all those keys, as far around the arrivals as their sessions may reach: further, if
  /// what was read is not separated from what may lie beyond.
  mutating func collectHistories() throws {
    let times = arrivals.map { batches[$0.batch].times[Int($0.row)] }
    guard let first = times.min(), let last = times.max() else { return }
    var reach = 2 * repair.plan.sessionRules.gapMilliseconds
    while true {
      let range = sum(first, -reach)...sum(last, reach)
      for history in histories.values { history.forgetStored() }
      paths = []
      try readHistories(in: range)
      guard !isCutOff(range) else {
        reach = sum(reach, 7 * reach)
        continue
      }
      return
    }
  }

  private mutating func readHistories(in range: ClosedRange<Int64>) throws {
    let predicate = ZonePredicate.integers(column: repair.eventTimeColumn, range)
    try repair.events.reader().forEachPiece(columns: repair.stored.names.all, matching: [predicate]) { piece in
      let events = repair.stored.events(piece.batch)
      if paths.last != piece.path { paths.append(piece.path) }
      let reader = SessionEventReader(events)
      for row in piece.rows where range.contains(events.times[Int(row)]) {
        guard let history = histories[events.sessionHashes[Int(row)]] else { continue }
        let event = reader.event(Int(row), texts: &texts)
        let occurrence = Occurrence(identity: events.identities[Int(row)], time: event.time)
        history.positions[occurrence] = history.entries.count
        let origin = Origin.stored(path: paths.count - 1, row: UInt32(piece.firstRow) + row)
        history.entries.append(Entry(event: event, origin: origin, isNew: false))
      }
    }
  }

  /// Whether some key has an event so near to an end of `range` that one beyond might belong to its session.
  private func isCutOff(_ range: ClosedRange<Int64>) -> Bool {
    guard range.lowerBound > .min || range.upperBound < .max else { return false }
    let rules = repair.plan.sessionRules
    return histories.values.contains { history in
      history.entries.contains { entry in
        (range.lowerBound > .min && !rules.separates(gap: entry.event.time - range.lowerBound))
          || (range.upperBound < .max && !rules.separates(gap: range.upperBound - entry.event.time))
      }
    }
  }

  private func sum(_ time: Int64, _ duration: Int64) -> Int64 {
    let (sum, overflows) = time.addingReportingOverflow(duration)
    return overflows ? (duration < 0 ? .min : .max) : sum
  }

  /// Takes out the arrivals that may still touch a session that is not sealed; they go on waiting.
  mutating func putBackUnsettled() -> [BatchSlice] {
    guard settled < EventTime.distantFuture else { return [] }
    var times: [Hash128: [Int64]] = [:]
    for (hash, history) in histories { times[hash] = history.entries.map(\.event.time) }
    for arrival in arrivals { times[hash(of: arrival), default: []].append(time(of: arrival)) }
    let unsettledFrom = times.mapValues { firstUnsettled($0.sorted()) }
    var rows: [Int: SelectionVector] = [:]
    var settled: [Arrival] = []
    for arrival in arrivals {
      if time(of: arrival) < unsettledFrom[hash(of: arrival)] ?? .max {
        settled.append(arrival)
      } else {
        rows[arrival.batch, default: []].append(arrival.row)
      }
    }
    arrivals = settled
    return rows.sorted { $0.key < $1.key }.map { BatchSlice(batches[$0.key].batch, rows: $0.value.sorted()) }
  }

  /// The start of the first island among the events at `times`, ascending, that ends too near to `settled`; islands lie
  /// apart by separating gaps.
  private func firstUnsettled(_ times: [Int64]) -> Int64 {
    let rules = repair.plan.sessionRules
    var first = Int64.max
    for index in times.indices.reversed() {
      let next = index + 1 < times.count ? times[index + 1] : Int64.max
      let isLastOfIsland = next == .max || rules.separates(gap: next - times[index])
      if isLastOfIsland, rules.separates(gap: settled.subtractingReportingOverflow(times[index]).partialValue) {
        return first
      }
      first = times[index]
    }
    return first
  }

  private func time(of arrival: Arrival) -> Int64 { batches[arrival.batch].times[Int(arrival.row)] }
  private func hash(of arrival: Arrival) -> Hash128 { batches[arrival.batch].sessionHashes[Int(arrival.row)] }

  // MARK: - Judge

  mutating func judge() {
    let readers = batches.map { SessionEventReader($0) }
    for arrival in arrivals {
      let events = batches[arrival.batch]
      let row = Int(arrival.row)
      guard let history = histories[events.sessionHashes[row]] else { continue }
      let event = readers[arrival.batch].event(row, texts: &texts)
      let occurrence = Occurrence(identity: events.identities[row], time: event.time)
      let origin = Origin.arrived(batch: arrival.batch, row: arrival.row)
      counts[Int(arrival.source), default: SourceCounts()].waiting -= 1
      guard let position = history.positions[occurrence] else {
        history.positions[occurrence] = history.entries.count
        history.entries.append(Entry(event: event, origin: origin, isNew: true))
        accept(arrival, type: event.type, isCounted: true)
        continue
      }
      judgeCopy(arrival, event, origin, of: history, position)
    }
  }

  private mutating func judgeCopy(
    _ arrival: Arrival, _ event: SessionEvent, _ origin: Origin, of history: History, _ position: Int
  ) {
    let known = history.entries[position]
    let isSame = event.hasContent(of: known.event)
    let isFirst = (event.source, event.offset) < (known.event.source, known.event.offset)
    guard isSame, isFirst, case .stored(let path, let storedRow) = known.origin else {
      counts[Int(arrival.source), default: SourceCounts()].duplicates += 1
      if !isSame { counts[Int(arrival.source), default: SourceCounts()].identifierConflicts += 1 }
      return
    }
    // An equal copy from a lower partition takes the place of the stored one: numbers stay, order among ties may not.
    // So does an earlier one of the same partition, which waited while the later was judged from memory.
    displaced[path, default: []].append(storedRow)
    var old = SourceCounts()
    old.accepted = -1
    old.duplicates = 1
    old.types = [known.event.type: -1]
    counts[Int(known.event.source), default: SourceCounts()] += old
    history.entries[position] = Entry(event: event, origin: origin, isNew: true)
    accept(arrival, type: event.type, isCounted: false)
  }

  private mutating func accept(_ arrival: Arrival, type: UInt8, isCounted: Bool) {
    accepted[arrival.batch, default: []].append(arrival.row)
    if isCounted { counted[arrival.batch, default: []].append(arrival.row) }
    var change = SourceCounts()
    change.accepted = 1
    change.types = [type: 1]
    counts[Int(arrival.source), default: SourceCounts()] += change
  }

  // MARK: - Store

  /// Stores the accepted events, hides the copies that they displace, and adds their windows' deltas to `deltas`.
  func storeAccepted(deltas: inout [[PaneKey<GroupValues>: PartialAggregate]]) throws {
    let aggregator = WindowAggregator(
      rollups: repair.plan.rollups, distinctExactLimit: repair.plan.distinctExactLimit)
    for (path, rows) in displaced { repair.events.delete(rows, in: paths[path]) }
    for (batch, rows) in accepted.sorted(by: { $0.key < $1.key }) {
      try repair.events.append(batches[batch].batch, rows: rows.sorted())
    }
    for (batch, rows) in counted {
      for partial in aggregator.aggregate(batches[batch], rows: rows.sorted()) {
        deltas[partial.rollup][partial.key, default: partial.value.identity].merge(partial.value)
      }
    }
  }

  /// Splits the sessions around every new event again, and puts them in the place of the stored ones.
  func replaceSessions() throws {
    let table = repair.plan.sessionTable
    var rows = BatchBuilder(table.schema)
    for history in histories.values where history.entries.contains(where: \.isNew) {
      splitAgain(history, into: &rows)
    }
    try deleteReplaced()
    try repair.sessions.append(rows.build())
  }

  private func splitAgain(_ history: History, into rows: inout BatchBuilder) {
    let rules = repair.plan.sessionRules
    history.entries.sort { $0.event < $1.event }
    var start = 0
    for index in 1...history.entries.count {
      let isBoundary =
        index == history.entries.count
        || rules.separates(gap: history.entries[index].event.time - history.entries[index - 1].event.time)
      guard isBoundary else { continue }
      let island = history.entries[start..<index]
      start = index
      guard island.contains(where: \.isNew), let first = island.first, let last = island.last else { continue }
      history.replaced.append(first.event.time...last.event.time)
      let events = island.map(\.event)
      for range in rules.sessions(of: events) {
        repair.plan.sessionTable.append(key: history.key, events: events[range], texts: texts, to: &rows)
      }
    }
  }

  private func deleteReplaced() throws {
    var deleted: [String: [UInt32]] = [:]
    let columns = [SessionTable.keyColumn, SessionTable.startColumn].map { repair.plan.sessionTable.schema.fields[$0] }
    let spans = histories.values.flatMap(\.replaced)
    guard let first = spans.map(\.lowerBound).min(), let last = spans.map(\.upperBound).max() else { return }
    let predicate = ZonePredicate.integers(column: repair.sessionStartColumn, first...last)
    try repair.sessions.reader().forEachPiece(columns: columns.map(\.name), matching: [predicate]) { piece in
      let keys = piece.batch.strings(0)
      let starts = piece.batch.integers(1)
      for row in piece.rows {
        let hash = Hash.hash128(keys.bytes(Int(row)))
        guard let history = histories[hash], let start = starts[Int(row)] else { continue }
        if history.replaced.contains(where: { $0.contains(start) }) {
          deleted[piece.path, default: []].append(UInt32(piece.firstRow) + row)
        }
      }
    }
    for (path, rows) in deleted { repair.sessions.delete(rows, in: path) }
  }
}

extension SessionEvent {
  /// Whether everything but the position in the log is equal: all that KPIs and sessions are made of.
  func hasContent(of other: SessionEvent) -> Bool {
    var moved = self
    moved.source = other.source
    moved.offset = other.offset
    return moved == other
  }
}

extension PartialAggregate {
  /// The identity of this aggregate's measures.
  var identity: PartialAggregate {
    var identity = self
    identity.eventCount = 0
    identity.counts = counts.map { _ in 0 }
    identity.distincts = distincts.map { DistinctSet(exactLimit: $0.exactLimit) }
    identity.amounts = amounts.map { _ in MoneyByCurrency() }
    return identity
  }
}
