internal import ColdStore
internal import Columns
internal import HotIndex
internal import Windows

/// The repair step (SEMANTICS §7, §9): judges the messages that came too late to be judged from memory.
///
/// Each is looked up among the stored events of its key, at its own event time: a copy ends there, a new event is
/// stored, adds deltas to its windows, and its key's sessions are split again around it, out to gaps that separate
/// sessions whatever came before. It reads tables as they are and says what is to be changed in them, so that it can go
/// on beside the landing: nothing that it judges can be touched by what arrives meanwhile.
///
/// Many messages are judged at once, so that the stored events are read once a pass. Of those only the keys are decoded
/// row by row: O(keys stored around the messages + events of the messages' own keys). At most `messagesPerPass`
/// messages and their keys' histories are in memory.
struct Repair: Sendable {
  static let messagesPerPass = 200_000

  let plan: KeyedPlan
  let stored: StoredEvents
  let rollupTables: [RollupTable]
  let events: TableReader
  let sessions: TableReader
  let waiting: TableReader
  /// The names of the columns of time in `events` and `sessions`.
  let eventTimeColumn: String
  let sessionStartColumn: String

  /// How many passes judge all that waits; zero where nothing does.
  var passCount: Int { (waiting.rowCount + Repair.messagesPerPass - 1) / Repair.messagesPerPass }

  /// Judges the messages of one share of the keys; shares do not touch each other.
  ///
  /// - Parameter settled: everything that ends before this time is stored and sealed; a message whose key has events
  ///   from there on, without a separating gap between, goes on waiting. After the end of input nothing does.
  func pass(_ number: Int, settledBefore settled: Int64 = EventTime.distantFuture) throws -> RepairFindings {
    let passCount = max(1, passCount)
    var pass = RepairPass(repair: self, settled: settled)
    try pass.collectArrivals { Int($0.low % UInt64(passCount)) == number % passCount }
    try pass.collectHistories()
    pass.putBackUnsettled()
    pass.judge()
    pass.storeAccepted()
    try pass.replaceSessions()
    return pass.findings
  }
}

/// What a pass of a repair changes. Rows are named as the tables had them that it read.
struct RepairFindings: Sendable {
  /// Changes of the sources' counts.
  var counts: [Int: SourceCounts] = [:]
  /// Messages that wait no longer.
  var judged: [String: [UInt32]] = [:]
  var accepted: [BatchSlice] = []
  /// Stored events in whose place an equal copy is accepted.
  var displaced: [String: [UInt32]] = [:]
  var replacedSessions: [String: [UInt32]] = [:]
  var sessions: Batch?
  /// What each rollup's windows get added.
  var deltas: [Batch] = []
  /// Windows that have got deltas.
  var amended: [HotKey] = []
}
