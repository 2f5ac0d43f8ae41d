/// Where events go that come over HTTP: Kafka, behind an interface that this target can do without.
public protocol EventPublisher: Sendable {
  /// Stores messages, which must not block, and calls `done` once, from any thread, with what became of each.
  func publish(_ messages: [EventMessage], _ done: @escaping @Sendable ([EventOutcome]) -> Void)
}

/// A message for the topic of the events.
public struct EventMessage: Sendable, Equatable {
  /// The session key, by which the partition is chosen; nil where there is none.
  public let key: [UInt8]?
  public let value: [UInt8]

  public init(key: [UInt8]?, value: [UInt8]) {
    self.key = key
    self.value = value
  }
}

/// What became of a message.
public enum EventOutcome: Sendable, Equatable {
  /// All replicas in sync have it; the offset is negative where the broker did not say it.
  case stored(partition: Int32, offset: Int64)
  /// There was no room for it: the brokers are slower than the senders.
  case noRoom
  /// It was given up. It may be stored all the same: who sends it again gives it the same `event_id`.
  case failed
}
