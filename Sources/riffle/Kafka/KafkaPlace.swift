import Kafka
import Telemetry

/// The brokers and the topic that the settings name.
struct KafkaPlace: Sendable {
  let configuration: KafkaConfiguration
  let topic: String

  init(_ settings: Settings) {
    configuration = KafkaConfiguration(
      brokers: settings.kafkaBrokers, properties: settings.kafkaProperties.map { ($0.name, $0.value) },
      log: KafkaPlace.log(settings))
    topic = settings.kafkaTopic
  }

  /// What librdkafka says goes to the log where that takes debugging lines: it repeats itself, and the engine says what
  /// matters of it. Values of properties, some of which are secrets, are struck out.
  private static func log(_ settings: Settings) -> (@Sendable (KafkaLogLine) -> Void)? {
    guard settings.logLevel == .debug else { return nil }
    let log = Log(settings)
    let secrets = settings.kafkaProperties.filter { $0.shownValue != $0.value }.map(\.value)
    return { line in
      let text = secrets.reduce(line.text) { $1.isEmpty ? $0 : $0.replacing($1, with: "***") }
      log.debug(
        "librdkafka", ["facility": .text(line.facility), "severity": .integer(Int64(line.level)), "text": .text(text)])
    }
  }

  /// How long to wait for an answer of the brokers.
  static let timeoutMilliseconds = 10_000

  /// How many partitions the topic has; creates it with `partitionCount` where there is none.
  func ensureTopic(partitionCount: Int) throws(KafkaError) -> Int {
    let admin = try KafkaAdmin(configuration)
    if let existing = try partitions(admin) { return existing }
    do throws(KafkaError) {
      try admin.createTopic(topic, partitionCount: partitionCount, timeoutMilliseconds: Self.timeoutMilliseconds)
    } catch {
      // Someone else was faster.
      guard error.kind == .topicExists, let existing = try partitions(admin) else { throw error }
      return existing
    }
    Terminal.note("riffle: created topic \(topic) with \(Self.partitions(partitionCount))")
    return partitionCount
  }

  /// How many partitions the topic has; nil where there is none.
  private func partitions(_ admin: KafkaAdmin) throws(KafkaError) -> Int? {
    do throws(KafkaError) {
      return try admin.describeTopic(topic, timeoutMilliseconds: Self.timeoutMilliseconds).partitions.count
    } catch {
      guard error.kind == .unknownTopic else { throw error }
      return nil
    }
  }

  /// `1 partition`, `4 partitions`.
  static func partitions(_ count: Int) -> String { "\(count) partition\(count == 1 ? "" : "s")" }
}
