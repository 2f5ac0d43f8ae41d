internal import Columns
internal import HotIndex
internal import Windows

/// The repair step (SEMANTICS §7, §9): judges the messages that came too late to be judged from memory.
///
/// Each is looked up among the stored events of its key, at its own event time: a copy ends there, a new event is
/// stored, adds deltas to its windows, and its key's sessions are split again around it, out to gaps that separate
/// sessions whatever came before. Done for many messages at once, so that the stored events are read once a pass:
/// O(stored events around them + waiting messages), with at most `messagesPerPass` messages and their keys' histories
/// in memory.
struct Repair {
  static let messagesPerPass = 200_000

  /// What became of the messages.
  struct Outcome {
    /// Changes of the sources' counts.
    var counts: [Int: SourceCounts] = [:]
    /// Windows that have got deltas.
    var amended: [HotKey] = []
  }

  let plan: KeyedPlan
  let stored: StoredEvents
  let rollupTables: [RollupTable]
  let events: TableStore
  let sessions: TableStore
  let waiting: TableStore
  let rollups: [TableStore]
  /// The names of the columns of time in `events` and `sessions`.
  let eventTimeColumn: String
  let sessionStartColumn: String

  /// Judges the waiting messages, changes the tables and says what became of each source's messages, to be added to
  /// the counts so far.
  ///
  /// - Parameter settled: everything that ends before this time is stored and sealed; a message whose key has events
  /// from
  ///   there on, without a separating gap between, goes on waiting. After the end of input nothing does.
  func run(settledBefore settled: Int64 = EventTime.distantFuture) throws -> Outcome {
    try waiting.flush()
    let reader = waiting.reader()
    guard reader.rowCount > 0 else { return Outcome() }
    let passCount = (reader.rowCount + Repair.messagesPerPass - 1) / Repair.messagesPerPass
    var outcome = Outcome()
    var unsettled: [BatchSlice] = []
    var deltas = rollupTables.map { _ in [PaneKey<GroupValues>: PartialAggregate]() }
    for number in 0..<passCount {
      try events.flush()
      try sessions.flush()
      var pass = RepairPass(repair: self, settled: settled)
      try pass.collectArrivals(reader) { Int($0.low % UInt64(passCount)) == number }
      try pass.collectHistories()
      unsettled += pass.putBackUnsettled()
      pass.judge()
      try pass.storeAccepted(deltas: &deltas)
      try pass.replaceSessions()
      for (source, change) in pass.counts { outcome.counts[source, default: SourceCounts()] += change }
    }
    for (index, partials) in deltas.enumerated() {
      var rows = BatchBuilder(rollupTables[index].schema)
      for (key, value) in partials {
        rollupTables[index].append(key, value, .delta, to: &rows)
        outcome.amended += rollupTables[index].windows(over: key)
      }
      try rollups[index].append(rows.build())
    }
    waiting.clear()
    for slice in unsettled { try waiting.append(slice.batch, rows: slice.rows) }
    return outcome
  }
}
