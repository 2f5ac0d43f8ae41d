internal import Kafka

/// Delivers messages to one topic and waits for their acknowledgement.
///
/// Idempotent sending keeps the order of a key; a sender that failed once is thrown away with all that it still holds.
struct TopicSender {
  /// The call was asked to end before everything was acknowledged.
  struct Stopped: Error {}

  private static let askMilliseconds = 100

  private let producer: KafkaProducer
  private let topic: String

  /// Connects, and creates the topic where there is none.
  init(_ configuration: KafkaConfiguration, topic: String, partitionCount: Int) throws(KafkaError) {
    self.topic = topic
    try TopicSender.ensureTopic(KafkaAdmin(configuration), topic, partitionCount)
    var options = ProducerOptions()
    options.memoryBytes = 16 << 20
    options.deliveryTimeoutMilliseconds = 60_000
    producer = try KafkaProducer(configuration, options)
  }

  private static func ensureTopic(_ admin: KafkaAdmin, _ topic: String, _ partitionCount: Int) throws(KafkaError) {
    do throws(KafkaError) {
      _ = try admin.describeTopic(topic, timeoutMilliseconds: 2_000)
    } catch {
      guard error.kind == .unknownTopic else { throw error }
      do throws(KafkaError) {
        // As many replicas as the brokers think right.
        try admin.createTopic(
          topic, partitionCount: partitionCount, replicationFactor: -1, timeoutMilliseconds: 5_000)
      } catch {
        guard error.kind == .topicExists else { throw error }
      }
    }
  }

  /// Sends `messages` in order; returns when the brokers have them all.
  ///
  /// - Parameter isWaiting: called again and again with why nothing moves, as far as is known; false gives up.
  func deliver(_ messages: [OutboxMessage], _ isWaiting: (KafkaError?) -> Bool) throws {
    for message in messages { try send(message, isWaiting) }
    while producer.queuedCount > 0 {
      do throws(KafkaError) {
        try producer.flush(timeoutMilliseconds: TopicSender.askMilliseconds)
      } catch {
        guard error.kind == .timedOut else { throw error }
        guard isWaiting(trouble) else { throw Stopped() }
      }
    }
    if let error = producer.deliveryCounts.firstError { throw error }
  }

  private func send(_ message: OutboxMessage, _ isWaiting: (KafkaError?) -> Bool) throws {
    while true {
      do throws(KafkaError) {
        return try producer.send(
          topic: topic, key: message.key, value: message.value, headers: message.headers,
          timeoutMilliseconds: TopicSender.askMilliseconds)
      } catch {
        guard error.kind == .queueFull else { throw error }
        guard isWaiting(trouble) else { throw Stopped() }
      }
    }
  }

  private var trouble: KafkaError? {
    producer.connectionState.phase == .connected ? nil : producer.connectionState.lastError
  }
}
