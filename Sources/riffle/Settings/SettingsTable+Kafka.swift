extension SettingsTable {
  /// How to reach the brokers and what to read there.
  static let kafka: [SettingSpecification] = [
    .text(
      "kafka.brokers", \.kafkaBrokers, .text(.brokers), default: "localhost:9092",
      "Brokers to begin with; the others are found through them"),
    .text("kafka.topic", \.kafkaTopic, .text(.topic), default: "events", "The topic of the events"),
    SettingSpecification(
      key: "kafka.properties", kind: .properties, defaultText: "{}",
      summary: "Properties of librdkafka (security.protocol, sasl.mechanisms), passed on unchanged"
    ) { settings, value in
      if case .properties(let pairs) = value { settings.kafkaProperties = pairs }
    },
    .text(
      "kafka.group_id", \.kafkaGroupID, .text(.group), default: "riffle",
      "The group under which lag tools see how far reading has come"),
    SettingSpecification(
      key: "kafka.start", kind: .text(.kafkaStart), defaultText: "earliest",
      summary: "Where a data directory without commits begins to read"
    ) { settings, value in
      if case .text(let text) = value, let start = KafkaStart(text: text) { settings.kafkaStart = start }
    },
    .size(
      "kafka.memory", \.kafkaMemoryBytes, default: "256 MiB", (8 << 20)...(64 << 30),
      "Memory for messages that were fetched ahead, shared by all partitions"),
  ]
}
