public import Checkpoints
internal import ColdStore
internal import Columns
internal import Dataflow
internal import Dispatch
internal import HotIndex
internal import Ingest
internal import Kafka
public import Landing
internal import Synchronization
public import Telemetry
internal import Windows

/// The engine over Kafka: reads a topic, commits every few seconds, shows what it knows at any time.
///
/// `run` works on the caller's thread until it is asked to stop, or a bounded run has come to its end; everything
/// else may be called from any thread meanwhile. A partition that is added while it runs is found within seconds: the
/// engine commits and goes on from that commit with one lane more.
///
/// `@unchecked Sendable`: the directory and all that changes is used by `run` alone; what others see is behind `shared`
/// or in `hotIndex`.
public final class LiveEngine: @unchecked Sendable {
  private static let tickMilliseconds: Int64 = 5
  private static let publishMilliseconds: Int64 = 20
  private static let discoveryMilliseconds: Int64 = 5_000
  private static let watchMilliseconds: Int64 = 1_000

  public let job: Job
  let input: KafkaInput
  let consumer: KafkaConsumer
  let hotIndex: HotIndex
  public let checkpointStalls = Histogram(bounds: LiveEngine.stallBoundsSeconds)
  public let checkpointDurations = Histogram(bounds: LiveEngine.checkpointBoundsSeconds)
  let startedMilliseconds = WallClock.nowMilliseconds()
  let shared = Mutex(Shared())
  let log: Log
  let dataDirectory: DataDirectory
  /// Failed attempts to write since the last commit, and whether there ever was one. Used by `run` alone.
  var storageFailures = StorageFailures()
  /// Used by `run` alone.
  var watch = EngineWatch()
  let lifeSigns = LifeSigns()
  private let admin: KafkaAdmin
  let outbox: (any Outbox)?
  /// Where partitions began that no commit knows yet.
  private var firstSources: [SourceState] = []
  /// Kept from one run to the next, by partition.
  private var readers: [Int: PartitionReader] = [:]
  var directoryPath: String { dataDirectory.path }
  private let isBounded: Bool
  /// Ends a rest.
  private let stopAsked = DispatchSemaphore(value: 0)
  private let onCommit: @Sendable (Commit) -> Void

  /// - Parameters:
  ///   - isBounded: whether to end at the offsets that are the last when the run starts.
  ///   - outbox: gets every commit, and is stopped when `run` ends.
  ///   - onCommit: called after each commit, on a queue of the engine.
  public init(
    job: Job, input: KafkaInput, directory: DataDirectory, isBounded: Bool, outbox: (any Outbox)? = nil,
    log: Log = Log(), onCommit: @escaping @Sendable (Commit) -> Void = { _ in }
  ) throws {
    self.log = log
    self.job = job
    self.input = input
    self.isBounded = isBounded
    self.outbox = outbox
    self.onCommit = onCommit
    dataDirectory = directory
    admin = try KafkaAdmin(input.configuration)
    consumer = try KafkaConsumer(
      input.configuration, groupID: input.groupID, memoryBytes: input.memoryBytes, partitionCount: 32)
    hotIndex = HotIndex(
      rollups: job.rollupTables.map(\.rollup.name),
      allowedLatenessMilliseconds: job.settings.allowedLatenessMilliseconds,
      retentionMilliseconds: job.settings.hotRetentionMilliseconds)
    shared.withLock { $0.commit = directory.commit }
  }

  /// Asks `run` to commit what has been read and to return.
  public func stop() {
    shared.withLock { $0.isStopping = true }
    stopAsked.signal()
  }

  /// Lets the calling thread rest, no longer than until the engine is stopped.
  func rest(milliseconds: Int) { _ = stopAsked.wait(timeout: .now() + .milliseconds(milliseconds)) }

  var isStopping: Bool { shared.withLock { $0.isStopping } }

