public import Columns
public import Dataflow
public import Encodings

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
  private let name: String
  private let plan: KeyedPlan
  private let aggregator: WindowAggregator
  private let merger: Outlet<[WindowPartial]>
  private let sink: Outlet<SinkMessage>
  private let checkpoints: CheckpointCollector
  /// Events up to here may touch what an earlier run has sealed or forgotten: they wait.
  private var sealedThrough: Int64
  private var duplicates = DeduplicationSet()
  private var sessions: OpenSessions
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
    sessions = OpenSessions(rules: plan.sessionRules, table: plan.sessionTable)
    sealedRows = BatchBuilder(plan.sessionTable.schema)
  }

  public func process(_ slice: EventSlice, from edge: Int) {
    let events = slice.events
    let judge = EventJudge(events, plan: plan, sealedThrough: sealedThrough)
    let judged = judge.judge(slice.rows, known: &duplicates)
    if !judged.accepted.isEmpty {
      sessions.insert(events, rows: judged.accepted)
      merger.send(aggregator.aggregate(events, rows: judged.accepted))
      sink.send(.accepted(EventSlice(events: events, rows: judged.accepted)))
    }
    if !judged.waiting.isEmpty { sink.send(.waiting(EventSlice(events: events, rows: judged.waiting))) }
    if let first = slice.rows.first { sink.send(.counts(source: Int(events.sources[Int(first)]), judged.counts)) }
  }

  public func advance(to watermark: Int64) {
    duplicates.expire(before: saturatingAdd(watermark, -plan.deduplicationHorizonMilliseconds))
    sessions.seal(at: saturatingAdd(watermark, -plan.allowedLatenessMilliseconds), into: &sealedRows)
    if sealedRows.rowCount >= 1024 { flush() }
  }

  private func flush() {
    guard sealedRows.rowCount > 0 else { return }
    sink.send(.rows(table: TableNames.sessions, sealedRows.build()))
  }

  public func snapshot(at epoch: UInt64) {
    flush()
    checkpoints.put(.state(encodeState()), of: name, at: epoch)
  }

  public func finish() {
    // The end of bounded input seals everything: no event is expected any more.
    sessions.sealAll(into: &sealedRows)
    flush()
    checkpoints.putFinal(.state(encodeState()), of: name)
  }

  // MARK: - Looking

  /// Appends the rows of the open sessions of the key that hashes to `hash`.
  public func appendOpenSessions(of hash: Hash128, to rows: inout BatchBuilder) {
    sessions.appendOpen(of: hash, to: &rows)
  }

  /// As `OpenSessions.appendActive`.
  public func appendActiveSessions(after time: Int64, limit: Int, to rows: inout BatchBuilder) -> Int {
    sessions.appendActive(after: time, limit: limit, to: &rows)
  }

  // MARK: - Snapshot

  private func encodeState() -> [UInt8] {
    var writer = ByteWriter()
    duplicates.encode(into: &writer)
    sessions.encode(into: &writer)
    return writer.bytes
  }

  /// Takes over what belongs to key group `group` of a snapshot that some key group wrote; their number may have
  /// changed.
  public func restore(from bytes: [UInt8], group: Int) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    let identities = try DeduplicationSet(from: &reader)
    // Identities do not tell their key group; to know others' too does no harm.
    identities.forEach { duplicates.insert($1, for: $0) }
    let groupCount = plan.keyGroupCount
    try sessions.restore(from: &reader) { Int(Hash.murmur2($0.span) & 0x7FFF_FFFF) % groupCount == group }
    // Lateness and horizon may have been less in the run before: what it gave up does not come back.
    sealedThrough = max(sealedThrough, saturatingAdd(max(identities.oldestKept, sessions.horizon), -1))
  }

  /// Appends the rows of the open sessions in a key group's snapshot, for readers of a commit.
  public static func appendOpenSessions(
    of bytes: [UInt8], rules: SessionRules, table: SessionTable, to rows: inout BatchBuilder
  ) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    try DeduplicationSet.skip(in: &reader)
    var sessions = OpenSessions(rules: rules, table: table)
    try sessions.restore(from: &reader) { _ in true }
    sessions.appendOpen(to: &rows)
  }
}

/// Names of the tables that the engine itself knows.
public enum TableNames {
  public static let events = "events"
  public static let sessions = "sessions"
  public static let deadLetters = "dead_letters"
  /// Accepted messages that wait for the repair step; not for users.
  public static let waiting = "waiting"
}
