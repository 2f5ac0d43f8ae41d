public import Columns
public import Dataflow

/// What all keyed operators of a job agree on.
public struct KeyedPlan: Sendable {
  public let rollups: [Rollup]
  public let sessionRules: SessionRules
  public let sessionTable: SessionTable
  public let allowedLatenessMilliseconds: Int64
  public let deduplicationHorizonMilliseconds: Int64
  public let distinctExactLimit: Int
  public let keyGroupCount: Int

  public init(
    rollups: [Rollup], sessionRules: SessionRules, sessionTable: SessionTable, allowedLatenessMilliseconds: Int64,
    deduplicationHorizonMilliseconds: Int64, distinctExactLimit: Int, keyGroupCount: Int
  ) {
    self.rollups = rollups
    self.sessionRules = sessionRules
    self.sessionTable = sessionTable
    self.allowedLatenessMilliseconds = allowedLatenessMilliseconds
    self.deduplicationHorizonMilliseconds = deduplicationHorizonMilliseconds
    self.distinctExactLimit = distinctExactLimit
    self.keyGroupCount = keyGroupCount
  }

  /// How far behind its partition's watermark an event may be and still be judged from memory.
  var admissibleLatenessMilliseconds: Int64 { min(allowedLatenessMilliseconds, deduplicationHorizonMilliseconds) }
}

/// The keyed operators of one key group, fused: deduplication, window partials, sessions.
///
/// An event is *admissible* if it is at most the allowed lateness behind its own partition's watermark at its own
/// offset: a function of the log, not of a race. Admissible events are judged here and now, all others wait for the
/// repair step, which judges them by the stored events. The state is bounded by the events inside lateness and
/// horizon.
public final class KeyGroup: Operator {
  /// What the names of key groups, and of their sessions' states, begin with, before their number.
  public static let namePrefix = "key-group-"
  /// The same of the states that are their identities.
  public static let identitiesPrefix = "identities-"

  private let name: String
  let plan: KeyedPlan
  private let aggregator: WindowAggregator
  private let merger: Outlet<[WindowPartial]>
  private let sink: Outlet<SinkMessage>
  private let checkpoints: CheckpointCollector
  /// Events up to here may touch what an earlier run has sealed or forgotten: they wait.
  var sealedThrough: Int64
  var state: KeyGroupState
  var identityLog = IdentityLog()
  var changes = SessionChanges()
  private var sealedRows: BatchBuilder

  public init(
    name: String, plan: KeyedPlan, sealedThrough: Int64, merger: Outlet<[WindowPartial]>, sink: Outlet<SinkMessage>,
    checkpoints: CheckpointCollector
  ) {
    self.name = name
    self.plan = plan
    self.sealedThrough = sealedThrough
    self.merger = merger
    self.sink = sink
    self.checkpoints = checkpoints
    aggregator = WindowAggregator(rollups: plan.rollups, distinctExactLimit: plan.distinctExactLimit)
    state = KeyGroupState(rules: plan.sessionRules, table: plan.sessionTable, recordsSealed: true)
    sealedRows = BatchBuilder(plan.sessionTable.schema)
  }

  public func process(_ slice: EventSlice, from edge: Int) {
    let events = slice.events
    let judge = EventJudge(events, plan: plan, sealedThrough: sealedThrough)
    let judged = judge.judge(slice.rows, known: &state.duplicates)
    identityLog.add(events, rows: judged.accepted + judged.replacing, known: state.duplicates)
    if !judged.accepted.isEmpty {
      state.sessions.insert(events, rows: judged.accepted)
      changes.review(&state.sessions)
      merger.send(aggregator.aggregate(events, rows: judged.accepted))
      sink.send(.accepted(EventSlice(events: events, rows: judged.accepted)))
    }
    if !judged.waiting.isEmpty { sink.send(.waiting(EventSlice(events: events, rows: judged.waiting))) }
    if let first = slice.rows.first { sink.send(.counts(source: Int(events.sources[Int(first)]), judged.counts)) }
  }

  public func advance(to watermark: Int64) {
    state.duplicates.expire(before: saturatingAdd(watermark, -plan.deduplicationHorizonMilliseconds))
    state.sessions.seal(at: saturatingAdd(watermark, -plan.allowedLatenessMilliseconds), into: &sealedRows)
    if sealedRows.rowCount >= 1024 { flush() }
  }

  private func flush() {
    guard sealedRows.rowCount > 0 else { return }
    sink.send(.rows(table: TableNames.sessions, sealedRows.build()))
  }

  public func snapshot(at epoch: UInt64) {
    flush()
    checkpoints.put(.state(changes.takeSnapshot(of: &state.sessions)), of: name, at: epoch)
    checkpoints.put(.state(identityLog.takeSnapshot(of: state.duplicates)), of: identitiesName, at: epoch)
  }

  public func finish() {
    // The end of bounded input seals everything: no event is expected any more.
    state.sessions.sealAll(into: &sealedRows)
    flush()
    checkpoints.putFinal(.state(state.sessions.snapshot()), of: name)
    checkpoints.putFinal(.state(identityLog.takeSnapshot(of: state.duplicates)), of: identitiesName)
  }

  private var identitiesName: String { KeyGroup.identitiesPrefix + name.dropFirst(KeyGroup.namePrefix.count) }

  // MARK: - Looking

  /// Appends the rows of the open sessions of the key that hashes to `hash`.
  public func appendOpenSessions(of hash: Hash128, to rows: inout BatchBuilder) {
    state.sessions.appendOpen(of: hash, to: &rows)
  }

  /// As `OpenSessions.appendActive`.
  public func appendActiveSessions(after time: Int64, limit: Int, to rows: inout BatchBuilder) -> Int {
    state.sessions.appendActive(after: time, limit: limit, to: &rows)
  }
}

/// Names of the tables that the engine itself knows.
public enum TableNames {
  public static let events = "events"
  public static let sessions = "sessions"
  /// The purchases and refunds of orders; readers see one row an order.
  public static let orders = "orders"
  public static let deadLetters = "dead_letters"
  /// Accepted messages that wait for the repair step; not for users.
  public static let waiting = "waiting"
  /// A row for each commit. What it holds depends on when commits were made, unlike all others.
  public static let commits = "ops_commits"
}
