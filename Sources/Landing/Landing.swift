public import Checkpoints
internal import ColdStore
internal import Columns
public import Dataflow
internal import Dispatch
internal import Encodings
public import HotIndex
internal import Synchronization
public import Windows

/// What the landing needs to know of the job.
public struct LandingPlan: Sendable {
  public let keyed: KeyedPlan
  public let stored: StoredEvents
  public let orders: OrderTable
  public let rollupTables: [RollupTable]
  public let eventTimeColumn: String
  /// The name of each event type's code, for counters.
  public let typeNames: [String]
  /// What must not change between runs on one directory.
  public let configuration: String
  /// After so many checkpoints messages that wait are judged; nil where that is done at the end alone.
  public var checkpointsPerRepair: Int?
  /// After so many checkpoints segments are merged; nil where that is not done in this run.
  public var checkpointsPerMerge: Int?
  public var compaction: CompactionRules?
  public var compactedTables: [CompactedTable] = []
  /// By table, how long rows are kept behind the watermark, in event time; for good where it is missing.
  public var retentionMilliseconds: [String: Int64] = [:]

  public init(
    keyed: KeyedPlan, stored: StoredEvents, orders: OrderTable, rollupTables: [RollupTable], eventTimeColumn: String,
    typeNames: [String], configuration: String
  ) {
    self.keyed = keyed
    self.stored = stored
    self.orders = orders
    self.rollupTables = rollupTables
    self.eventTimeColumn = eventTimeColumn
    self.typeNames = typeNames
    self.configuration = configuration
  }
}

/// The sink of the graph: rows into tables, and one commit for tables, positions and operator states together.
///
/// It is the last vertex, so a barrier that reaches it on every edge has passed all others, and their states of that
/// moment are in the collector: the commit is written here.
public final class Landing: Operator {
  public typealias RunAside = @Sendable (AsideUrgency, @escaping @Sendable () -> Void) -> Void

  let plan: LandingPlan
  let store: StorePlan
  private let tables: [String: TableStore]
  private let log: CommitLog
  private let checkpoints: CheckpointCollector
  var commit: Commit
  var counts: [Int: SourceCounts]
  var repairs = RepairSchedule()
  var compactions = CompactionSchedule()
  /// Does work beside the graph.
  let runAside: RunAside
  /// Where event time stood when this run began.
  let firstWatermark: Int64
  /// Every row before it, as far as it is in time, has come.
  private(set) var watermark: Int64
  /// Called after each commit, with the windows that its repair step amended.
  private let onCommit: @Sendable (Commit, _ amended: [HotKey]) -> Void
  /// What topics have got by now, for the next commit; nil leaves it as the last one says.
  private let outboxCursors: (@Sendable () -> [OutboxCursor])?
  /// States of a barrier that no commit came of.
  private var heldBack: [String: StateBytes] = [:]
  /// Called after each commit with what was merged for it.
  private let onCompaction: @Sendable (CompactionNote) -> Void
  /// Windows that the next commit changes after they were sealed.
  var amended: [HotKey] = []
  /// Events of this run that waited and were accepted by a repair.
  public internal(set) var repairedEventCount: Int64 = 0
  /// What the next commit has merged.
  var compactionNotes: [CompactionNote] = []

  /// - Parameters:
  ///   - commit: the commit to continue from; for a new directory an empty one with the sources to read.
  ///   - runAside: does beside the graph what it is given.
  public init(
    plan: LandingPlan, store: StorePlan, tables: [String: TableStore], log: CommitLog, commit: Commit,
    checkpoints: CheckpointCollector,
    runAside: @escaping RunAside = { _, work in work() },
    outboxCursors: (@Sendable () -> [OutboxCursor])? = nil,
    onCompaction: @escaping @Sendable (CompactionNote) -> Void = { _ in },
    onCommit: @escaping @Sendable (Commit, _ amended: [HotKey]) -> Void
  ) {
    self.plan = plan
    self.store = store
    self.onCompaction = onCompaction
    self.tables = tables
    self.log = log
    self.commit = commit
    firstWatermark = commit.watermark
    watermark = commit.watermark
    self.checkpoints = checkpoints
    self.runAside = runAside
    self.outboxCursors = outboxCursors
    self.onCommit = onCommit
    counts = Dictionary(
      uniqueKeysWithValues: commit.sources.map { ($0.id, SourceCounts($0, typeNames: plan.typeNames)) })
  }

  /// A run that is given up leaves no merge behind that goes on.
  deinit { compactions.running?.abandon() }

  public func process(_ message: SinkMessage, from edge: Int) throws {
    switch message {
    case .accepted(let slice):
      try table(TableNames.events).append(slice.events.batch, rows: slice.rows)
      try storeOrders(slice.events.batch, codes: slice.events.types, rows: slice.rows)
    case .waiting(let slice): try table(TableNames.waiting).append(slice.events.batch, rows: slice.rows)
    case .rows(let name, let batch): try table(name).append(batch)
    case .counts(let source, let change): counts[source, default: SourceCounts()] += change
    }
  }

