public import Checkpoints
internal import ColdStore
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
  ///   - repairsAlong: whether messages that came too late are judged all along, as in a run that has no end.
  ///   - onCommit: called on the landing's queue after each commit.
  public init(
    job: Job, paths: [String], directory: DataDirectory, runtime: any Runtime,
    repairsAlong: Bool = false, onCommit: @escaping @Sendable (Commit) -> Void
  ) throws {
    var commit = directory.commit ?? Commit(epoch: 0)
    commit.incarnation = directory.nextIncarnation
    inputs = try Backfill.match(paths, known: commit.sources)
    commit.sources = Backfill.merged(commit.sources, inputs)
    epoch = commit.epoch
    self.runtime = runtime
    graph = Graph(runtime: runtime, epoch: commit.epoch)
    let wiring = try Wiring(
      job: job, graph: graph, directory: directory, commit: commit, continuing: directory.commit,
      isLive: repairsAlong
    ) { commit, _ in onCommit(commit) }
    readProgress = wiring.progress
    try wiring.addLanes(inputs.filter { !$0.isSkipped }, floor: directory.commit.flatMap(Wiring.watermark))
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
