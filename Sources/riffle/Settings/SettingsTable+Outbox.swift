import Columns

extension SettingsTable {
  /// What a live run sends to Kafka.
  static let outbox: [SettingSpecification] = [
    .text(
      "outbox.results_topic", \.outboxResultsTopic, .text(.optionalTopic), default: "\"\"",
      "The topic that gets KPI windows when they close and whenever they change, like analytics-results"),
    .text(
      "outbox.dead_letters_topic", \.outboxDeadLettersTopic, .text(.optionalTopic), default: "\"\"",
      "The topic that gets messages that could not become events, like dead-letters"),
    .integer(
      "outbox.partitions", \.outboxPartitions, default: "4", 1...10_000,
      "Partitions of such a topic where it has to be created"),
    .duration(
      "outbox.flush_timeout", \.outboxFlushTimeoutMilliseconds, default: "5 s", 0...EventTime.hour,
      "How long a run that ends waits for what is not sent yet; the next one sends the rest"),
  ]
}
