extension CommandTable {
  /// Commands about Kafka's topics.
  static let topics: [CommandSpecification] = [create, list, describe]

  private static let name = CommandSpecification.Operands(
    usage: "[NAME]", summary: "The topic, as if by --topic", count: 0...1)
  private static let exitCodes: [ExitCode] = [.success, .usage, .unavailable, .ourBug, .cannotCreate, .inputOutput]

  private static let create = CommandSpecification(
    identity: .topicsCreate,
    name: "topics create",
    purpose: "Create a Kafka topic",
    details: """
      Events that are keyed by session id keep their order in any number of partitions. Broker-side timestamps
      (message.timestamp.type=LogAppendTime) let Riffle judge event times by the broker's clock.
      """,
    operands: name,
    flags: [
      brokers, topic, partitions,
      FlagSpecification(
        name: "replication", kind: .integer(1...1000), defaultText: "1", summary: "How many brokers hold each message"),
      FlagSpecification(
        name: "property", kind: .text("NAME=VALUE"), isRepeatable: true,
        summary: "A property of the topic, like retention.ms=86400000; may be repeated"),
      config, set,
    ],
    example: "riffle topics create events --brokers localhost:9092 --partitions 8",
    exitCodes: exitCodes)

  private static let list = CommandSpecification(
    identity: .topicsList,
    name: "topics list",
    purpose: "List Kafka's topics with their partitions",
    details: "Topics of the brokers' own, such as __consumer_offsets, are left out.",
    operands: .none,
    flags: [brokers, json, config, set],
    example: "riffle topics list --brokers localhost:9092",
    exitCodes: exitCodes)

  private static let describe = CommandSpecification(
    identity: .topicsDescribe,
    name: "topics describe",
    purpose: "Show the partitions of a Kafka topic and what they hold",
    details: """
      Low is the oldest offset, high the one behind the newest readable message. Their difference counts messages;
      compaction and transactions make it too great.
      """,
    operands: name,
    flags: [brokers, topic, json, config, set],
    example: "riffle topics describe events --brokers localhost:9092 --json",
    exitCodes: exitCodes)
}
