public import Checkpoints
internal import ColdStore
internal import Columns
internal import Dataflow
internal import Encodings
internal import Windows

/// Computes rollups, sessions and orders once more from the stored `events`, and makes them true in one commit.
///
/// Events were judged when they came: duplicates are gone, what waits for the repair step goes on waiting. What is
/// sealed and what stays open follows from the commit's watermark, so that a run goes on as if it had always had these
/// definitions. Events are read once for each two million of the largest day; memory holds that many rows, the windows
/// of a day and what is open.
public struct Rebuild {
  /// Of the largest day: about what is held in memory.
  public static let rowsPerPass = 2_000_000

  private let plan: LandingPlan
  private let log: CommitLog
  private let commit: Commit
  private let events: TableReader
  /// Tables that are made anew.
  private let sessions: TableStore
  private let orders: TableStore
  private let rollups: [TableStore]
  private let states: [String: [[UInt8]]]

  /// - Parameters:
  ///   - tables: empty stores for the sessions, the orders and the rollups of `plan`, by name.
  ///   - commit: the newest of `log`.
  public init(
    _ plan: LandingPlan, tables: [String: TableStore], log: CommitLog, commit: Commit, events: TableReader
  ) throws {
    func store(_ name: String) -> TableStore {
      guard let table = tables[name] else { preconditionFailure("the job has no table \(name)") }
      return table
    }
    self.plan = plan
    self.log = log
    self.commit = commit
    self.events = events
    sessions = store(TableNames.sessions)
    orders = store(TableNames.orders)
    rollups = plan.rollupTables.map { store($0.rollup.name) }
    states = try commit.operatorStates.mapValues { try log.readState($0) }
  }

  /// - Parameters:
  ///   - columns: those of `events` that the definitions need.
  ///   - keepsIdentities: whether two events are the same under the same conditions as before, so that the known
  ///     identities go on counting.
  ///   - rowsPerPass: how many rows of a day are held in memory, at least 1.
  /// - Returns: the new commit.
  public func run(
    columns: [String], keepsIdentities: Bool, rowsPerPass: Int = Rebuild.rowsPerPass
  ) throws -> Commit {
    let isComplete = try isComplete()
    let watermark = isComplete ? EventTime.distantFuture : commit.watermark
    var windows = WindowRecount(plan: plan.keyed, tables: plan.rollupTables, watermark: watermark)
    let passCount = max(1, (try events.mostRowsOfDay() + rowsPerPass - 1) / rowsPerPass)
    var newStates: [String: StateBytes] = [:]
    let identitiesFrom =
      keepsIdentities
      ? EventTime.distantFuture : behind(commit.watermark, plan.keyed.deduplicationHorizonMilliseconds)
    for pass in 0..<passCount {
      var open = SessionRecount(
        plan: plan.keyed, horizon: behind(watermark, plan.keyed.allowedLatenessMilliseconds),
        identitiesFrom: identitiesFrom)
      try read(columns, pass, of: passCount, &open, &windows)
      let parts = open.keyGroupParts()
      // Named as nobody's own: the keys are divided in another way than among key groups.
      newStates[KeyGroup.namePrefix + "rebuilt-\(pass)"] = StateBytes(parts.sessions)
      if !keepsIdentities { newStates[KeyGroup.identitiesPrefix + "rebuilt-\(pass)"] = StateBytes(parts.identities) }
    }
    newStates[Merger.name] = StateBytes(try windows.mergerState(continuing: states[Merger.name]?.last))
    for table in rollups + [sessions, orders] { try isComplete ? table.cut() : table.flush() }
    if keepsIdentities { newStates.merge(identities()) { $1 } }
    return try write(newStates, isComplete: isComplete)
  }

  /// The identities that the commit knows, in files of the new commit alone, so that older ones may go.
  private func identities() -> [String: StateBytes] {
    var states: [String: StateBytes] = [:]
    for (name, parts) in commit.operatorStates where name.hasPrefix(KeyGroup.identitiesPrefix) {
      let newest = parts.map { $0.newest ?? .max }.max() ?? .max
      let bytes = (self.states[name] ?? []).flatMap { $0 }
      states[name] = StateBytes(logSpan: LogSpan(newest: newest, neededFrom: .min), bytes)
    }
    return states
  }

  /// Reads all events; the sessions of the `pass`th part of the keys, and in the first pass the windows and orders of
  /// all.
  private func read(
    _ columns: [String], _ pass: Int, of passCount: Int, _ open: inout SessionRecount, _ windows: inout WindowRecount
  ) throws {
    func advance(to time: Int64) throws {
      try sessions.append(open.advance(to: time))
      if pass == 0 { try windows.advance(to: time) { try rollups[$0].append($1) } }
    }
    try events.forEachDay(columns: columns) { piece in
      let batch = plan.stored.events(piece.batch)
      if pass == 0 {
        windows.add(batch, rows: piece.rows)
        if let slice = plan.orders.slice(piece.batch, codes: batch.types, rows: piece.rows) {
          try orders.append(slice.batch, rows: slice.rows)
        }
      }
      let isAll = passCount == 1
      let rows = piece.rows.filter { row in
        isAll || Int(batch.sessionHashes[Int(row)].low % UInt64(passCount)) == pass
      }
      open.add(batch, rows: rows)
    } dayEnded: {
      try advance(to: $0)
    }
    try advance(to: EventTime.distantFuture)
  }

  /// `duration` before `watermark`, which may stand at either end of time.
  private func behind(_ watermark: Int64, _ duration: Int64) -> Int64 {
    guard watermark != EventTime.distantFuture else { return watermark }
    let (time, overflows) = watermark.subtractingReportingOverflow(duration)
    return overflows ? EventTime.distantPast : time
  }

  /// Whether everything was sealed at the end of input and nothing has come since: then it is again.
  private func isComplete() throws -> Bool {
    guard commit.sealedThrough != EventTime.distantPast, try newestEventTime() ?? .min <= commit.sealedThrough else {
      return false
    }
    return try states.filter { $0.key.hasPrefix(KeyGroup.namePrefix) }.allSatisfy {
      try !KeyGroup.hasOpenSessions($0.value, plan: plan.keyed)
    }
  }

  private func newestEventTime() throws -> Int64? {
    var newest: Int64?
    for (_, file) in try events.files() {
      guard case .integers(_, let maximum) = file.zoneMap(plan.eventTimeColumn) else { continue }
      newest = max(newest ?? maximum, maximum)
    }
    return newest
  }

  private func write(_ states: [String: StateBytes], isComplete: Bool) throws -> Commit {
    var next = commit
    next.epoch += 1
    next.committedMilliseconds = log.history.nowMilliseconds()
    next.incarnation += 1
    next.configuration = plan.configuration
    next.configurationHash = Hash.hash64(Array(plan.configuration.utf8).span)
    if isComplete, let newest = try newestEventTime() {
      next.sealedThrough = newest + plan.keyed.sessionRules.gapMilliseconds
    }
    let kept = [TableNames.events, TableNames.deadLetters, TableNames.waiting, TableNames.commits]
    next.tables = commit.tables.filter { kept.contains($0.name) } + (rollups + [sessions, orders]).map(\.state)
    next.tables.sort { $0.name < $1.name }
    next.operatorStates = [:]
    // The new rows count from the beginning: topics get them all, of a higher epoch than what they have.
    next.outbox = []
    next = try log.write(next, states: states)
    try log.sweep(next, folders: next.tables.map(\.name))
    return next
  }
}
