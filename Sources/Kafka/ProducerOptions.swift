/// How a producer sends. Always idempotent and acknowledged by all replicas in sync.
public struct ProducerOptions: Sendable {
  public enum Compression: String, Sendable, CaseIterable { case none, lz4, zstd }

  public var compression = Compression.lz4
  /// How long a message waits for others to travel with it.
  public var lingerMilliseconds = 5
  /// Bound of what is queued for sending.
  public var memoryBytes = 64 << 20
  /// After this a message that could not be delivered is given up and counted as failed.
  public var deliveryTimeoutMilliseconds = 120_000
  /// Called on a thread of librdkafka with the fate of each message that was sent with a token; it must not block.
  public var onDelivery: (@Sendable (Delivery) -> Void)?
  /// Makes a transactional producer; for tests of what readers do with transactions.
  package var transactionalID: String?

  public init() {}
}

/// The fate of a message that was sent with a token.
public struct Delivery: Sendable, Equatable {
  /// As given to `send`.
  public let token: UInt64
  public let partition: Int32
  /// Where the broker put it; negative if it failed, or was stored by an attempt whose answer got lost.
  public let offset: Int64
  /// Nil if all replicas in sync have it.
  public let error: KafkaError?
}

/// How many messages a producer got rid of.
public struct DeliveryCounts: Sendable, Equatable {
  /// Acknowledged by all replicas in sync.
  public internal(set) var delivered = 0
  /// Given up.
  public internal(set) var failed = 0
  /// Why the first of them was given up.
  public internal(set) var firstError: KafkaError?
}
