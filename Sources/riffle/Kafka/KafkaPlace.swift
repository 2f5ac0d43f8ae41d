import Kafka
import Telemetry

/// The brokers and the topic that the settings name.
struct KafkaPlace: Sendable {
  let configuration: KafkaConfiguration
  let topic: String

  init(_ settings: Settings) {
    configuration = KafkaConfiguration(
      brokers: settings.kafkaBrokers, properties: settings.kafkaProperties.map { ($0.name, $0.value) })
    topic = settings.kafkaTopic
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

  /// Calls `body` again for a while where a partition has no leader yet, as of a topic that was created just now.
  static func whenLed<Answer>(_ body: () throws(KafkaError) -> Answer) throws(KafkaError) -> Answer {
    let deadline = MonotonicClock.nowMilliseconds() + 5000
    let pause = StopWish()
    while true {
      do throws(KafkaError) {
        return try body()
      } catch {
        let isSettling = error.code == "NOT_LEADER_FOR_PARTITION" || error.code == "LEADER_NOT_AVAILABLE"
        guard isSettling, MonotonicClock.nowMilliseconds() < deadline else { throw error }
        pause.wait(milliseconds: 100)
      }
    }
  }

  /// `1 partition`, `4 partitions`.
  static func partitions(_ count: Int) -> String { "\(count) partition\(count == 1 ? "" : "s")" }
}
