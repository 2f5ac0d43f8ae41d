public import Dataflow
public import Windows

/// What a running engine tells monitors beside its status: how it spends its time, its memory and its disk. Counts are
/// of this process; those of operators, reading and lateness begin anew with each run of the graph.
public struct EngineLoad: Sendable {
  /// A table at the newest commit.
  public struct Table: Sendable, Equatable {
    public var name: String
    /// Rows that readers see.
    public var rowCount: Int64
    /// Rows that are no longer visible and still take room.
    public var deletedRowCount: Int64
    public var segmentCount: Int
    public var segmentBytes: Int64
    public var tailBytes: Int64
  }

  /// Classes of errors, each with none.
  static let noErrors: [String: Int64] = ["broker": 0, "partition": 0, "storage": 0, "compaction": 0]

  public var operators: [OperatorLoad] = []
  /// By the rollup's name.
  public var lateness: [String: LatenessCounts] = [:]
  /// Events that came too late to be judged from memory, and were accepted by a repair.
  public var repairedEventCount: Int64 = 0
  /// Of messages' payloads.
  public var readBytes: Int64 = 0
  public var readMessageCount: Int64 = 0
  public var tables: [Table] = []
  /// Of operators' states at the newest commit.
  public var stateBytes: Int64 = 0
  /// Days of tables that have segments to be merged.
  public var waitingMergeCount = 0
  /// By class, how often something went wrong that the engine survived.
  public var errors: [String: Int64] = noErrors
  /// Bounds that were configured, by what they bound.
  public var memoryLimitBytes: [String: Int64] = [:]
  /// Nil where it is not known.
  public var diskAvailableBytes: Int64?
  public var diskTotalBytes: Int64?
  public var isBrokerConnected = false

  public init() {}
}
