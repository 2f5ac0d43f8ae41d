internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Dataflow
internal import Windows

// The repair step: beside the landing in a live run, and once more at the end of input.
extension Landing {
  /// The repair that goes on beside the landing, and when the next one begins.
  struct RepairSchedule {
    var running: AsideTask<RepairFindings>?
    /// Checkpoints since the last one began.
    var checkpoints = 0
    /// So many checkpoints after the last one began, the next one may.
    var interval = 0
    /// Which share of the keys is next, where there are too many messages for one pass.
    var pass = 0
  }

  /// A repair takes at most this part of the time, however much there is to read.
  private static let restPerRepair = 4
  /// Key groups look at what is due by the minute, so sealing may be this much behind.
  private static let sealingSlackMilliseconds = 2 * EventTime.minute

  /// Takes over what a repair has found since the last checkpoint. Before tables are flushed.
  func takeRepaired() throws {
    repairs.checkpoints += 1
    guard let result = repairs.running?.result else { return }
    repairs.running = nil
    repairs.interval = Landing.restPerRepair * repairs.checkpoints
    let findings = try result.get()
    try take(findings)
    try rewriteWaiting(without: findings.judged)
  }

  /// Begins to judge what waits and is settled by the commit that is described, every few checkpoints. Tables are
  /// flushed.
  func beginRepair() {
    guard let interval = plan.checkpointsPerRepair, repairs.running == nil, compactions.running == nil,
      repairs.checkpoints >= max(interval, repairs.interval)
    else { return }
    let watermark = commit.watermark
    // Until event time moves, sessions are sealed as far as the run before went, perhaps with a longer lateness.
    guard watermark > max(firstWatermark, EventTime.distantPast / 2) else { return }
    let settled = watermark - plan.keyed.allowedLatenessMilliseconds - Landing.sealingSlackMilliseconds
    let (repair, pass) = (repair(), repairs.pass)
    repairs.checkpoints = 0
    guard repair.passCount > 0 else { return }
    repairs.pass = (pass + 1) % repair.passCount
    let task = AsideTask { try repair.pass(pass, settledBefore: settled) }
    setPinned(true)
    repairs.running = task
    runAside(.soon) { task.run() }
  }

  /// Judges all that waits, after the end of input.
  func repairAll() throws {
    if let running = repairs.running {
      repairs.running = nil
      let findings = try running.value()
      try take(findings)
      try rewriteWaiting(without: findings.judged)
    }
    for table in repairedTables { try table.flush() }
    let repair = repair()
    setPinned(true)
    var judged: [String: [UInt32]] = [:]
    for number in 0..<repair.passCount {
      let findings = try repair.pass(number)
      try take(findings)
      judged.merge(findings.judged) { $0 + $1 }
    }
    try rewriteWaiting(without: judged)
  }

  private func repair() -> Repair {
    Repair(
      plan: plan.keyed, stored: plan.stored, rollupTables: plan.rollupTables,
      events: table(TableNames.events).reader(), sessions: table(TableNames.sessions).reader(),
      waiting: table(TableNames.waiting).reader(), eventTimeColumn: plan.eventTimeColumn,
      sessionStartColumn: plan.keyed.sessionTable.schema.fields[SessionTable.startColumn].name)
  }

  private var repairedTables: [TableStore] {
    [TableNames.events, TableNames.sessions, TableNames.waiting].map { table($0) }
  }

  private func setPinned(_ isPinned: Bool) {
    for table in repairedTables { table.isPinned = isPinned }
  }

  /// Changes tables and counts as a pass of a repair has found.
  private func take(_ findings: RepairFindings) throws {
    let (events, sessions) = (table(TableNames.events), table(TableNames.sessions))
    try deleteOrders(of: findings.displaced)
    for (path, rows) in findings.displaced { events.delete(rows, in: path) }
    for (path, rows) in findings.replacedSessions { sessions.delete(rows, in: path) }
    for slice in findings.accepted {
      try events.append(slice.batch, rows: slice.rows)
      if let type = slice.batch.schema.index(of: plan.stored.names.eventType) {
        try storeOrders(slice.batch, codes: plan.stored.typeCodes(slice.batch.strings(type)), rows: slice.rows)
      }
      repairedEventCount += Int64(slice.rows?.count ?? slice.batch.rowCount)
    }
    if let rows = findings.sessions { try sessions.append(rows) }
    for (rollup, rows) in zip(plan.rollupTables, findings.deltas) { try table(rollup.rollup.name).append(rows) }
    for (source, change) in findings.counts { counts[source, default: SourceCounts()] += change }
    amended += findings.amended
  }

  /// Begins the table of waiting messages again, with those that were not judged. Tables may be cut again from then on.
  private func rewriteWaiting(without judged: [String: [UInt32]]) throws {
    defer { setPinned(false) }
    guard !judged.isEmpty else { return }
    let waiting = table(TableNames.waiting)
    try waiting.flush()
    let judged = judged.mapValues(Set.init)
    var rest: [BatchSlice] = []
    try waiting.reader().forEachPiece { piece in
      let isJudged = judged[piece.path] ?? []
      let rows = piece.rows.filter { !isJudged.contains(UInt32(piece.firstRow) + $0) }
      if !rows.isEmpty { rest.append(BatchSlice(piece.batch, rows: rows)) }
    }
    waiting.clear()
    for slice in rest { try waiting.append(slice.batch, rows: slice.rows) }
  }
}
