internal import Checkpoints
internal import Dataflow
internal import HotIndex
internal import Ingest
internal import Windows

extension LiveEngine {
  /// What `run` tells everybody else.
  struct Shared {
    var run: LiveRun<DispatchRuntime>?
    var commit: Commit?
    var committedMilliseconds: Int64?
    var commitDurationMilliseconds: Int64?
    var checkpointAskedMilliseconds: Int64?
    var isStopping = false
    var problem: String?
    /// Why the data directory takes no writes, until it has taken a commit again.
    var storageProblem: String?
    var phase = EnginePhase.starting
    /// By rollup, as of the latest publication.
    var lateness: [LatenessCounts] = []
    var repairedEventCount: Int64 = 0
    var errors = EngineLoad.noErrors
    /// Windows that a repair has changed in the store. Where they are live still, the merger does not know of it, so
    /// they are left to the store for good.
    var amended: Set<HotKey> = []
    /// The topic's partitions as they were looked up last, if they are more than those being read.
    var addedPartitions: [Int32]?
  }
}
