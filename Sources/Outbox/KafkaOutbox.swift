public import Checkpoints
public import Commerce
internal import Dispatch
public import Kafka
internal import Landing
internal import Windows

/// Which topics get what, and how.
public struct OutboxPlan: Sendable {
  public var configuration: KafkaConfiguration
  /// Of KPI windows; nil for none.
  public var resultsTopic: String?
  public var deadLettersTopic: String?
  /// Of a topic that has to be created.
  public var partitionCount = 4
  /// How long the end of a run waits for what is not delivered.
  public var flushMilliseconds = 5_000

  public init(configuration: KafkaConfiguration, resultsTopic: String?, deadLettersTopic: String?) {
    self.configuration = configuration
    self.resultsTopic = resultsTopic
    self.deadLettersTopic = deadLettersTopic
  }
}

/// The outbox to Kafka: KPI windows and dead letters to topics, exactly once for a reader that keeps the highest epoch
/// of each key (README).
///
/// Nothing waits for it but `drain`. Memory: for each topic one row group, and one chunk of at most 2,000 windows or
/// about 4 MiB of letters.
public final class KafkaOutbox: Outbox {
  private let plan: OutboxPlan
  private let topics: [OutboxSink]
  /// Of topics that get nothing in this run: they go on where they were when they are configured again.
  private let idle: [OutboxCursor]

  /// - Parameters:
  ///   - directory: the data directory that the engine works on.
  ///   - commit: the one that the engine continues; nil in a new directory.
  public init(_ plan: OutboxPlan, job: Job, directory: String, continuing commit: Commit?) {
    self.plan = plan
    let known = commit?.outbox ?? []
    func sink(_ name: String, _ topic: String?, _ source: any MessageSource) -> OutboxSink? {
      topic.map { topic in
        var cursor = known.first { $0.topic == topic } ?? OutboxCursor(topic: topic)
        // Tables that were made anew have fewer rows than were sent of the old ones: all of them are news.
        for table in commit?.tables ?? [] where cursor.rows[table.name] ?? 0 > table.nextSequence {
          cursor.rows[table.name] = nil
        }
        return OutboxSink(name, cursor, plan: plan, directory: directory, source: source)
      }
    }
    topics = [
      sink("results", plan.resultsTopic, ResultMessages(job: job)),
      sink("dead_letters", plan.deadLettersTopic, DeadLetterMessages(table: TableNames.deadLetters)),
    ].compactMap { $0 }
    let active = [plan.resultsTopic, plan.deadLettersTopic]
    idle = known.filter { !active.contains($0.topic) }
  }

  public var cursors: [OutboxCursor] { (topics.map(\.cursor) + idle).sorted { $0.topic < $1.topic } }

  public var sinks: [SinkStatus] { topics.map(\.status) }

  public func committed(_ commit: Commit) { for topic in topics { topic.offer(commit) } }

  public func drain() -> Bool {
    let deadline = DispatchTime.now() + .milliseconds(plan.flushMilliseconds)
    let tick = DispatchSemaphore(value: 0)
    while !topics.allSatisfy(\.isCaughtUp) {
      guard DispatchTime.now() < deadline else { return false }
      _ = tick.wait(timeout: .now() + .milliseconds(5))
    }
    return true
  }

  public func stop() { for topic in topics { topic.stop() } }
}
