internal import Checkpoints
internal import ColdStore
internal import Commerce
internal import Dispatch
internal import Kafka
internal import Query
internal import Synchronization
internal import Telemetry

/// One topic and all that is sent to it, on a queue of its own: it may be as slow as it likes.
///
/// It always looks at the newest commit; those that come while it works are skipped, since the newest tells of all
/// that they told of.
///
/// `@unchecked Sendable`: `source` and `sender` are touched on `queue` alone, all else is behind `shared`.
final class OutboxSink: @unchecked Sendable {
  private struct Shared {
    var cursor: OutboxCursor
    var newest: Commit?
    /// The newest commit of which everything was delivered.
    var delivered: Commit?
    var isWorking = false
    var isStopped = false
    var deliveredMilliseconds: Int64?
    var waitingSinceMilliseconds: Int64?
    var problem: String?
  }

  private static let retryMilliseconds = 500
  /// A broker that takes so long to acknowledge is a problem to be shown.
  private static let slowMilliseconds: Int64 = 2_000

  private let name: String
  private let plan: OutboxPlan
  private let directory: String
  private let tables: [String]
  private let shared: Mutex<Shared>
  private let queue: DispatchQueue
  private let stopping = DispatchSemaphore(value: 0)
  private var source: any MessageSource
  private var sender: TopicSender?

  init(
    _ name: String, _ cursor: OutboxCursor, plan: OutboxPlan, directory: String, source: any MessageSource
  ) {
    self.name = name
    self.plan = plan
    self.directory = directory
    self.source = source
    tables = source.tables
    shared = Mutex(Shared(cursor: cursor))
    queue = DispatchQueue(label: "riffle.outbox.\(name)", qos: .utility)
  }

  var cursor: OutboxCursor { shared.withLock { $0.cursor } }
  var isCaughtUp: Bool { shared.withLock { $0.delivered?.epoch == $0.newest?.epoch } }

  var status: SinkStatus {
    let shared = shared.withLock { $0 }
    let lag = tables.reduce(Int64(0)) { lag, table in
      let next = shared.newest?.tables.first { $0.name == table }?.nextSequence ?? 0
      return lag + max(0, next - (shared.cursor.rows[table] ?? 0))
    }
    return SinkStatus(
      name: name, topic: shared.cursor.topic, messageCount: shared.cursor.messageCount, lagRows: lag,
      deliveredMilliseconds: shared.deliveredMilliseconds, problem: shared.problem)
  }

  /// Goes to work on `commit` when it has done what it is doing.
  func offer(_ commit: Commit) {
    let mustBegin = shared.withLock { shared in
      shared.newest = commit
      guard !shared.isWorking, !shared.isStopped else { return false }
      shared.isWorking = true
      return true
    }
    if mustBegin { queue.async { [self] in work() } }
  }

  /// Ends the work; returns when nothing is sent any more.
  func stop() {
    shared.withLock { $0.isStopped = true }
    stopping.signal()
    queue.sync { sender = nil }
  }

  // MARK: - On the queue

  private func work() {
    while let commit = nextCommit() {
      do {
        try deliver(commit)
        shared.withLock { shared in
          shared.delivered = commit
          shared.problem = nil
        }
      } catch is TopicSender.Stopped {
        continue
      } catch {
        // Files of a commit that is no longer the newest may be swept while they are read.
        let isOutdated = shared.withLock { $0.newest?.epoch != commit.epoch } && !(error is KafkaError)
        sender = nil
        guard !isOutdated else { continue }
        shared.withLock { $0.problem = "\(error)" }
        if stopping.wait(timeout: .now() + .milliseconds(OutboxSink.retryMilliseconds)) == .success {
          stopping.signal()
        }
      }
    }
  }

  private func nextCommit() -> Commit? {
    shared.withLock { shared in
      if !shared.isStopped, shared.newest?.epoch != shared.delivered?.epoch { return shared.newest }
      shared.isWorking = false
      return nil
    }
  }

  private func deliver(_ commit: Commit) throws {
    let snapshot = Snapshot(directory: directory, commit: commit)
    let epoch = KafkaHeader(name: OutboxHeader.epoch, value: OutboxHeader.epoch(of: commit))
    try source.look(snapshot, from: cursor) { chunk in
      if !chunk.messages.isEmpty { try send(chunk.messages, epoch) }
      shared.withLock { shared in
        shared.cursor.rows.merge(chunk.rows) { $1 }
        shared.cursor.messageCount += Int64(chunk.messages.count)
      }
    }
  }

  private func send(_ messages: [OutboxMessage], _ epoch: KafkaHeader) throws {
    if isStopped { throw TopicSender.Stopped() }
    let sender = try sender ?? TopicSender(plan.configuration, topic: cursor.topic, partitionCount: plan.partitionCount)
    self.sender = sender
    let first = cursor.messageCount
    let numbered = messages.enumerated().map { index, message in
      var message = message
      let number = Array("\(first + Int64(index))".utf8)
      message.headers += [epoch, KafkaHeader(name: OutboxHeader.sequence, value: number)]
      return message
    }
    shared.withLock { $0.waitingSinceMilliseconds = WallClock.nowMilliseconds() }
    try sender.deliver(numbered) { trouble in
      note(trouble)
      return !isStopped
    }
    shared.withLock { shared in
      shared.deliveredMilliseconds = WallClock.nowMilliseconds()
      shared.problem = nil
    }
  }

  private var isStopped: Bool { shared.withLock { $0.isStopped } }

  /// Shows why nothing moves, once it takes long.
  private func note(_ trouble: KafkaError?) {
    shared.withLock { shared in
      let waited = WallClock.nowMilliseconds() - (shared.waitingSinceMilliseconds ?? 0)
      guard waited > OutboxSink.slowMilliseconds else { return }
      let reason = trouble.map { ": \($0)" } ?? ""
      shared.problem = "nothing was acknowledged for \(waited / 1000) s\(reason)"
    }
  }
}
