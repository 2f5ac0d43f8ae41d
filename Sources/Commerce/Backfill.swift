public import Checkpoints
public import ColdStore
internal import Columns
public import Dataflow
internal import Ingest
public import Landing
internal import Windows

/// The graph of the job over files: one lane a file, key groups, merger, landing.
///
/// Continues a directory from its newest commit; a file that was read to its end before is skipped. The same wiring
/// runs on Dispatch and in the simulation.
public final class Backfill {
  /// A file to read, as a source of the job.
  public struct Input: Sendable {
    public let path: String
    public let state: SourceState
    /// Read to its end by an earlier run.
    public var isSkipped: Bool { state.isDone }
  }

  public let graph: Graph
  public let inputs: [Input]
  private let runtime: any Runtime
  private var epoch: UInt64
  private let readProgress: ReadProgress

  /// - Parameters:
  ///   - onCommit: called on the landing's queue after each commit.
  public init(
    job: Job, paths: [String], directory: DataDirectory, fileSystem: any FileSystem, runtime: any Runtime,
    onCommit: @escaping @Sendable (Commit) -> Void
  ) throws {
    var commit = directory.commit ?? Commit(epoch: 0)
    commit.incarnation += 1
    inputs = try Backfill.match(paths, known: commit.sources)
    commit.sources = Backfill.merged(commit.sources, inputs)
    epoch = commit.epoch
    self.runtime = runtime
    graph = Graph(runtime: runtime, epoch: commit.epoch)
    let wiring = try Wiring(
      job: job, graph: graph, directory: directory, commit: commit, fileSystem: fileSystem, onCommit: onCommit)
    try wiring.restore(directory.commit, log: directory.log)
    readProgress = wiring.progress
    try wiring.addLanes(inputs.filter { !$0.isSkipped })
  }

  /// How far the lanes have read in this run: bytes and messages.
  public var progress: (bytes: Int64, messages: Int64) { readProgress.total }

  public var hasWork: Bool { inputs.contains { !$0.isSkipped } }

  /// Asks for a commit of what has been read so far.
  public func checkpoint() {
    epoch += 1
    graph.requestCheckpoint(epoch: epoch)
  }

  // MARK: - Files and sources

  /// Which source each file is: one that the directory knows by name, size and content, or a new one.
  private static func match(_ paths: [String], known: [SourceState]) throws -> [Input] {
    var unclaimed = known
    var nextIdentifier = (known.map(\.id).max() ?? -1) + 1
    return try paths.map { path in
      let name = FileName.last(of: path)
      let size = try LineReader.size(of: path)
      let claimed = try unclaimed.firstIndex { try $0.topic == name && $0.byteCount == size && isSame($0, path) }
      if let claimed { return Input(path: path, state: unclaimed.remove(at: claimed)) }
      let state = SourceState(id: nextIdentifier, topic: name, partition: nextIdentifier, byteCount: size)
      nextIdentifier += 1
      return Input(path: path, state: state)
    }
  }

  /// Whether `path` begins with the bytes that `state` has read. Reads those.
  private static func isSame(_ state: SourceState, _ path: String) throws -> Bool {
    let reader = try LineReader(path: path, maximumLineBytes: 1 << 20)
    do {
      try reader.skip(to: state.byteOffset, checksum: state.checksum)
      return true
    } catch {
      return false
    }
  }

  private static func merged(_ known: [SourceState], _ inputs: [Input]) -> [SourceState] {
    known + inputs.map(\.state).filter { state in !known.contains { $0.id == state.id } }
  }
}

/// Connects the parts of one run.
private struct Wiring {
  /// The landing encodes tens of thousands of rows at a time: what the others can do meanwhile needs room.
  private static let landingCredits = 24

  let job: Job
  let graph: Graph
  let checkpoints = CheckpointCollector()
  let progress = ReadProgress()
  let keyGroups: [Stage<KeyGroup>]
  let merger: Stage<Merger>
  let landing: Stage<Landing>

