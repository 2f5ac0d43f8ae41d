internal import CRdKafka
internal import Dispatch
internal import Glibc
internal import Synchronization

/// What librdkafka's threads report about one client: its connection, its deliveries, its log.
///
/// Callbacks only note what happened and return; they never call back into the client, which could end it on a thread
/// of its own.
final class ClientMonitor: Sendable {
  private let connection: Mutex<ConnectionState>
  /// Written with every response, hence not under the lock; 0 before the first.
  private let lastResponseMilliseconds = Atomic<Int64>(0)
  private let isConnected = Atomic<Bool>(false)
  private let deliveries = Mutex(DeliveryCounts())
  private let onDelivery: (@Sendable (Delivery) -> Void)?
  private let log: (@Sendable (KafkaLogLine) -> Void)?
  private let partitionErrors = Mutex<[KafkaError]>([])
  private let hasPartitionErrors = Atomic<Bool>(false)
  /// Partitions that nobody reads any more leave theirs here: it must not grow for ever.
  private static let partitionErrorsMost = 1000
  /// Senders that wait for room in the producer's queue.
  private let waitingSenders = Atomic<Int>(0)
  private let room = DispatchSemaphore(value: 0)

  /// A client that always waits for an answer has lost its brokers if a connection broke and nothing came for so long.
  ///
  /// librdkafka does not always say that all brokers are down: up to 2.0 it counts a group's coordinator among those
  /// that must be, and not among those that are, once that is gone.
  private let silenceMilliseconds: Int64?

  /// - Parameter silenceMilliseconds: after a connection broke, so long without an answer means that all brokers are
  ///   lost; nil for clients that may have nothing to ask.
  init(
    _ configuration: KafkaConfiguration, silenceMilliseconds: Int64? = nil,
    onDelivery: (@Sendable (Delivery) -> Void)? = nil
  ) {
    self.silenceMilliseconds = silenceMilliseconds
    connection = Mutex(ConnectionState(sinceMilliseconds: ClientMonitor.nowMilliseconds()))
    log = configuration.log
    self.onDelivery = onDelivery
  }

  // MARK: What others ask

  var connectionState: ConnectionState {
    var state = connection.withLock { $0 }
    let response = lastResponseMilliseconds.load(ordering: .relaxed)
    state.lastResponseMilliseconds = response == 0 ? nil : response
    if state.phase == .connected, let silenceMilliseconds, state.lastError?.kind == .unreachable,
      let broken = state.lastErrorMilliseconds, broken >= response,
      ClientMonitor.nowMilliseconds() - broken > silenceMilliseconds
    {
      state.phase = .lost
      state.sinceMilliseconds = broken
    }
    return state
  }

  var deliveryCounts: DeliveryCounts { deliveries.withLock { $0 } }

  /// Waits until a message left the producer's queue, or for a short while.
  func waitForRoom() {
    waitingSenders.add(1, ordering: .relaxed)
    _ = room.wait(timeout: .now() + .milliseconds(10))
    waitingSenders.subtract(1, ordering: .relaxed)
  }

  // MARK: What librdkafka reports

  func noteResponse() {
    lastResponseMilliseconds.store(ClientMonitor.nowMilliseconds(), ordering: .relaxed)
    guard !isConnected.load(ordering: .relaxed) else { return }
    connection.withLock { state in
      state.phase = .connected
      state.sinceMilliseconds = ClientMonitor.nowMilliseconds()
      isConnected.store(true, ordering: .relaxed)
    }
  }

  func noteError(_ error: KafkaError, losesBrokers: Bool) {
    connection.withLock { state in
      let now = ClientMonitor.nowMilliseconds()
      // That all brokers are down says less than why the last of them is.
      if error.code != "_ALL_BROKERS_DOWN" || state.lastError == nil {
        state.lastError = error
        state.lastErrorMilliseconds = now
      }
      guard losesBrokers, state.phase != .lost else { return }
      state.phase = .lost
      state.sinceMilliseconds = now
      isConnected.store(false, ordering: .relaxed)
    }
  }

  /// Notes an error that is in a partition's queue; its message begins with the partition, as librdkafka writes it.
  func notePartitionError(_ error: KafkaError) {
    partitionErrors.withLock { if $0.count < ClientMonitor.partitionErrorsMost { $0.append(error) } }
    hasPartitionErrors.store(true, ordering: .releasing)
  }

  /// Takes what ``notePartitionError(_:)`` noted of one partition.
  func takePartitionErrors(topic: String, partition: Int32) -> [KafkaError] {
    guard hasPartitionErrors.load(ordering: .acquiring) else { return [] }
    let prefix = "\(topic) [\(partition)]: "
    return partitionErrors.withLock { errors in
      let taken = errors.filter { $0.message.hasPrefix(prefix) }
      errors.removeAll { $0.message.hasPrefix(prefix) }
      hasPartitionErrors.store(!errors.isEmpty, ordering: .relaxed)
      return taken.map {
        KafkaError(
          $0.kind, code: $0.code, operation: $0.operation, place: "\(topic)[\(partition)]",
          message: String($0.message.dropFirst(prefix.count)))
      }
    }
  }

  func noteDeliveries(delivered: Int, failures: [KafkaError], tokens: [Delivery]) {
    deliveries.withLock { counts in
      counts.delivered += delivered
      counts.failed += failures.count
      counts.firstError = counts.firstError ?? failures.first
    }
    if let onDelivery { tokens.forEach(onDelivery) }
    for _ in 0..<waitingSenders.load(ordering: .relaxed) { room.signal() }
  }

  func noteLog(level: Int, facility: String, text: String) {
    log?(KafkaLogLine(level: level, facility: facility, text: text))
  }

  var wantsLog: Bool { log != nil }

  static func nowMilliseconds() -> Int64 {
    var now = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &now)
    return Int64(now.tv_sec) * 1000 + Int64(now.tv_nsec) / 1_000_000
  }
}
