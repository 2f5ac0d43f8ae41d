/// What went wrong with Kafka: what was tried, where, in librdkafka's words, and what to do about it.
///
/// Built like librdkafka's own errors (a code and a sentence), grouped into kinds that a caller can act on.
public struct KafkaError: Error, Sendable, Equatable, CustomStringConvertible {
  /// What a caller can do: see ``KafkaError/advice``.
  public enum Kind: Sendable, Equatable {
    /// A property is unknown or has a bad value. Nothing was connected.
    case configuration
    /// The library or the broker cannot do this.
    case unsupported
    /// No broker answers, or its name does not resolve. librdkafka goes on trying by itself.
    case unreachable
    /// The broker did not answer in the time allowed.
    case timedOut
    /// The broker refuses the credentials, or TLS fails.
    case authentication
    /// The credentials do not allow this.
    case authorization
    case topicExists
    case unknownTopic
    case unknownPartition
    /// The broker no longer has, or never had, the offset that should be read.
    case offsetOutOfRange
    /// The producer's memory is full: the broker is slower than the sender.
    case queueFull
    case messageTooLarge
    /// The client cannot go on (a producer was fenced, its sequence broke); make a new one.
    case fatal
    case other
  }

  public let kind: Kind
  /// librdkafka's name of the code: `_TRANSPORT`, `TOPIC_ALREADY_EXISTS`.
  public let code: String
  /// What was tried: `read`, `create topic`.
  public let operation: String
  /// Broker, topic or partition: `orders[3]`, `127.0.0.1:9092`.
  public let place: String
  /// The explanation of librdkafka or of the broker.
  public let message: String

  package init(_ kind: Kind, code: String, operation: String, place: String, message: String) {
    self.kind = kind
    self.code = code
    self.operation = operation
    self.place = place
    self.message = message
  }

  /// Whether the same call may succeed later without anyone doing anything.
  public var isRetriable: Bool {
    switch kind {
    case .unreachable, .timedOut, .queueFull: true
    default: false
    }
  }

  /// What to do about it, in one sentence; nil where the message says it all.
  public var advice: String? {
    switch kind {
    case .configuration: "correct kafka.properties"
    case .unreachable: "check that the broker runs and that kafka.brokers names it; it is tried again"
    case .timedOut: "the broker is slow or cut off; try again"
    case .authentication: "check the SASL and TLS settings in kafka.properties against the broker's"
    case .authorization: "ask for the right to do this on the broker"
    case .topicExists: "use it, or choose another name"
    case .unknownTopic: "create it, or correct the topic's name"
    case .unknownPartition: "the topic has fewer partitions"
    case .offsetOutOfRange: "the broker deleted these messages, or the topic was made anew; say where to go on"
    case .queueFull: "send more slowly, or give the producer more memory"
    case .messageTooLarge: "raise message.max.bytes on client and broker, or send less"
    case .fatal: "start the client again"
    case .unsupported, .other: nil
    }
  }

  public var description: String {
    let located = place.isEmpty ? operation : "\(operation) \(place)"
    let sentence = "cannot \(located): \(message) [\(code)]"
    return advice.map { "\(sentence); \($0)" } ?? sentence
  }
}
