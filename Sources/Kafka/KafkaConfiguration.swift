/// How to reach a Kafka cluster: the brokers and librdkafka's own properties, which pass through unchanged.
///
/// One value serves consumers, producers and administration alike: librdkafka ignores what does not concern a client.
/// Nothing is checked before a client is made of it.
public struct KafkaConfiguration: Sendable {
  /// Brokers to begin with, `host:port` separated by commas; the others are found through them.
  public var brokers: String
  /// Properties of librdkafka's CONFIGURATION.md (`security.protocol`, `sasl.mechanisms`, `ssl.ca.location`, …), in
  /// order; they win over our defaults, not over what the engine's exactness rests on (``reservedProperties``).
  public var properties: [(name: String, value: String)]
  /// Receives librdkafka's log lines on its own threads; it must not block. Without one they are dropped: what matters
  /// of them is in ``ConnectionState``.
  public var log: (@Sendable (KafkaLogLine) -> Void)?

  public init(
    brokers: String, properties: [(name: String, value: String)] = [],
    log: (@Sendable (KafkaLogLine) -> Void)? = nil
  ) {
    self.brokers = brokers
    self.properties = properties
    self.log = log
  }

  /// Properties that the engine sets itself; a configuration that has one is refused.
  public static let reservedProperties: Set<String> = [
    "bootstrap.servers", "metadata.broker.list", "group.id", "enable.partition.eof", "enable.auto.commit",
    "auto.commit.enable", "enable.auto.offset.store", "offset.store.method", "enable.idempotence", "acks",
    "request.required.acks", "transactional.id",
  ]
}

/// One line that librdkafka logs.
public struct KafkaLogLine: Sendable, Equatable {
  /// Of syslog: 3 is an error, 4 a warning, 6 information, 7 debugging.
  public let level: Int
  /// librdkafka's own word for the event: `FAIL`.
  public let facility: String
  public let text: String
}
