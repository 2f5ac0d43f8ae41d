public import Checkpoints
internal import Columns
internal import Dataflow
public import HotIndex
internal import Ingest
internal import Kafka
public import Landing
internal import Synchronization
internal import Telemetry
internal import Windows

extension LiveEngine: EngineView {
  public var directory: String { directoryPath }
  public var hot: HotSnapshot { hotIndex.snapshot }

  static let stallBoundsSeconds = [
    0.0005, 0.001, 0.002, 0.003, 0.004, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1,
  ]

  var stallMeter: StallMeter {
    let stalls = checkpointStalls
    return StallMeter(nowNanoseconds: MonotonicClock.nowNanoseconds) { stalls.observe($0) }
  }

  public var status: EngineStatus {
    let shared = shared.withLock { $0 }
    return EngineStatus(
      partitions: shared.run.map { partitions($0, shared.commit) } ?? pausedPartitions(shared),
      commitEpoch: shared.commit?.epoch ?? 0,
      incarnation: shared.commit?.incarnation ?? 0, committedMilliseconds: shared.committedMilliseconds,
      commitDurationMilliseconds: shared.commitDurationMilliseconds,
      isReplaying: shared.run?.clock.source.isReplaying ?? false, problems: problems(shared),
      startedMilliseconds: startedMilliseconds, sinks: outbox?.sinks ?? [], phase: shared.phase,
      lifeSigns: lifeSigns.all)
  }

  /// The newest commit; nil before the first one of a new directory.
  public var newestCommit: Commit? { shared.withLock { $0.commit } }

  private func partitions(_ run: LiveRun<DispatchRuntime>, _ commit: Commit?) -> [PartitionStatus] {
    let source = run.clock.source
    return run.partitions.map { partition in
      let state = partition.source
      var status = PartitionStatus(
        topic: state.topic, partition: state.partition,
        state: LiveEngine.name(of: source.state(of: state.id) ?? .active), offset: partition.report.value.offset,
        endOffset: partition.log.cachedOffsets.high, watermark: source.watermark(of: state.id))
      status.count(commit?.sources.first { $0.id == state.id } ?? state)
      return status
    }
  }

  /// While nothing can be written: where reading goes on. Nobody asks where the partitions end.
  private func pausedPartitions(_ shared: Shared) -> [PartitionStatus] {
    guard shared.storageProblem != nil else { return [] }
    return (shared.commit?.sources ?? []).filter { $0.topic == input.topic }.map { source in
      var status = PartitionStatus(
        topic: source.topic, partition: source.partition,
        state: LiveEngine.name(of: .paused), offset: source.nextOffset, endOffset: nil,
        watermark: source.maximumEventTime.map { $0 - job.settings.outOfOrdernessMilliseconds })
      status.count(source)
      return status
    }
  }

  private static func name(of state: SourceWatermark.PartitionState) -> String {
    switch state {
    case .active: "active"
    case .paused: "paused"
    case .atEnd: "at_end"
    case .excluded: "excluded"
    case .ended: "ended"
    }
  }

  func problems(_ shared: Shared) -> [String] {
    var problems = [shared.storageProblem, shared.problem].compactMap { $0 }
    let connection = consumer.connectionState
    switch connection.phase {
    case .connected: break
    case .connecting: problems.append("no broker of \(input.configuration.brokers) has answered yet")
    case .lost:
      let reason = connection.lastError.map { ": \($0)" } ?? ""
      problems.append("no broker of \(input.configuration.brokers) can be reached\(reason)")
    }
    if problems.isEmpty || shared.phase == .restoring,
      let problem = shared.phase.problem(epoch: shared.commit?.epoch ?? 0)
    {
      problems.append(problem)
    }
    return problems + (shared.run?.problems ?? [])
  }

  // MARK: - Messages

  public func present(_ answer: @escaping @Sendable (Present?) -> Void) {
    // What a run has that could not write is given up, and comes again in the next one.
    guard let run = shared.withLock({ $0.storageProblem == nil ? $0.run : nil }) else { return answer(nil) }
    // Looked at first: what comes after it may be among the rows, what came before it is.
    let revision = hotIndex.snapshot.revision
    run.runtime.perform(on: run.wiring.landing) {
      var present = run.present()
      present.revision = revision
      answer(present)
    }
  }

  // MARK: - Sessions

  public func openSessions(of key: [UInt8], _ answer: @escaping @Sendable (OpenSessionRows) -> Void) {
    let table = job.keyed.sessionTable
    guard let run = shared.withLock({ $0.run }) else {
      var none = BatchBuilder(table.schema)
      return answer(OpenSessionRows(count: 0, rows: none.build()))
    }
    let group = Int(Hash.murmur2(key.span) & 0x7FFF_FFFF) % run.wiring.keyGroups.count
    let stage = run.wiring.keyGroups[group]
    run.runtime.perform(on: stage) {
      var rows = BatchBuilder(table.schema)
      stage.body.appendOpenSessions(of: Hash.hash128(key.span), to: &rows)
      let batch = rows.build()
      answer(OpenSessionRows(count: batch.rowCount, rows: batch))
    }
  }

  public func openSessions(
    activeAfter time: Int64, limit: Int, _ answer: @escaping @Sendable (OpenSessionRows) -> Void
  ) {
    let schema = job.keyed.sessionTable.schema
    let stages = shared.withLock { $0.run }.map { run in run.wiring.keyGroups.map { (run, $0) } } ?? []
    collect(stages[...], after: time, limit: limit, OpenSessionCollection(schema), answer)
  }

  /// Asks one key group after the other, each on its own queue.
  private func collect(
    _ stages: ArraySlice<(LiveRun<DispatchRuntime>, Stage<KeyGroup>)>, after time: Int64, limit: Int,
    _ collected: OpenSessionCollection,
    _ answer: @escaping @Sendable (OpenSessionRows) -> Void
  ) {
    guard let (run, stage) = stages.first else { return answer(collected.newest(limit)) }
    let rest = stages.dropFirst()
    run.runtime.perform(on: stage) { [self] in
      var collected = collected
      var rows = BatchBuilder(job.keyed.sessionTable.schema)
      collected.count += stage.body.appendActiveSessions(after: time, limit: limit, to: &rows)
      collected.add(rows.build())
      collect(rest, after: time, limit: limit, collected, answer)
    }
  }
}

extension PartitionStatus {
  /// Takes over what became of the messages of `source`.
  fileprivate mutating func count(_ source: SourceState) {
    received = source.received
    accepted = source.accepted
    duplicates = source.duplicates
    waiting = source.waiting
    deadLetters = source.deadLetters
    reasons = source.reasons
  }
}

/// Open sessions of several key groups, together.
private struct OpenSessionCollection: Sendable {
  private let schema: Schema
  private var batches: [Batch] = []
  var count = 0

  init(_ schema: Schema) { self.schema = schema }

  mutating func add(_ batch: Batch) { batches.append(batch) }

  /// The `limit` sessions of the newest last events.
  func newest(_ limit: Int) -> OpenSessionRows {
    let ends = batches.enumerated().flatMap { index, batch in
      (0..<batch.rowCount).map {
        (batch: index, row: UInt32($0), end: batch.integers(SessionTable.endColumn).values[$0])
      }
    }
    var rows = BatchBuilder(schema)
    for entry in ends.sorted(by: { $0.end > $1.end }).prefix(limit) {
      rows.append(batches[entry.batch], rows: [entry.row])
    }
    return OpenSessionRows(count: count, rows: rows.build())
  }
}
