internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Dataflow
internal import Dispatch
internal import HotIndex
internal import Ingest
internal import Landing
internal import Synchronization
internal import Windows

/// Connects the parts of one run.
struct Wiring {
  /// A message to the landing takes a credit for each row, or for so many bytes of the batch that it keeps in memory,
  /// where that is more: events may be long, and of a batch few rows may be meant.
  private static let bytesPerCredit = 2048
  private static let leastCredits = 8
  /// By so much a message may be too long and still be kept whole.
  private static let excessBytes = 1 << 20

  let job: Job
  let graph: Graph
  let checkpoints = CheckpointCollector()
  let progress = ReadProgress()
  let keyGroups: [Stage<KeyGroup>]
  let merger: Stage<Merger>
  let landing: Stage<Landing>

  /// - Parameters:
  ///   - commit: the state to write on, its sources included.
  ///   - continuing: the commit whose operator states are taken over; nil for a new directory.
  ///   - isLive: whether the run has no end: the merger keeps track of changes for the hot index, and messages that
  ///     wait are judged all along.
  ///   - outboxCursors: what topics have got by now, for each commit; nil leaves what the commit says.
  ///   - onCompaction: called after a commit with each merge that it has taken over.
  init(
    job: Job, graph: Graph, directory: DataDirectory, commit: Commit, continuing: Commit?,
    distrustsTails: Bool = false, isLive: Bool = false,
    outboxCursors: (@Sendable () -> [OutboxCursor])? = nil,
    onCompaction: @escaping @Sendable (CompactionNote) -> Void = { _ in },
    onCommit: @escaping @Sendable (Commit, [HotKey]) -> Void
  ) throws {
    self.job = job
    self.graph = graph
    let store = StorePlan(
      directory: directory.path, fileSystem: directory.fileSystem, rowGroupRows: job.settings.rowGroupRows,
      segmentBytes: job.settings.segmentBytes, distrustsTails: distrustsTails)
    var tables: [String: TableStore] = [:]
    for (name, schema, timeColumn) in job.tables {
      tables[name] = try TableStore(
        name: name, schema: schema, timeColumn: timeColumn, plan: store,
        continuing: commit.tables.first { $0.name == name }, sequence: (commit.epoch + 1) * 1000)
    }
    let watermark = continuing.flatMap(Wiring.watermark)
    let checkpoints = checkpoints
    landing = graph.add(
      Landing(
        plan: Wiring.landingPlan(job, isLive: isLive), store: store, tables: tables, log: directory.log, commit: commit,
        checkpoints: checkpoints, runAside: { [weak graph] in graph?.aside($0, $1) }, outboxCursors: outboxCursors,
        onCompaction: onCompaction, onCommit: onCommit),
      name: "landing", waitsForDisks: true)
    let fromMerger = Wiring.connect(to: landing, in: graph, job)
    merger = graph.add(
      Merger(
        tables: job.rollupTables, allowedLatenessMilliseconds: job.settings.allowedLatenessMilliseconds,
        sink: fromMerger, checkpoints: checkpoints, publishes: isLive),
      name: Merger.name, sendingOn: [fromMerger], watermark: watermark)
    var keyGroups: [Stage<KeyGroup>] = []
    for index in 0..<job.settings.keyGroupCount {
      let name = Wiring.keyGroupName(index)
      let toMerger = graph.connect(to: merger)
      let toLanding = Wiring.connect(to: landing, in: graph, job)
      let body = KeyGroup(
        name: name, plan: job.keyed, sealedThrough: commit.sealedThrough, merger: toMerger, sink: toLanding,
        checkpoints: checkpoints)
      keyGroups.append(graph.add(body, name: name, sendingOn: [toMerger, toLanding], watermark: watermark))
    }
    self.keyGroups = keyGroups
    if let continuing { try restore(continuing, log: directory.log) }
  }

  /// An edge to the landing, whose credits are rows, or bytes.
  func connectToLanding() -> Outlet<SinkMessage> { Wiring.connect(to: landing, in: graph, job) }

