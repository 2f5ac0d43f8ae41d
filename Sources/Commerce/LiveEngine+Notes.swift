internal import Checkpoints
internal import Dataflow
internal import HotIndex
internal import Ingest
internal import Kafka
internal import Landing
internal import Synchronization
internal import Telemetry

/// What the log says of a run, and what is counted of it.
extension LiveEngine {
  /// Says what is new about the engine's troubles.
  ///
  /// - Parameter run: nil while the topic is waited for.
  func noteTroubles(_ run: LiveRun<DispatchRuntime>?) {
    let connection = consumer.connectionState
    var partitions: [Int: String] = [:]
    for partition in run?.partitions ?? [] { partitions[partition.source.partition] = partition.report.value.problem }
    let shared = shared.withLock { $0 }
    let notes = watch.look(
      connection.phase, reason: connection.lastError.map { "\($0)" }, partitions: partitions,
      problems: problems(shared))
    for note in notes { say(note, epoch: Int64(shared.commit?.epoch ?? 0)) }
  }

  private func say(_ note: EngineWatch.Note, epoch: Int64) {
    switch note {
    case .brokersLost(let reason):
      count(error: "broker")
      log.warning("no broker can be reached", ["epoch": .integer(epoch), "error": .text(reason)])
    case .brokersBack: log.info("a broker answers again", ["epoch": .integer(epoch)])
    case .partitionFailed(let partition, let reason):
      count(error: "partition")
      log.warning(
        "a partition cannot be read",
        [
          "epoch": .integer(epoch), "topic": .text(input.topic), "partition": .integer(Int64(partition)),
          "error": .text(reason),
        ])
    case .partitionWorks(let partition):
      log.info(
        "a partition can be read again",
        ["epoch": .integer(epoch), "topic": .text(input.topic), "partition": .integer(Int64(partition))])
    case .notReady(let reasons):
      log.warning("not ready", ["epoch": .integer(epoch), "reasons": .text(reasons.joined(separator: "; "))])
    case .ready: log.info("ready", ["epoch": .integer(epoch)])
    }
  }

  /// Counts something that went wrong and that the engine survives.
  func count(error kind: String) { shared.withLock { $0.errors[kind, default: 0] += 1 } }

  /// Takes over a commit that was just written. Called on the landing's queue, or when the run is over.
  func noteCommit(_ commit: Commit, _ amended: [HotKey]) {
    let now = WallClock.nowMilliseconds()
    let repairedEventCount = shared.withLock { $0.run }?.wiring.landing.body.repairedEventCount
    let milliseconds = shared.withLock { shared -> Int64? in
      let milliseconds = shared.checkpointAskedMilliseconds.map { now - $0 }
      shared.commit = commit
      shared.storageProblem = nil
      shared.amended.formUnion(amended)
      shared.committedMilliseconds = now
      shared.commitDurationMilliseconds = milliseconds ?? shared.commitDurationMilliseconds
      shared.checkpointAskedMilliseconds = nil
      if let repairedEventCount { shared.repairedEventCount = repairedEventCount }
      return milliseconds
    }
    if let milliseconds { checkpointDurations.observe(Double(max(0, milliseconds)) / 1000) }
    log.debug(
      "committed",
      [
        "epoch": .integer(Int64(commit.epoch)), "incarnation": .integer(Int64(commit.incarnation)),
        "milliseconds": .integer(milliseconds ?? 0),
        "received": .integer(commit.sources.reduce(0) { $0 + $1.received }),
      ])
  }
}
