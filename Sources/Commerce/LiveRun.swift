internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Dataflow
internal import HotIndex
internal import Ingest
internal import Kafka
internal import Landing
internal import Synchronization
internal import Telemetry
internal import Windows

/// One life of the graph over Kafka partitions: from a commit until it is stopped, ends, or a partition is added.
///
/// `@unchecked Sendable`: its parts are; the operators behind `wiring` are touched on their own queues only.
final class LiveRun: @unchecked Sendable {
  /// A partition that is read.
  struct Partition {
    let source: SourceState
    let reader: PartitionReader
    /// Where a bounded run ends.
    let endOffset: Int64?
    let report = LaneReport { WallClock.nowMilliseconds() }

    init(_ source: SourceState, _ reader: PartitionReader, endOffset: Int64?) {
      self.source = source
      self.reader = reader
      self.endOffset = endOffset
    }
  }

  let graph: Graph
  let runtime = DispatchRuntime()
  let clock: SourceClock
  let partitions: [Partition]
  let wiring: Wiring
  private let job: Job

  /// - Parameters:
  ///   - partitions: readers that stand where their sources are to be read from.
  ///   - commit: the state to write on, with all sources.
  ///   - continuing: the newest commit; nil in a new directory.
  ///   - outboxCursors: what topics have got by now, for each commit; nil where nothing is sent.
  ///   - distrustsTails: whether writing has failed before in this process.
  init(
    job: Job, partitions: [Partition], directory: DataDirectory, commit: Commit, continuing: Commit?,
    outboxCursors: (@Sendable () -> [OutboxCursor])?, fileSystem: any FileSystem, distrustsTails: Bool,
    onCommit: @escaping @Sendable (Commit, [HotKey]) -> Void
  ) throws {
    self.job = job
    self.partitions = partitions
    graph = Graph(runtime: runtime, epoch: commit.epoch)
    wiring = try Wiring(
      job: job, graph: graph, directory: directory, commit: commit, continuing: continuing,
      fileSystem: fileSystem, distrustsTails: distrustsTails, isLive: true, outboxCursors: outboxCursors,
      onCommit: onCommit)
    let watermark = continuing.map(\.watermark).flatMap { $0 == EventTime.distantPast ? nil : $0 }
    clock = SourceClock(
      LiveRun.watermark(job, partitions.map(\.source), continuing: watermark),
      maximumDriftMilliseconds: job.settings.maximumDriftMilliseconds)
    for partition in partitions { addLane(partition, floor: watermark) }
  }

  private static func watermark(_ job: Job, _ sources: [SourceState], continuing: Int64?) -> SourceWatermark {
    var watermark = SourceWatermark(
      outOfOrdernessMilliseconds: job.settings.outOfOrdernessMilliseconds,
      idleTimeoutMilliseconds: job.settings.idleTimeoutMilliseconds,
      liveThresholdMilliseconds: job.settings.liveThresholdMilliseconds, watermark: continuing)
    let now = WallClock.nowMilliseconds()
    for source in sources {
      // Whether its last event was fresh is not kept; what was fresh lately, is.
      let isLive = source.maximumEventTime.map { abs(now - $0) <= job.settings.liveThresholdMilliseconds } ?? true
      watermark.add(source.id, newest: source.maximumEventTime, isLive: isLive)
    }
    return watermark
  }

  private func addLane(_ partition: Partition, floor: Int64?) {
    let source = partition.source
    let name = "lane-\(source.id)"
    let position = SourcePosition(
      source: source.id, nextOffset: source.nextOffset, maximumEventTime: source.maximumEventTime)
    let toKeyGroups = wiring.keyGroups.map { graph.connect(to: $0) }
    let toLanding = graph.connect(to: wiring.landing, capacity: Wiring.landingCredits)
    let lane = KafkaLane(
      name: name, plan: job.lane, reader: partition.reader, endOffset: partition.endOffset, position: position,
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
