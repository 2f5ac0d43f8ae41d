internal import CRdKafka
internal import Dispatch

extension KafkaAdmin {
  /// What the brokers hold of each of `partitions` now; one request to each leader and end.
  ///
  /// The high ends are those of committed data: an open transaction holds them back.
  public func offsetRanges(
    topic: String, partitions: [Int32], timeoutMilliseconds: Int = 10_000
  ) throws(KafkaError) -> [Int32: OffsetRange] {
    let low = try lookUp(topic, partitions, StartOffset.beginning.number, timeoutMilliseconds)
    let high = try lookUp(topic, partitions, StartOffset.end.number, timeoutMilliseconds)
    var ranges: [Int32: OffsetRange] = [:]
    for (partition, offset) in low { ranges[partition] = OffsetRange(low: offset, high: high[partition] ?? offset) }
    return ranges
  }

  /// The first offset of each of `partitions` whose timestamp is at or after `milliseconds` (since 1970); a partition
  /// without such a message is left out: begin at its end.
  ///
  /// Timestamps need not rise with offsets: earlier ones may follow.
  public func offsets(
    topic: String, partitions: [Int32], atMilliseconds milliseconds: Int64, timeoutMilliseconds: Int = 10_000
  ) throws(KafkaError) -> [Int32: Int64] {
    try lookUp(topic, partitions, max(0, milliseconds), timeoutMilliseconds).filter { $0.value >= 0 }
  }

  /// Partitions have no leader for a moment when their topic was made just now, or a broker was lost: they are asked
  /// again until they have one or the time is over.
  private func lookUp(
    _ topic: String, _ partitions: [Int32], _ time: Int64, _ timeoutMilliseconds: Int
  ) throws(KafkaError) -> [Int32: Int64] {
    let deadline = DispatchTime.now() + .milliseconds(timeoutMilliseconds)
    let never = DispatchSemaphore(value: 0)
    while true {
      do throws(KafkaError) {
        return try lookUpOnce(topic, partitions, time, timeoutMilliseconds)
      } catch {
        let isSettling = error.code == "NOT_LEADER_FOR_PARTITION" || error.code == "LEADER_NOT_AVAILABLE"
        guard isSettling, DispatchTime.now() < deadline else { throw error }
        _ = never.wait(timeout: .now() + .milliseconds(100))
      }
    }
  }

  /// ListOffsets: `time` is milliseconds, or -2 for the beginning and -1 for the end, as in Kafka's protocol.
  private func lookUpOnce(
    _ topic: String, _ partitions: [Int32], _ time: Int64, _ timeoutMilliseconds: Int
  ) throws(KafkaError) -> [Int32: Int64] {
    guard !partitions.isEmpty else { return [:] }
    let list = PartitionList(partitions.map { PartitionOffset(topic: topic, partition: $0, offset: time) })
    let code = unsafe rd_kafka_offsets_for_times(handle.pointer, list.pointer, Int32(clamping: timeoutMilliseconds))
    try handle.check(code, "look up offsets of", topic)
    var offsets: [Int32: Int64] = [:]
    try list.forEach { partition, offset, code throws(KafkaError) in
      try handle.check(code, "look up offsets of", "\(topic)[\(partition)]")
      offsets[partition] = offset
    }
    return offsets
  }
}
