/// A position in one partition. `offset` is that of the next message to read.
public struct PartitionOffset: Sendable, Equatable, Hashable {
  public let topic: String
  public let partition: Int32
  public let offset: Int64

  public init(topic: String, partition: Int32, offset: Int64) {
    self.topic = topic
    self.partition = partition
    self.offset = offset
  }
}

/// Where to begin reading. A time is resolved beforehand, by `offsets(topic:partitions:atMilliseconds:)` of
/// ``KafkaAdmin``.
public enum StartOffset: Sendable, Equatable {
  /// The oldest message that the broker still has.
  case beginning
  /// Only what comes after now.
  case end
  case offset(Int64)

  /// As librdkafka writes it: logical offsets are negative.
  var number: Int64 {
    switch self {
    case .beginning: -2
    case .end: -1
    case .offset(let offset): offset
    }
  }
}

/// A partition and where to begin in it.
public struct PartitionStart: Sendable, Equatable {
  public let partition: Int32
  public let from: StartOffset

  public init(partition: Int32, from: StartOffset) {
    self.partition = partition
    self.from = from
  }
}

/// What a broker holds of a partition: offsets `low` to `high - 1`, of which compaction, retention and transactions
/// may have taken some.
public struct OffsetRange: Sendable, Equatable {
  /// The oldest offset.
  public let low: Int64
  /// One past the newest readable offset: with `read_committed` the last stable offset.
  public let high: Int64

  public init(low: Int64, high: Int64) {
    self.low = low
    self.high = high
  }
}

/// What happened to a partition besides messages.
public enum PartitionEvent: Sendable, Equatable {
  /// Everything up to `position` was read: the next message will have this offset or a greater one. Control records of
  /// transactions take offsets without being messages, so completeness is judged by this and never by the last message.
  case reachedEnd(position: Int64)
  /// Reading failed. After ``KafkaError/Kind/offsetOutOfRange`` the partition stands still until it is sought; after
  /// anything else librdkafka goes on by itself.
  case failed(KafkaError)
}
