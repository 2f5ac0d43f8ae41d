internal import Columns
internal import Windows

/// The repair step (SEMANTICS §7, §9): judges the messages that came too late to be judged from memory.
///
/// Each is looked up among the stored events of its key, at its own event time: a copy ends there, a new event is
/// stored, adds deltas to its windows, and its key's sessions are split again around it, out to gaps that separate
/// sessions whatever came before. Done for many messages at once, so that the stored events are read once a pass:
/// O(stored events + waiting messages), with at most `messagesPerPass` messages and their keys' histories in memory.
struct Repair {
  static let messagesPerPass = 200_000

  let plan: KeyedPlan
  let stored: StoredEvents
  let rollupTables: [RollupTable]
  let events: TableStore
  let sessions: TableStore
  let waiting: TableStore
  let rollups: [TableStore]

  /// Judges all waiting messages, changes the tables and says what became of each source's messages: added to the
  /// counts so far, no message is waiting any more.
  func run() throws -> [Int: SourceCounts] {
    try waiting.flush()
    let reader = waiting.reader()
    guard reader.rowCount > 0 else { return [:] }
    let passCount = (reader.rowCount + Repair.messagesPerPass - 1) / Repair.messagesPerPass
    var counts: [Int: SourceCounts] = [:]
    var deltas = rollupTables.map { _ in [PaneKey<GroupValues>: PartialAggregate]() }
    for number in 0..<passCount {
      try events.flush()
      try sessions.flush()
      var pass = RepairPass(repair: self)
      try pass.collectArrivals(reader) { Int($0.low % UInt64(passCount)) == number }
      try pass.collectHistories()
      pass.judge()
      try pass.storeAccepted(deltas: &deltas)
      try pass.replaceSessions()
      for (source, change) in pass.counts { counts[source, default: SourceCounts()] += change }
    }
    for (index, partials) in deltas.enumerated() {
      var rows = BatchBuilder(rollupTables[index].schema)
      for (key, value) in partials { rollupTables[index].append(key, value, .delta, to: &rows) }
      try rollups[index].append(rows.build())
    }
    waiting.clear()
    return counts
  }
}
