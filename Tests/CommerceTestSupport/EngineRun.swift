package import Checkpoints
package import ColdStore
package import Commerce
internal import Dataflow
package import Landing
internal import TestSupport

/// Runs a backfill on a data directory, in simulation or for real.
package struct EngineRun: Sendable {
  package let job: Job
  package let directory: String
  /// Called with each commit while it is the newest.
  /// Whether late messages are judged at each commit, as in a live run.
  package var repairsAlong = false
  package var onCommit: @Sendable (Commit) -> Void = { _ in }
  package var fileSystem: any FileSystem = LocalFileSystem()
  /// When commits are made, and how long they stay.
  package var history = CommitHistory()

  package init(_ settings: JobSettings, in directory: String) throws {
    job = try Job(settings)
    self.directory = directory
  }

  package func open() throws -> DataDirectory {
    try DataDirectory(
      path: directory, configuration: job.landing.configuration, fileSystem: fileSystem, history: history)
  }

  private func backfill(_ paths: [String], _ data: DataDirectory, _ runtime: any Runtime) throws -> Backfill {
    try Backfill(
      job: job, paths: paths, directory: data, runtime: runtime,
      repairsAlong: repairsAlong, onCommit: onCommit)
  }

  /// Nothing can run and not everything has ended.
  package struct Stuck: Error {
    let seed: UInt64
  }

  /// Steps a run until it ends, or until `steps` steps are made; everything in memory is gone then, as after a crash.
  ///
  /// - Parameters:
  ///   - checkpointOdds: about how many steps lie between two requests for a checkpoint.
  ///   - maximumCheckpoints: at most so many are asked for: asked for more often than barriers get through, checkpoints
  ///     would be all that sources do.
  /// - Returns: whether the run has ended.
  @discardableResult
  package func simulate(
    _ paths: [String], seed: UInt64, checkpointOdds: UInt64, maximumCheckpoints: Int = 20, steps: Int = .max
  ) throws -> Bool {
    let data = try open()
    let runtime = SimulationRuntime(seed: seed)
    let backfill = try backfill(paths, data, runtime)
    guard backfill.hasWork else { return true }
    var random = SeededRandom(seed: seed)
    var checkpoints = 0
    for _ in 0..<steps {
      if checkpoints < maximumCheckpoints, random.next() % checkpointOdds == 0 {
        checkpoints += 1
        backfill.checkpoint()
      }
      switch try runtime.step(backfill.graph) {
      case .stepped: continue
      case .finished: return true
      case .stuck: throw Stuck(seed: seed)
      }
    }
    return false
  }

  package func runOnDispatch(_ paths: [String]) throws {
    let data = try open()
    let runtime = DispatchRuntime()
    let backfill = try backfill(paths, data, runtime)
    backfill.graph.wakeAll()
    while !(try runtime.wait(timeoutMilliseconds: 100)) { backfill.checkpoint() }
  }
}
