internal import Checkpoints
internal import Columns
public import Kafka

/// The topic that a live engine reads, and how.
public struct KafkaInput: Sendable {
  /// Where a partition begins that no commit knows when the engine first starts. One that comes into being later is
  /// always read from its beginning.
  public enum Start: Sendable, Equatable {
    case earliest
    case latest
    /// The first message at or after this time, in milliseconds since 1970.
    case time(Int64)
  }

  public let configuration: KafkaConfiguration
  public let topic: String
  public let groupID: String
  public let memoryBytes: Int
  public let start: Start

  public init(configuration: KafkaConfiguration, topic: String, groupID: String, memoryBytes: Int, start: Start) {
    self.configuration = configuration
    self.topic = topic
    self.groupID = groupID
    self.memoryBytes = memoryBytes
    self.start = start
  }

  private static let timeoutMilliseconds = 10_000

  /// The partitions of the topic as they are now. Asks the broker.
  func partitions(_ admin: KafkaAdmin) throws(KafkaError) -> [Int32] {
    try admin.describeTopic(topic, timeoutMilliseconds: KafkaInput.timeoutMilliseconds).partitions.map(\.partition)
      .sorted()
  }

  /// The offset at which each of `partitions` begins.
  func startOffsets(_ admin: KafkaAdmin, _ partitions: [Int32]) throws(KafkaError) -> [Int32: Int64] {
    let ranges = try admin.offsetRanges(
      topic: topic, partitions: partitions, timeoutMilliseconds: KafkaInput.timeoutMilliseconds)
    switch start {
    case .earliest: return ranges.mapValues(\.low)
    case .latest: return ranges.mapValues(\.high)
    case .time(let time):
      let found = try admin.offsets(
        topic: topic, partitions: partitions, atMilliseconds: time, timeoutMilliseconds: KafkaInput.timeoutMilliseconds)
      return ranges.mapValues(\.high).merging(found) { $1 }
    }
  }

  /// Where each of `partitions` ends now.
  func endOffsets(_ admin: KafkaAdmin, _ partitions: [Int32]) throws(KafkaError) -> [Int32: Int64] {
    try admin.offsetRanges(
      topic: topic, partitions: partitions, timeoutMilliseconds: KafkaInput.timeoutMilliseconds
    ).mapValues(\.high)
  }

  /// Throws if a source stands behind the end of its partition: a bounded run would end there at once as if all were
  /// well. (Other runs hear it from the broker.)
  func check(_ sources: [SourceState], _ ends: [Int32: Int64]) throws(KafkaError) {
    for source in sources where source.topic == topic {
      guard let end = ends[Int32(source.partition)], source.nextOffset > end else { continue }
      throw KafkaError(
        .offsetOutOfRange, code: "OFFSET_OUT_OF_RANGE", operation: "read", place: "\(topic)[\(source.partition)]",
        message: "the data directory has read up to offset \(source.nextOffset), and the log ends at \(end)")
    }
  }
}