  private static func connect(to landing: Stage<Landing>, in graph: Graph, _ job: Job) -> Outlet<SinkMessage> {
    graph.connect(to: landing, capacity: job.settings.landingCredits) { message in
      max(message.rowCount, message.heldBytes / bytesPerCredit, leastCredits)
    }
  }

  private static func keyGroupName(_ index: Int) -> String { KeyGroup.namePrefix + "\(index)" }

  /// The event time that a commit has come to; nil before the first.
  static func watermark(_ commit: Commit) -> Int64? {
    commit.watermark == EventTime.distantPast ? nil : commit.watermark
  }

  private static func landingPlan(_ job: Job, isLive: Bool) -> LandingPlan {
    var plan = job.landing
    let interval = max(1, job.settings.checkpointIntervalMilliseconds)
    guard isLive else { return plan }
    plan.checkpointsPerRepair = max(1, Int(job.settings.repairIntervalMilliseconds / interval))
    plan.checkpointsPerMerge = job.settings.compaction.intervalMilliseconds.map { max(1, Int($0 / interval)) }
    plan.compaction = plan.checkpointsPerMerge == nil ? nil : job.compactionRules
    plan.compactedTables = job.compactedTables
    plan.retentionMilliseconds = job.retentionMilliseconds
    return plan
  }

  private func restore(_ commit: Commit, log: CommitLog) throws {
    if let parts = commit.operatorStates[Merger.name] {
      for bytes in try log.readState(parts) { try merger.body.restore(from: bytes) }
    }
    let states = KeyGroupParts.all(
      in: try commit.operatorStates.filter { $0.key != Merger.name }.mapValues { try log.readState($0) })
    let isSameGrouping = Set(states.keys) == Set(keyGroups.indices.map(String.init))
    let failures = Mutex<[Int: any Error]>([:])
    // They know nothing of each other and nothing runs yet: as many at a time as there are processors.
    DispatchQueue.concurrentPerform(iterations: keyGroups.count) { [keyGroups] index in
      do {
        for (number, parts) in states where !isSameGrouping || number == "\(index)" {
          try keyGroups[index].body.restore(from: parts, group: index, isOwn: isSameGrouping)
        }
      } catch {
        failures.withLock { $0[index] = error }
      }
    }
    if let first = failures.withLock({ $0 }).min(by: { $0.key < $1.key }) { throw first.value }
  }

  /// - Parameter floor: the watermark that an earlier run has come to.
  func addLanes(_ inputs: [Backfill.Input], floor: Int64?) throws {
    let graph = graph
    var source = SourceWatermark(outOfOrdernessMilliseconds: job.settings.outOfOrdernessMilliseconds)
    for input in inputs { source.add(input.state.id) }
    // Held by lanes, which the graph holds.
    let clock = SourceClock(source, maximumDriftMilliseconds: job.settings.maximumDriftMilliseconds) { [weak graph] in
      graph?.wakeAll()
    }
    for input in inputs {
      let state = input.state
      let name = "lane-\(state.id)"
      // A message that is too long is a dead letter with all its bytes, unless it is out of all proportion.
      let reader = try LineReader(
        path: input.path, maximumLineBytes: job.settings.maximumMessageBytes + Wiring.excessBytes)
      let position = SourcePosition(
        source: state.id, nextOffset: state.nextOffset, byteOffset: state.byteOffset, checksum: state.checksum,
        maximumEventTime: state.maximumEventTime)
      let toKeyGroups = keyGroups.map { graph.connect(to: $0) }
      let toLanding = connectToLanding()
      let lane = try FileLane(
        name: name, plan: job.lane, reader: reader, position: position, clock: clock, floor: floor,
        keyGroups: toKeyGroups, sink: toLanding, checkpoints: checkpoints, progress: progress)
      graph.add(lane, name: name, sendingOn: toKeyGroups + [toLanding])
    }
  }
}
