import Commerce
import Kafka

/// Rules between settings that are each fine alone.
enum SettingsCheck {
  /// - Throws: A usage error that names both settings and where they come from.
  static func check(_ settings: Settings) throws(CommandError) {
    if settings.sessionGapMilliseconds > settings.sessionMaxLengthMilliseconds {
      throw conflict(settings, "sessions.gap", "must not be longer than", "sessions.max_length")
    }
    for property in settings.kafkaProperties where KafkaConfiguration.reservedProperties.contains(property.name) {
      throw .usage(
        "\(origin(settings, "kafka.properties")): kafka.properties must not have \(property.name), which Riffle sets "
          + "itself; kafka.brokers and kafka.group_id are settings of their own")
    }
    try checkOutbox(settings)
    do throws(JobSettingsError) {
      try JobSettings.checkFunnel(settings.funnelSteps, typeNames: settings.eventTypeNames)
    } catch {
      throw .usage("\(origin(settings, "funnel.steps")): \(error)")
    }
    for alias in settings.eventTypeAliases where !isKnown(alias.value, settings) {
      throw .usage(
        "\(origin(settings, "event_types.aliases")): event_types.aliases maps '\(alias.name)' to "
          + "'\(alias.value)', which event_types.names has not")
    }
  }

  /// What is sent must not be read again as events, nor be mixed.
  private static func checkOutbox(_ settings: Settings) throws(CommandError) {
    let topics = [
      ("outbox.results_topic", settings.outboxResultsTopic),
      ("outbox.dead_letters_topic", settings.outboxDeadLettersTopic),
    ]
    for (key, topic) in topics where topic == settings.kafkaTopic {
      throw conflict(settings, key, "must not be", "kafka.topic")
    }
    if !settings.outboxResultsTopic.isEmpty, settings.outboxResultsTopic == settings.outboxDeadLettersTopic {
      throw conflict(settings, topics[0].0, "must not be", topics[1].0)
    }
  }

  private static func isKnown(_ name: String, _ settings: Settings) -> Bool {
    settings.eventTypeNames.contains { $0 == name || EventTypeName.matches(name, pattern: $0) }
  }

  private static func conflict(_ settings: Settings, _ key: String, _ rule: String, _ other: String) -> CommandError {
    .usage(
      "\(origin(settings, key)): \(key) (\(text(settings, key))) \(rule) \(other) "
        + "(\(text(settings, other)), \(origin(settings, other)))")
  }

  private static func effective(_ settings: Settings, _ key: String) -> Settings.Effective? {
    settings.effective.first { $0.setting.key == key }
  }

  private static func origin(_ settings: Settings, _ key: String) -> String {
    effective(settings, key)?.origin.text ?? "settings"
  }

  private static func text(_ settings: Settings, _ key: String) -> String {
    effective(settings, key)?.value.text ?? ""
  }
}
