public import Columns
public import HotIndex
public import Landing
public import Telemetry

/// What a partition is doing, for people and monitors.
public struct PartitionStatus: Sendable {
  public var topic: String
  public var partition: Int
  /// `active`, `paused`, `at_end`, `excluded`, `ended` (SEMANTICS §2.3).
  public var state: String
  /// The next offset to be read.
  public var offset: Int64
  /// Behind the log's last message; nil while unknown.
  public var endOffset: Int64?
  /// The partition's own watermark; nil before its first event.
  public var watermark: Int64?
  /// Messages read, and what became of them, of this run and those before.
  public var received: Int64
  public var accepted: Int64
  public var duplicates: Int64
  public var waiting: Int64
  public var deadLetters: Int64
  /// Dead letters by reason.
  public var reasons: [String: Int64]

  public init(topic: String, partition: Int, state: String, offset: Int64, endOffset: Int64?, watermark: Int64?) {
    self.topic = topic
    self.partition = partition
    self.state = state
    self.offset = offset
    self.endOffset = endOffset
    self.watermark = watermark
    received = 0
    accepted = 0
    duplicates = 0
    waiting = 0
    deadLetters = 0
    reasons = [:]
  }

  /// Messages that are in the log and not read yet; nil while unknown.
  public var lag: Int64? { endOffset.map { max(0, $0 - offset) } }
}

/// How the engine is, at one moment.
public struct EngineStatus: Sendable {
  public var partitions: [PartitionStatus]
  /// The newest commit's number, and how often the engine was started on its directory.
  public var commitEpoch: UInt64
  public var incarnation: UInt64
  /// Wall-clock time of the newest commit; nil before the first.
  public var committedMilliseconds: Int64?
  public var commitDurationMilliseconds: Int64?
  /// Whether old data is being read, so that wall-clock time does not carry the watermark on (SEMANTICS §2.4).
  public var isReplaying: Bool
  /// Why the engine is not ready, one sentence each; empty when it is.
  public var problems: [String]
  public var startedMilliseconds: Int64
  /// Who gets results from the outbox. That one is slow or absent is its own affair: the engine is ready nevertheless.
  public var sinks: [SinkStatus]
  public var phase: EnginePhase
  /// Of the parts that never rest; empty while none of them has anything to do.
  public var lifeSigns: [LifeSign]

  public init(
    partitions: [PartitionStatus], commitEpoch: UInt64, incarnation: UInt64, committedMilliseconds: Int64?,
    commitDurationMilliseconds: Int64?, isReplaying: Bool, problems: [String], startedMilliseconds: Int64,
    sinks: [SinkStatus] = [], phase: EnginePhase = .running, lifeSigns: [LifeSign] = []
  ) {
    self.partitions = partitions
    self.commitEpoch = commitEpoch
    self.incarnation = incarnation
    self.committedMilliseconds = committedMilliseconds
    self.commitDurationMilliseconds = commitDurationMilliseconds
    self.isReplaying = isReplaying
    self.problems = problems
    self.startedMilliseconds = startedMilliseconds
    self.sinks = sinks
    self.phase = phase
    self.lifeSigns = lifeSigns
  }
}

/// Open sessions of a moment: how many, and the rows of some, in the columns of the table of sessions.
public struct OpenSessionRows: Sendable {
  public let count: Int
  public let rows: Batch

  public init(count: Int, rows: Batch) {
    self.count = count
    self.rows = rows
  }
}

/// What a running engine lets others see. Nothing here waits for the engine or makes it wait.
public protocol EngineView: Sendable {
  var job: Job { get }
  /// The data directory, whose newest commit holds everything that is sealed.
  var directory: String { get }
  var status: EngineStatus { get }
  var hot: HotSnapshot { get }
  /// How long barriers kept key groups from their input, in seconds: one value for each key group and checkpoint.
  var checkpointStalls: Histogram { get }
  /// How long checkpoints took from the request to the commit, in seconds.
  var checkpointDurations: Histogram { get }
  /// How the engine spends its time, memory and disk. Looks at the disk.
  var load: EngineLoad { get }
  /// The messages that have come, committed or not; nil while none are taken. `answer` is called once, on another
  /// queue.
  func present(_ answer: @escaping @Sendable (Present?) -> Void)
  /// The open sessions of key `key`; `answer` is called once, on another queue.
  func openSessions(of key: [UInt8], _ answer: @escaping @Sendable (OpenSessionRows) -> Void)
  /// The open sessions whose last event is after `time`: their number, and the rows of at most `limit`, those of the
  /// newest last events. `answer` is called once, on another queue.
  func openSessions(activeAfter time: Int64, limit: Int, _ answer: @escaping @Sendable (OpenSessionRows) -> Void)
}
