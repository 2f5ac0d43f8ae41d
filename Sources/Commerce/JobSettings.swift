public import Checkpoints
internal import Columns
public import Landing
public import Windows

/// Everything that a person may configure about the job, in the engine's units.
public struct JobSettings: Sendable {
  public struct Rollup: Sendable, Equatable {
    public var name: String
    public var shape: WindowShape
    public var groupBy: [String]

    public init(name: String, shape: WindowShape, groupBy: [String] = []) {
      self.name = name
      self.shape = shape
      self.groupBy = groupBy
    }
  }

  public var outOfOrdernessMilliseconds: Int64 = 5_000
  public var allowedLatenessMilliseconds: Int64 = 600_000
  public var maximumDriftMilliseconds: Int64 = 60_000
  /// How long a partition stands at the end of its log before it is left out of the watermark.
  public var idleTimeoutMilliseconds: Int64 = 10_000
  /// An event this much older than its message's arrival is being replayed: wall-clock time then moves no watermark.
  public var liveThresholdMilliseconds: Int64 = 3_600_000
  /// An event this much later than its message's arrival does not move the watermark.
  public var maximumFutureSkewMilliseconds: Int64 = 300_000
  /// How long a message that came too late to be judged from memory waits at least, while the engine runs.
  public var repairIntervalMilliseconds: Int64 = 60_000
  /// How long windows stay in memory for HTTP after they have ended, in event time.
  public var hotRetentionMilliseconds: Int64 = 86_400_000
  public var deduplicationHorizonMilliseconds: Int64 = 3_600_000
  public var sessionRules = SessionRules.ga4
  public var sessionMode = SessionMode.given
  public var rollups = [
    Rollup(name: Kpis.defaultRollup, shape: .tumbling(size: 60_000, offset: 0))
  ]
  public var funnelSteps = ["page_view", "add_to_cart", "purchase"]
  public var funnelWindowMilliseconds: Int64 = 86_400_000
  /// The currency whose sums are shown as revenue; without one, that of a window with a single currency.
  public var currency: String?
  public var typeNames = [
    "page_view", "click", "search", "add_to_cart", "remove_from_cart", "begin_checkout", "purchase", "refund",
    "order.*", "payment.*", "review.*",
  ]
  public var typeAliases: [String: String] = [:]
  public var distinctExactLimit = 65_536
  public var keyGroupCount = 4
  public var maximumBatchRecords = 8_192
  /// What may wait on each edge to the landing, in rows. It takes nothing while it writes a commit, for a tenth of a
  /// second perhaps: whatever comes meanwhile needs room, or events wait for disks to be seen. So many are a dozen
  /// seconds of a busy shop, or the batches of a dozen turns at full speed.
  public var landingCredits = 49_152
  public var maximumMessageBytes = 1 << 20
  public var checkpointIntervalMilliseconds: Int64 = 5_000
  public var rowGroupRows = 65_536
  public var segmentBytes = 64 << 20
  public var compaction = CompactionRules()
  public var compactedEventOrder = EventOrder.session
  /// How long behind the watermark, in event time, whole days are kept; for good where nil.
  public var eventRetentionMilliseconds: Int64?
  public var sessionRetentionMilliseconds: Int64?
  public var orderRetentionMilliseconds: Int64?
  public var kpiRetentionMilliseconds: Int64?
  /// Which commits are kept for readers.
  public var history = CommitHistory(retentionMilliseconds: 10 * EventTime.minute)

  public init() {}

  /// Checks the steps of a funnel: at least two, each of them one of the names and patterns in `typeNames`.
  public static func checkFunnel(_ steps: [String], typeNames: [String]) throws(JobSettingsError) {
    for step in steps where !typeNames.contains(step) {
      throw JobSettingsError("funnel.steps has '\(step)', which event_types.names has not")
    }
    guard steps.count >= 2 else { throw JobSettingsError("funnel.steps: a funnel has at least two steps") }
  }
}

/// Settings that no job can be made of: what, and what is allowed.
public struct JobSettingsError: Error, Sendable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}
