internal import CRdKafka

/// A topic as the cluster describes it.
public struct TopicDescription: Sendable, Equatable {
  public let name: String
  /// In the order of their numbers.
  public let partitions: [PartitionDescription]
}

public struct PartitionDescription: Sendable, Equatable {
  public let partition: Int32
  /// Broker that serves it; nil while there is none.
  public let leader: Int32?
  public let replicas: [Int32]
  /// Replicas that have all messages.
  public let replicasInSync: [Int32]
}

extension KafkaAdmin {
  /// All topics but the broker's own (`__consumer_offsets`), by name.
  public func listTopics(timeoutMilliseconds: Int = 10_000) throws(KafkaError) -> [TopicDescription] {
    try unsafe metadata(of: nil, "list the topics of", handle.brokers, timeoutMilliseconds)
      .filter { !$0.name.hasPrefix("__") }.sorted { $0.name < $1.name }
  }

  /// The partitions of `topic`.
  ///
  /// - Throws: ``KafkaError/Kind/unknownTopic`` if there is none.
  public func describeTopic(_ topic: String, timeoutMilliseconds: Int = 10_000) throws(KafkaError) -> TopicDescription {
    guard let pointer = unsafe rd_kafka_topic_new(handle.pointer, topic, nil) else {
      throw KafkaError(rd_kafka_last_error(), operation: "describe", place: topic)
    }
    defer { unsafe rd_kafka_topic_destroy(pointer) }
    let topics = try unsafe metadata(of: pointer, "describe", topic, timeoutMilliseconds)
    guard let description = topics.first(where: { $0.name == topic }) else {
      throw KafkaError(RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, operation: "describe", place: topic)
    }
    return description
  }

  private func metadata(
    of topic: OpaquePointer?, _ operation: String, _ place: String, _ timeoutMilliseconds: Int
  ) throws(KafkaError) -> [TopicDescription] {
    let asksAll = unsafe topic == nil
    var metadata: UnsafePointer<rd_kafka_metadata>?
    let code = unsafe rd_kafka_metadata(
      handle.pointer, asksAll ? 1 : 0, topic, &metadata, Int32(clamping: timeoutMilliseconds))
    try handle.check(code, operation, place)
    guard let metadata = unsafe metadata else { return [] }
    // Everything below points into the answer, which lives until it is destroyed here.
    defer { unsafe rd_kafka_metadata_destroy(metadata) }
    var topics: [TopicDescription] = []
    for index in 0..<Int(unsafe metadata.pointee.topic_cnt) {
      let entry = unsafe metadata.pointee.topics[index]
      let name = unsafe String(cString: entry.topic)
      // One topic's trouble must not hide the others; of the only one it is the answer.
      if !asksAll { try unsafe KafkaError.check(entry.err, operation, name) }
      let partitions = unsafe UnsafeBufferPointer(start: entry.partitions, count: Int(entry.partition_cnt))
      let described = unsafe partitions.map { unsafe PartitionDescription($0) }.sorted { $0.partition < $1.partition }
      topics.append(TopicDescription(name: name, partitions: described))
    }
    return topics
  }
}

extension PartitionDescription {
  fileprivate init(_ raw: rd_kafka_metadata_partition) {
    unsafe self.init(
      partition: raw.id, leader: raw.leader < 0 ? nil : raw.leader,
      replicas: Array(UnsafeBufferPointer(start: raw.replicas, count: Int(raw.replica_cnt))),
      replicasInSync: Array(UnsafeBufferPointer(start: raw.isrs, count: Int(raw.isr_cnt))))
  }
}