  /// Reads until `stop`, or until a bounded run has come to its end.
  ///
  /// A write that fails ends a bounded run. Any other gives up what it has read since its last commit, waits until the
  /// data directory can be written again, and goes on from there. Throws what makes going on impossible: damage, an
  /// offset that the broker no longer has; a bounded run also throws when the broker or the topic is not there.
  public func run() throws {
    var incarnation = dataDirectory.nextIncarnation
    defer { outbox?.stop() }
    if let commit = dataDirectory.commit { outbox?.committed(commit) }
    guard var known = try waitForTopic() else { return }
    while true {
      do {
        guard let added = try read(known, incarnation: incarnation) else { break }
        known = added
      } catch let failure as FileError where !isBounded {
        try recover(from: failure)
        incarnation = max(incarnation, (shared.withLock { $0.commit?.incarnation } ?? 0) + 1)
      }
    }
    settleOutbox()
  }

  /// One run of the graph. Returns the partitions to go on with if some were added; nil at the end.
  private func read(_ partitions: [Int32], incarnation: UInt64) throws -> [Int32]? {
    let run = try begin(partitions, incarnation: incarnation)
    defer { run.runtime.stop() }
    let isFinished = try drive(run)
    run.runtime.stop()
    publish(run)
    return isFinished || isStopping ? nil : shared.withLock { $0.addedPartitions }
  }

  // MARK: - Beginning

  /// The partitions of the topic, as soon as it is there; nil if the engine is stopped before.
  private func waitForTopic() throws -> [Int32]? {
    shared.withLock { $0.phase = .waitingForTopic }
    while !isStopping {
      do {
        let partitions = try input.partitions(admin)
        shared.withLock { $0.problem = nil }
        return partitions
      } catch {
        if isBounded || !(error.isRetriable || error.kind == .unknownTopic) { throw error }
        shared.withLock { $0.problem = "\(error)" }
        noteTroubles(nil)
      }
      rest(milliseconds: 500)
    }
    return nil
  }

  private func begin(_ partitions: [Int32], incarnation: UInt64) throws -> LiveRun<DispatchRuntime> {
    let began = MonotonicClock.nowMilliseconds()
    let continuing = shared.withLock { shared in
      shared.phase = .restoring
      return shared.commit
    }
    let sources = try sources(partitions, continuing)
    let ends = isBounded ? try input.endOffsets(admin, partitions) : [:]
    try input.check(sources, ends)
    let read = try sources.filter { $0.topic == input.topic }.map { source in
      LivePartition(source, try reader(of: source), endOffset: ends[Int32(source.partition)]) {
        WallClock.nowMilliseconds()
      }
    }
    var commit = continuing ?? Commit(epoch: 0)
    commit.incarnation = incarnation
    commit.sources = sources
    let run = try LiveRun(
      job: job, partitions: read, directory: dataDirectory, commit: commit, continuing: continuing,
      outboxCursors: outboxCursors, stallMeter: stallMeter, distrustsTails: storageFailures.wereAny,
      runtime: DispatchRuntime(), nowMilliseconds: WallClock.nowMilliseconds(), onCompaction: logCompaction
    ) { [weak self] commit, amended in self?.committed(commit, amended) }
    shared.withLock {
      $0.run = run
      $0.phase = .running
      $0.addedPartitions = nil
      $0.checkpointAskedMilliseconds = nil
    }
    log.info(
      "reading",
      [
        "topic": .text(input.topic), "partitions": .integer(Int64(read.count)),
        "epoch": .integer(Int64(continuing?.epoch ?? 0)), "incarnation": .integer(Int64(incarnation)),
        "restored_ms": .integer(MonotonicClock.nowMilliseconds() - began),
      ])
    return run
  }

  private func reader(of source: SourceState) throws -> PartitionReader {
    if let reader = readers[source.partition] {
      try reader.seek(to: .offset(source.nextOffset))
      return reader
    }
    let reader = try consumer.add(
      topic: source.topic, partition: Int32(source.partition), from: .offset(source.nextOffset))
    readers[source.partition] = reader
    return reader
  }

