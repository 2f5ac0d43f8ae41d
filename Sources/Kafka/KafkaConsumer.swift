internal import CRdKafka

/// Reads partitions that its owner chooses: no group, no rebalance, no offset kept anywhere but by the owner.
///
/// ```swift
/// let consumer = try KafkaConsumer(configuration, memoryBytes: 256 << 20, partitionCount: 1)
/// let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
/// let events = reader.poll(maximumMessages: 4096, timeoutMilliseconds: 100) { message in … }
/// ```
///
/// Built on librdkafka's simple consumer with one queue a partition (`rd_kafka_consume_start_queue`). The group
/// consumer would need every partition named again for each one added, would need a coordinator to read at all, and
/// hands out a partition's queue after its first messages may have gone elsewhere; here partitions start and stop
/// alone, each with its queue from the first message on.
///
/// Isolation is `read_committed`; an offset that the broker does not have is an event (`auto.offset.reset=error`).
public final class KafkaConsumer: Sendable {
  private let handle: ClientHandle
  private let hasGroup: Bool

  /// Makes a client; connecting goes on in the background and shows in ``connectionState``.
  ///
  /// - Parameters:
  ///   - groupID: under which ``commit(_:)`` tells lag tools how far reading has come.
  ///   - memoryBytes: bound of what is fetched ahead, shared evenly by `partitionCount` partitions; each one added
  ///     later takes an equal share more. A fetch under way may exceed it by `max.partition.fetch.bytes`, unpacked.
  /// - Throws: a refused property, with librdkafka's explanation.
  public init(
    _ configuration: KafkaConfiguration, groupID: String? = nil, memoryBytes: Int = 256 << 20, partitionCount: Int
  ) throws(KafkaError) {
    var required = [
      ("enable.partition.eof", "true"), ("enable.auto.commit", "false"), ("auto.commit.enable", "false"),
      ("enable.auto.offset.store", "false"),
    ]
    if let groupID { required.append(("group.id", groupID)) }
    let budget = QueueBudget(memoryBytes: memoryBytes, partitionCount: partitionCount)
    let settings = try ClientSettings(
      configuration, defaults: KafkaConsumer.defaults + budget.properties, required: required)
    handle = try ClientHandle(
      RD_KAFKA_CONSUMER, settings, ClientMonitor(configuration, silenceMilliseconds: 3_000),
      brokers: configuration.brokers)
    hasGroup = groupID != nil
  }

  private static let defaults = [
    ("client.id", "riffle"), ("isolation.level", "read_committed"), ("auto.offset.reset", "error"),
    ("check.crcs", "true"),
    // A waiting fetch holds up every other request of its connection: wait a little only.
    ("fetch.wait.max.ms", "100"), ("fetch.error.backoff.ms", "100"),
    ("reconnect.backoff.ms", "100"), ("reconnect.backoff.max.ms", "2000"),
    // There is no session; but an offset to be committed waits this long for a coordinator that cannot be had, and
    // ending the client waits for it, busily.
    ("session.timeout.ms", "3000"),
    // Partitions that come into being are known this soon, and a topic that is missing is reported this soon.
    ("topic.metadata.refresh.interval.ms", "10000"), ("topic.metadata.propagation.max.ms", "1000"),
  ]

  /// Starts reading `starts` of `topic`; the readers are in the same order.
  public func assign(topic: String, _ starts: [PartitionStart]) throws(KafkaError) -> [PartitionReader] {
    var readers: [PartitionReader] = []
    for start in starts {
      readers.append(try PartitionReader(handle, topic: topic, partition: start.partition, from: start.from))
    }
    return readers
  }

  /// Starts reading one more partition, at any time. Reading ends with the last reference to the reader.
  ///
  /// Needs no broker: a partition or topic that is unknown so far is waited for, and its events say so. While connected
  /// it asks once for the topic's partitions, at most a second long, so that a new one is read at once.
  ///
  /// - Throws: when the partition has a reader already, or start or partition are negative.
  public func add(topic: String, partition: Int32, from start: StartOffset) throws(KafkaError) -> PartitionReader {
    let reader = try PartitionReader(handle, topic: topic, partition: partition, from: start)
    if connectionState.phase == .connected { reader.refreshMetadata(timeoutMilliseconds: 1000) }
    return reader
  }

  /// How the client stands with its brokers.
  public var connectionState: ConnectionState { handle.monitor.connectionState }

  /// Tells the group's coordinator how far reading has come, for lag tools only; returns at once.
  ///
  /// A failure shows as ``ConnectionState/lastError``; nothing depends on it.
  public func commit(_ offsets: [PartitionOffset]) throws(KafkaError) {
    guard hasGroup else {
      throw KafkaError(
        .configuration, code: "_UNKNOWN_GROUP", operation: "commit offsets", place: "",
        message: "no group is configured")
    }
    let list = PartitionList(offsets)
    try unsafe handle.check(rd_kafka_commit(handle.pointer, list.pointer, 1), "commit offsets", "")
  }

  /// The offsets that the group committed; partitions without one are left out. Asks the coordinator.
  public func committed(
    topic: String, partitions: [Int32], timeoutMilliseconds: Int
  ) throws(KafkaError) -> [Int32: Int64] {
    let list = PartitionList(partitions.map { PartitionOffset(topic: topic, partition: $0, offset: -1001) })
    let code = unsafe rd_kafka_committed(handle.pointer, list.pointer, Int32(timeoutMilliseconds))
    try handle.check(code, "look up committed offsets of", topic)
    var offsets: [Int32: Int64] = [:]
    try list.forEach { partition, offset, code throws(KafkaError) in
      try handle.check(code, "look up the committed offset of", "\(topic)[\(partition)]")
      if offset >= 0 { offsets[partition] = offset }
    }
    return offsets
  }
}