  init(
    job: Job, graph: Graph, directory: DataDirectory, commit: Commit, fileSystem: any FileSystem,
    onCommit: @escaping @Sendable (Commit) -> Void
  ) throws {
    self.job = job
    self.graph = graph
    let store = StorePlan(
      directory: directory.path, fileSystem: fileSystem, rowGroupRows: job.settings.rowGroupRows,
      segmentBytes: job.settings.segmentBytes)
    var tables: [String: TableStore] = [:]
    for (name, schema, timeColumn) in job.tables {
      tables[name] = try TableStore(
        name: name, schema: schema, timeColumn: timeColumn, plan: store,
        continuing: commit.tables.first { $0.name == name }, sequence: (commit.epoch + 1) * 1000)
    }
    let watermark = directory.commit.map(\.watermark).flatMap { $0 == EventTime.distantPast ? nil : $0 }
    let checkpoints = checkpoints
    landing = graph.add(
      Landing(
        plan: job.landing, tables: tables, log: directory.log, commit: commit, checkpoints: checkpoints,
        onCommit: onCommit),
      name: "landing")
    let fromMerger = graph.connect(to: landing, capacity: Wiring.landingCredits)
    merger = graph.add(
      Merger(
        tables: job.rollupTables, allowedLatenessMilliseconds: job.settings.allowedLatenessMilliseconds,
        sink: fromMerger, checkpoints: checkpoints),
      name: Merger.name, sendingOn: [fromMerger], watermark: watermark)
    var keyGroups: [Stage<KeyGroup>] = []
    for index in 0..<job.settings.keyGroupCount {
      let name = "key-group-\(index)"
      let toMerger = graph.connect(to: merger)
      let toLanding = graph.connect(to: landing, capacity: Wiring.landingCredits)
      let body = KeyGroup(
        name: name, plan: job.keyed, sealedThrough: commit.sealedThrough, merger: toMerger, sink: toLanding,
        checkpoints: checkpoints)
      keyGroups.append(graph.add(body, name: name, sendingOn: [toMerger, toLanding], watermark: watermark))
    }
    self.keyGroups = keyGroups
  }

  func restore(_ commit: Commit?, log: CommitLog) throws {
    guard let commit else { return }
    for (name, state) in commit.operatorStates {
      let bytes = try log.readState(state)
      if name == Merger.name {
        try merger.body.restore(from: bytes)
      } else {
        for (index, keyGroup) in keyGroups.enumerated() { try keyGroup.body.restore(from: bytes, group: index) }
      }
    }
  }

  func addLanes(_ inputs: [Backfill.Input]) throws {
    let graph = graph
    // Held by lanes, which the graph holds.
    let alignment = Alignment(
      partitions: inputs.map(\.state.id), outOfOrdernessMilliseconds: job.settings.outOfOrdernessMilliseconds,
      maximumDriftMilliseconds: job.settings.maximumDriftMilliseconds
    ) { [weak graph] in graph?.wakeAll() }
    for input in inputs {
      let state = input.state
      let name = "lane-\(state.id)"
      let reader = try LineReader(path: input.path, maximumLineBytes: job.settings.maximumMessageBytes)
      let position = SourcePosition(
        source: state.id, nextOffset: state.nextOffset, byteOffset: state.byteOffset, checksum: state.checksum,
        maximumEventTime: state.maximumEventTime)
      let toKeyGroups = keyGroups.map { graph.connect(to: $0) }
      let toLanding = graph.connect(to: landing, capacity: Wiring.landingCredits)
      let lane = try FileLane(
        name: name, plan: job.lane, reader: reader, position: position, alignment: alignment, keyGroups: toKeyGroups,
        sink: toLanding, checkpoints: checkpoints, progress: progress)
      graph.add(lane, name: name, sendingOn: toKeyGroups + [toLanding])
    }
  }
}
