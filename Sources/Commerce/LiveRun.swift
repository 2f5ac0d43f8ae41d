package import Checkpoints
internal import Columns
package import Dataflow
package import HotIndex
package import Ingest
package import Landing
internal import Synchronization
internal import Windows

/// A partition that is read.
package struct LivePartition: Sendable {
  let source: SourceState
  let log: any PartitionLog
  /// Where a bounded run ends.
  let endOffset: Int64?
  let report: LaneReport

  /// - Parameters:
  ///   - log: stands where `source` is to be read from.
  ///   - wallClock: milliseconds since 1970, for messages that carry no time.
  package init(
    _ source: SourceState, _ log: any PartitionLog, endOffset: Int64?, wallClock: @escaping @Sendable () -> Int64
  ) {
    self.source = source
    self.log = log
    self.endOffset = endOffset
    report = LaneReport(wallClock: wallClock)
  }
}

/// One life of the graph over partitions: from a commit until it is stopped, ends, or a partition is added. On Dispatch
/// over Kafka in production; the simulation brings its own runtime, logs and clock.
///
/// `@unchecked Sendable`: its parts are; the operators behind `wiring` are touched on their own queues only.
package final class LiveRun<Runner: Runtime>: @unchecked Sendable {
  package let graph: Graph
  package let runtime: Runner
  package let clock: SourceClock
  let partitions: [LivePartition]
  let wiring: Wiring
  private let job: Job

  /// The messages that have come, committed or not. Called where the landing runs.
  package func present() -> Present { wiring.landing.body.present() }

  /// - Parameters:
  ///   - commit: the state to write on, with all sources.
  ///   - continuing: the newest commit; nil in a new directory.
  ///   - outboxCursors: what topics have got by now, for each commit; nil where nothing is sent.
  ///   - stallMeter: gets the stalls of key groups; nil where nobody asks.
  ///   - distrustsTails: whether writing has failed before in this process.
  ///   - nowMilliseconds: wall-clock time, since 1970.
  package init(
    job: Job, partitions: [LivePartition], directory: DataDirectory, commit: Commit, continuing: Commit?,
    outboxCursors: (@Sendable () -> [OutboxCursor])? = nil, stallMeter: StallMeter? = nil,
    distrustsTails: Bool = false, runtime: Runner, nowMilliseconds: Int64,
    onCompaction: @escaping @Sendable (CompactionNote) -> Void = { _ in },
    onCommit: @escaping @Sendable (Commit, [HotKey]) -> Void
  ) throws {
    self.job = job
    self.partitions = partitions
    self.runtime = runtime
    graph = Graph(runtime: runtime, epoch: commit.epoch)
    wiring = try Wiring(
      job: job, graph: graph, directory: directory, commit: commit, continuing: continuing,
      distrustsTails: distrustsTails, isLive: true, outboxCursors: outboxCursors,
      onCompaction: onCompaction, onCommit: onCommit)
    for keyGroup in wiring.keyGroups { keyGroup.stallMeter = stallMeter }
    let watermark = continuing.flatMap(Wiring.watermark)
    clock = SourceClock(
      LiveRun.watermark(job, partitions.map(\.source), continuing: watermark, now: nowMilliseconds),
      maximumDriftMilliseconds: job.settings.maximumDriftMilliseconds)
    for partition in partitions { addLane(partition, floor: watermark) }
  }

  private static func watermark(
    _ job: Job, _ sources: [SourceState], continuing: Int64?, now: Int64
  ) -> SourceWatermark {
    var watermark = SourceWatermark(
      outOfOrdernessMilliseconds: job.settings.outOfOrdernessMilliseconds,
      idleTimeoutMilliseconds: job.settings.idleTimeoutMilliseconds,
      liveThresholdMilliseconds: job.settings.liveThresholdMilliseconds, watermark: continuing)
    for source in sources {
      // Whether its last event was fresh is not kept; what was fresh lately, is.
      let isLive = source.maximumEventTime.map { abs(now - $0) <= job.settings.liveThresholdMilliseconds } ?? true
      watermark.add(source.id, newest: source.maximumEventTime, isLive: isLive)
    }
    return watermark
  }

  private func addLane(_ partition: LivePartition, floor: Int64?) {
    let source = partition.source
    let name = "lane-\(source.id)"
    let position = SourcePosition(
      source: source.id, nextOffset: source.nextOffset, maximumEventTime: source.maximumEventTime)
    let toKeyGroups = wiring.keyGroups.map { graph.connect(to: $0) }
    let toLanding = wiring.connectToLanding()
    let lane = KafkaLane(
      name: name, plan: job.lane, log: partition.log, endOffset: partition.endOffset, position: position,
      floor: floor, clock: clock, keyGroups: toKeyGroups, sink: toLanding, checkpoints: wiring.checkpoints,
      progress: wiring.progress, report: partition.report)
    graph.add(lane, name: name, sendingOn: toKeyGroups + [toLanding])
  }

  /// The greatest time of any event read; nil before the first.
  var newestEventTime: Int64? {
    let source = clock.source
    return partitions.compactMap { source.newest(of: $0.source.id) }.max()
  }

  /// What keeps partitions from being read.
  var problems: [String] { partitions.compactMap(\.report.value.problem) }
}
