public import Checkpoints
internal import ColdStore
internal import Dataflow
internal import Ingest
internal import Kafka
internal import Landing
internal import Synchronization
internal import Windows

extension LiveEngine {
  static let checkpointBoundsSeconds = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  public var load: EngineLoad {
    let shared = shared.withLock { $0 }
    var load = EngineLoad()
    if let run = shared.run {
      load.operators = run.graph.operatorLoads
      (load.readBytes, load.readMessageCount) = run.wiring.progress.total
    }
    load.lateness = Dictionary(
      zip(job.rollupTables.map(\.rollup.name), shared.lateness), uniquingKeysWith: { first, _ in first })
    load.repairedEventCount = shared.repairedEventCount
    load.errors = shared.errors
    load.isBrokerConnected = consumer.connectionState.phase == .connected
    load.memoryLimitBytes = [
      "kafka_queues": Int64(input.memoryBytes), "compaction": Int64(job.settings.compaction.memoryBytes),
    ]
    if let space = dataDirectory.fileSystem.space(directoryPath) {
      (load.diskAvailableBytes, load.diskTotalBytes) = (space.available, space.total)
    }
    guard let commit = shared.commit else { return load }
    load.tables = commit.tables.map(EngineLoad.Table.init)
    load.stateBytes = commit.operatorStates.values.joined().reduce(0) { $0 + Int64($1.byteCount) }
    load.waitingMergeCount = commit.waitingMergeCount(job.compactedTables, job.compactionRules)
    return load
  }
}

extension EngineLoad.Table {
  public init(_ table: TableState) {
    name = table.name
    deletedRowCount = table.deletions.values.reduce(0) { $0 + Int64($1.count) }
    let rowCount = table.segments.reduce(Int64(table.tail?.rowCount ?? 0)) { $0 + Int64($1.rowCount) }
    self.rowCount = rowCount - deletedRowCount
    segmentCount = table.segments.count
    segmentBytes = table.segments.reduce(0) { $0 + Int64($1.byteCount) }
    tailBytes = Int64(table.tail?.validLength ?? 0)
  }
}
