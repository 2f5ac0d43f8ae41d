public import Checkpoints

/// What sends committed results to others, each at its own pace; nothing here waits for a receiver but `drain`.
///
/// The engine tells it of each commit. Whatever a commit has made durable is delivered at least once, and what was
/// delivered is part of the next commit: after a crash only what lies between is sent again.
public protocol Outbox: Sendable {
  /// What was delivered by now.
  var cursors: [OutboxCursor] { get }
  var sinks: [SinkStatus] { get }
  /// Called after each commit, in order, and once with the commit that an engine continues.
  func committed(_ commit: Commit)
  /// Waits until what the newest commit holds is delivered, for a bounded time; false if something is left.
  func drain() -> Bool
  /// Ends all sending; what is under way may or may not arrive.
  func stop()
}

/// How a receiver of results stands.
public struct SinkStatus: Sendable, Equatable {
  /// What it receives: `results` or `dead_letters`.
  public var name: String
  public var topic: String
  /// Messages acknowledged, in this run and before.
  public var messageCount: Int64
  /// Rows that are committed and not delivered yet.
  public var lagRows: Int64
  /// Wall-clock time of the newest acknowledgement in this run; nil before the first.
  public var deliveredMilliseconds: Int64?
  /// Why nothing is delivered at present; nil while all is well.
  public var problem: String?

  public init(
    name: String, topic: String, messageCount: Int64, lagRows: Int64, deliveredMilliseconds: Int64? = nil,
    problem: String? = nil
  ) {
    self.name = name
    self.topic = topic
    self.messageCount = messageCount
    self.lagRows = lagRows
    self.deliveredMilliseconds = deliveredMilliseconds
    self.problem = problem
  }
}