  /// Finality is the merger's business; who reads between two commits is told how far rows are complete.
  public func advance(to watermark: Int64) { self.watermark = watermark }

  public func snapshot(at epoch: UInt64) throws {
    let (vertices, ended) = checkpoints.take(epoch: epoch)
    // An operator that has ended has sealed everything: its final state belongs to the final commit, which follows.
    let isFollowed = vertices.contains { name, state in if case .state = state { ended.contains(name) } else { false } }
    guard !isFollowed else {
      heldBack = takeStates(vertices.filter { !ended.contains($0.key) })
      return
    }
    let states = takeStates(vertices)
    try takeRepaired()
    takeCompacted()
    dropExpired()
    try cutLongTail()
    try describe(epoch: epoch, states)
    try table(TableNames.commits).flush()
    beginRepair()
    try write(states)
    beginCompaction(commit)
  }

  /// Takes over the sources' positions and encodes the operators' states, behind what was held back of them.
  private func takeStates(_ vertices: [String: VertexState]) -> [String: StateBytes] {
    var snapshots: [(name: String, snapshot: StateSnapshot)] = []
    for (name, vertex) in vertices {
      switch vertex {
      case .state(let snapshot): snapshots.append((name, snapshot))
      case .position(let position): take(position)
      }
    }
    let encoded = Mutex<[String: StateBytes]>([:])
    // The last of them are encoded when nothing else runs: as many at a time as there are processors.
    DispatchQueue.concurrentPerform(iterations: snapshots.count) { [snapshots] index in
      let state = StateBytes(snapshots[index].snapshot)
      encoded.withLock { $0[snapshots[index].name] = state }
    }
    defer { heldBack = [:] }
    return heldBack.merging(encoded.withLock { $0 }) { $0.followed(by: $1) }
  }

  public func finish() throws {
    let states = takeStates(checkpoints.take(epoch: .max).states)
    endCompaction()
    try repairAll()
    try describe(epoch: commit.epoch + 1, states)
    for table in tables.values { try table.cut() }
    commit.sealedThrough = sealedThrough()
    try write(states)
  }

  /// Everything is sealed up to the newest event and the gap behind it: what comes there later may touch a sealed
  /// session.
  private func sealedThrough() -> Int64 {
    let newest = table(TableNames.events).state.segments.compactMap(\.maximumTime).max()
    return newest.map { $0 + plan.keyed.sessionRules.gapMilliseconds } ?? commit.sealedThrough
  }

  func table(_ name: String) -> TableStore {
    guard let table = tables[name] else { preconditionFailure("the job has no table \(name)") }
    return table
  }

  // MARK: - Commit

  /// Says in the commit what it is of, and adds the row that says so to its table.
  private func describe(epoch: UInt64, _ states: [String: StateBytes]) throws {
    commit.epoch = epoch
    commit.committedMilliseconds = log.history.nowMilliseconds()
    if let bytes = states[Merger.name]?.bytes {
      commit.watermark = try MergerState(bytes, tables: plan.rollupTables).watermark
    }
    copyCounts(to: &commit)
    assert(commit.sources.allSatisfy(\.isConserved), "messages were lost or counted twice")
    let others = tables.values.filter { $0.name != TableNames.commits }
    for table in others { try table.flush() }
    let stateBytes = states.values.reduce(0) { $0 + $1.byteCount }
    try table(TableNames.commits).append(
      CommitRows.row(commit, tables: others.map(\.state), stateBytes: stateBytes))
  }

  func copyCounts(to commit: inout Commit) {
    for index in commit.sources.indices {
      counts[commit.sources[index].id]?.copy(to: &commit.sources[index], typeNames: plan.typeNames)
    }
  }

  private func write(_ states: [String: StateBytes]) throws {
    commit.configuration = plan.configuration
    commit.configurationHash = Hash.hash64(Array(plan.configuration.utf8).span)
    commit.tables = tables.values.map(\.state).sorted { $0.name < $1.name }
    // Key groups that are no more left their state to others.
    commit.operatorStates = commit.operatorStates.filter { states[$0.key] != nil }
    commit.outbox = outboxCursors?() ?? commit.outbox
    commit = try log.write(commit, states: states)
    try log.sweep(commit, folders: tables.keys.sorted(), sparing: compactions.running?.prefix)
    onCommit(commit, amended)
    compactionNotes.forEach(onCompaction)
    (amended, compactionNotes) = ([], [])
  }

  private func take(_ position: SourcePosition) {
    guard let index = commit.sources.firstIndex(where: { $0.id == position.source }) else { return }
    commit.sources[index].nextOffset = position.nextOffset
    commit.sources[index].byteOffset = position.byteOffset
    commit.sources[index].checksum = position.checksum
    commit.sources[index].maximumEventTime = position.maximumEventTime
    commit.sources[index].isDone = position.isDone
  }
}

extension StateBytes {
  /// Encodes `snapshot`.
  init(_ snapshot: StateSnapshot) {
    self.init(isWhole: snapshot.isWhole, logSpan: snapshot.logSpan, pieces: snapshot.pieces())
  }
}
