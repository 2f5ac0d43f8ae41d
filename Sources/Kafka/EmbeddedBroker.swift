internal import CRdKafka

/// A Kafka broker inside this process, for trials and tests: librdkafka's mock cluster with one broker, on loopback.
///
/// It keeps messages in memory and is fast (over two million a second), and it is no Kafka:
/// - each partition keeps its latest 5 MiB (as compressed) and 100,000 record batches; what is older is dropped, and a
///   reader that lags behind it gets ``KafkaError/Kind/offsetOutOfRange``;
/// - a fetch returns one record batch a partition;
/// - transactions are accepted but not isolated: aborted messages are read like others;
/// - offsets by timestamp are not known; ``KafkaAdmin`` cannot create topics or partitions (it
///   times out): use ``createTopic(_:partitionCount:)``, or let it create a topic with 4 partitions by use.
///
/// It ends with the last reference; end its clients first.
///
/// `@unchecked Sendable`: the pointers never change, and librdkafka serves the cluster on a thread of its own.
@safe public final class EmbeddedBroker: @unchecked Sendable {
  private let handle: ClientHandle
  /// Invariant: alive until `deinit`, which destroys it before the client that carries it.
  private let cluster: OpaquePointer
  /// `127.0.0.1:41253`.
  public let brokers: String

  public init() throws(KafkaError) {
    let configuration = KafkaConfiguration(brokers: "127.0.0.1:1")
    // The client only carries the cluster. Its own connection is to nowhere, and to be tried rarely.
    let settings = try ClientSettings(
      configuration, defaults: [("reconnect.backoff.ms", "3600000"), ("reconnect.backoff.max.ms", "3600000")],
      required: [])
    handle = try ClientHandle(
      RD_KAFKA_PRODUCER, settings, ClientMonitor(configuration), brokers: "the embedded broker")
    guard let cluster = unsafe rd_kafka_mock_cluster_new(handle.pointer, 1) else {
      throw KafkaError(rd_kafka_last_error(), operation: "start", place: "the embedded broker")
    }
    unsafe self.cluster = cluster
    brokers = unsafe rd_kafka_mock_cluster_bootstraps(cluster).map { unsafe String(cString: $0) } ?? ""
  }

  deinit { unsafe rd_kafka_mock_cluster_destroy(cluster) }

  /// Creates a topic.
  ///
  /// - Throws: ``KafkaError/Kind/topicExists`` if there is one.
  public func createTopic(_ topic: String, partitionCount: Int) throws(KafkaError) {
    let code = unsafe rd_kafka_mock_topic_create(cluster, topic, Int32(clamping: partitionCount), 1)
    guard code != RD_KAFKA_RESP_ERR__CONFLICT else {
      throw KafkaError(RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS, operation: "create topic", place: topic)
    }
    try KafkaError.check(code, "create topic", topic)
  }

  /// Answers the next `count` questions about offsets as if the partitions had no leader yet.
  package func refuseOffsets(count: Int) {
    let errors = [rd_kafka_resp_err_t](repeating: RD_KAFKA_RESP_ERR_NOT_LEADER_FOR_PARTITION, count: count)
    let listOffsets: Int16 = 2
    // The call copies as many codes as there are.
    unsafe rd_kafka_mock_push_request_errors_array(cluster, listOffsets, count, errors)
  }

  /// Cuts the broker off, or lets it be reached again; its messages stay.
  package func setReachable(_ isReachable: Bool) throws(KafkaError) {
    let code = unsafe isReachable ? rd_kafka_mock_broker_set_up(cluster, 1) : rd_kafka_mock_broker_set_down(cluster, 1)
    try KafkaError.check(code, isReachable ? "bring back" : "cut off", brokers)
  }
}
