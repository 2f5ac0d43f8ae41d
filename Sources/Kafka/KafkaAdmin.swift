internal import CRdKafka

/// Looks at topics and changes them. Every call asks the broker and waits, at most its `timeoutMilliseconds`.
public final class KafkaAdmin: Sendable {
  let handle: ClientHandle

  public init(_ configuration: KafkaConfiguration) throws(KafkaError) {
    let defaults = [
      ("client.id", "riffle"), ("isolation.level", "read_committed"), ("reconnect.backoff.ms", "100"),
      ("reconnect.backoff.max.ms", "2000"),
    ]
    let settings = try ClientSettings(configuration, defaults: defaults, required: [("enable.auto.commit", "false")])
    // A consumer, since a producer's look at a missing topic may create it.
    handle = try ClientHandle(
      RD_KAFKA_CONSUMER, settings, ClientMonitor(configuration), brokers: configuration.brokers)
  }

  /// How the client stands with its brokers.
  public var connectionState: ConnectionState { handle.monitor.connectionState }

  /// Creates a topic and waits until it is there.
  ///
  /// - Parameter properties: of the topic, in Kafka's names (`retention.ms`).
  /// - Throws: ``KafkaError/Kind/topicExists`` if there is one, whatever its shape.
  public func createTopic(
    _ topic: String, partitionCount: Int, replicationFactor: Int = 1, properties: [(name: String, value: String)] = [],
    timeoutMilliseconds: Int = 10_000
  ) throws(KafkaError) {
    guard partitionCount > 0 else {
      throw KafkaAdmin.refusal("create topic", topic, "\(partitionCount) partitions are none")
    }
    let (created, message) = unsafe CText.collect {
      unsafe rd_kafka_NewTopic_new(topic, Int32(clamping: partitionCount), Int32(clamping: replicationFactor), $0, $1)
    }
    guard let created = unsafe created else { throw KafkaAdmin.refusal("create topic", topic, message) }
    defer { unsafe rd_kafka_NewTopic_destroy(created) }
    for (name, value) in properties {
      try unsafe KafkaError.check(rd_kafka_NewTopic_set_config(created, name, value), "set \(name) of topic", topic)
    }
    try unsafe request(RD_KAFKA_ADMIN_OP_CREATETOPICS, "create topic", topic, timeoutMilliseconds) { options, queue in
      var list = unsafe [created as OpaquePointer?]
      unsafe rd_kafka_CreateTopics(handle.pointer, &list, 1, options, queue)
    }
  }

  /// Adds partitions until `topic` has `partitionCount`. Messages stay where they are; keys map anew from now on.
  public func addPartitions(
    topic: String, partitionCount: Int, timeoutMilliseconds: Int = 10_000
  ) throws(KafkaError) {
    let (created, message) = unsafe CText.collect {
      unsafe rd_kafka_NewPartitions_new(topic, max(0, partitionCount), $0, $1)
    }
    guard let created = unsafe created else { throw KafkaAdmin.refusal("add partitions to", topic, message) }
    defer { unsafe rd_kafka_NewPartitions_destroy(created) }
    try unsafe request(RD_KAFKA_ADMIN_OP_CREATEPARTITIONS, "add partitions to", topic, timeoutMilliseconds) {
      options, queue in
      var list = unsafe [created as OpaquePointer?]
      unsafe rd_kafka_CreatePartitions(handle.pointer, &list, 1, options, queue)
    }
  }

  private static func refusal(_ operation: String, _ topic: String, _ message: String) -> KafkaError {
    KafkaError(.configuration, code: "_INVALID_ARG", operation: operation, place: topic, message: message)
  }

  /// Sends a request about one topic and waits for its result.
  private func request(
    _ kind: rd_kafka_admin_op_t, _ operation: String, _ topic: String, _ timeoutMilliseconds: Int,
    _ send: (_ options: OpaquePointer?, _ queue: OpaquePointer?) -> Void
  ) throws(KafkaError) {
    let options = unsafe rd_kafka_AdminOptions_new(handle.pointer, kind)
    defer { unsafe rd_kafka_AdminOptions_destroy(options) }
    let timeout = Int32(clamping: max(1, timeoutMilliseconds))
    // The request ends by itself in time; the operation's own limit lets the broker wait until the change is done.
    _ = unsafe CText.collect { unsafe rd_kafka_AdminOptions_set_request_timeout(options, timeout, $0, $1) }
    _ = unsafe CText.collect { unsafe rd_kafka_AdminOptions_set_operation_timeout(options, timeout, $0, $1) }
    let queue = unsafe rd_kafka_queue_new(handle.pointer)
    defer { unsafe rd_kafka_queue_destroy(queue) }
    unsafe send(options, queue)
    // Waits a little longer than the request, which always ends in an event.
    guard let event = unsafe rd_kafka_queue_poll(queue, timeout &+ 5000) else {
      throw handle.error(RD_KAFKA_RESP_ERR__TIMED_OUT, operation, topic)
    }
    defer { unsafe rd_kafka_event_destroy(event) }
    try unsafe handle.check(rd_kafka_event_error(event), operation, topic)
    try unsafe KafkaAdmin.checkTopics(of: event, operation, topic)
  }

  /// Throws the first topic's error in a result; the broker's explanation is in it.
  private static func checkTopics(
    of event: OpaquePointer, _ operation: String, _ topic: String
  ) throws(KafkaError) {
    var count = 0
    var results: UnsafeMutablePointer<OpaquePointer?>?
    // The results live as long as the event.
    if let result = unsafe rd_kafka_event_CreateTopics_result(event) {
      unsafe results = rd_kafka_CreateTopics_result_topics(result, &count)
    } else if let result = unsafe rd_kafka_event_CreatePartitions_result(event) {
      unsafe results = rd_kafka_CreatePartitions_result_topics(result, &count)
    }
    for index in 0..<count {
      guard let entry = unsafe results?[index] else { continue }
      let code = unsafe rd_kafka_topic_result_error(entry)
      guard code != RD_KAFKA_RESP_ERR_NO_ERROR else { continue }
      let message = unsafe rd_kafka_topic_result_error_string(entry).map { unsafe String(cString: $0) }
      throw KafkaError(code, operation: operation, place: topic, message: message)
    }
  }
}