  /// All sources, each where it begins: where the commit left it, or, if no commit knows it, where the configuration
  /// says for a first start and at its beginning otherwise.
  private func sources(_ partitions: [Int32], _ commit: Commit?) throws -> [SourceState] {
    var sources = commit?.sources ?? firstSources
    let unknown = partitions.filter { number in
      !sources.contains { $0.topic == input.topic && $0.partition == Int(number) }
    }
    var next = (sources.map(\.id).max() ?? -1) + 1
    let first = KafkaInput(
      configuration: input.configuration, topic: input.topic, groupID: input.groupID, memoryBytes: input.memoryBytes,
      start: commit == nil && firstSources.isEmpty ? input.start : .earliest)
    let offsets = try first.startOffsets(admin, unknown)
    for number in unknown {
      sources.append(
        SourceState(id: next, topic: input.topic, partition: Int(number), nextOffset: offsets[number] ?? 0))
      next += 1
    }
    if commit == nil { firstSources = sources }
    return sources
  }

  // MARK: - Running

  /// Keeps the clocks going until the run is over; true if it has come to its end.
  private func drive(_ run: LiveRun<DispatchRuntime>) throws -> Bool {
    let begin = MonotonicClock.nowMilliseconds()
    var nextCheckpoint = begin + job.settings.checkpointIntervalMilliseconds
    var publication = Period(LiveEngine.publishMilliseconds, from: begin)
    var watching = Period(LiveEngine.watchMilliseconds, from: begin)
    var discovery = Period(LiveEngine.discoveryMilliseconds, from: begin)
    var epoch = shared.withLock { $0.commit?.epoch } ?? 0
    var isLast = false
    lifeSigns.begin()
    defer { lifeSigns.end() }
    run.graph.wakeAll()
    while true {
      if try run.runtime.wait(timeoutMilliseconds: Int(LiveEngine.tickMilliseconds)) { return true }
      let now = MonotonicClock.nowMilliseconds()
      tick(run, now)
      if publication.isOver(now) { publishSoon(run) }
      if watching.isOver(now) { noteTroubles(run) }
      if discovery.isOver(now) { discover(run) }
      let isReady = shared.withLock { $0.commit?.epoch ?? 0 >= epoch }
      if isReady, isLast { return false }
      let (mustStop, mustGrow) = shared.withLock { ($0.isStopping, $0.addedPartitions != nil) }
      guard isReady, now >= nextCheckpoint || mustStop || mustGrow else { continue }
      isLast = mustStop || mustGrow
      epoch += 1
      shared.withLock { $0.checkpointAskedMilliseconds = WallClock.nowMilliseconds() }
      run.graph.requestCheckpoint(epoch: epoch)
      nextCheckpoint = now + job.settings.checkpointIntervalMilliseconds
    }
  }

  private func tick(_ run: LiveRun<DispatchRuntime>, _ now: Int64) {
    let connection = consumer.connectionState
    run.clock.tick(
      monotonic: now, confirmed: connection.phase == .connected ? connection.lastResponseMilliseconds : nil)
    run.graph.tick()
    lifeSigns.give(.clock)
  }

  /// Looks, aside, whether the topic has got more partitions.
  private func discover(_ run: LiveRun<DispatchRuntime>) {
    guard !isBounded else { return }
    let known = Set(run.partitions.map { Int32($0.source.partition) })
    // Without a broker the answer takes long: it must not keep the engine, and so the lock of its directory.
    DispatchQueue.global(qos: .utility).async { [weak self, input, admin] in
      guard let now = try? input.partitions(admin), !known.isSuperset(of: now) else { return }
      self?.shared.withLock { $0.addedPartitions = now }
    }
  }

  func committed(_ commit: Commit, _ amended: [HotKey]) {
    noteCommit(commit, amended)
    let offsets = commit.sources.filter { $0.topic == input.topic }.map {
      PartitionOffset(topic: $0.topic, partition: Int32($0.partition), offset: $0.nextOffset)
    }
    // For lag tools only: the commit log is what counts, and a failure shows in the connection's state.
    try? consumer.commit(offsets)
    outbox?.committed(commit)
    onCommit(commit)
  }
}

/// Something that is done again and again.
private struct Period {
  private let milliseconds: Int64
  private var end: Int64

  init(_ milliseconds: Int64, from begin: Int64) {
    self.milliseconds = milliseconds
    end = begin + milliseconds
  }

  /// Whether it has come round by `now`; the next one begins then.
  mutating func isOver(_ now: Int64) -> Bool {
    guard now >= end else { return false }
    end = now + milliseconds
    return true
  }
}
