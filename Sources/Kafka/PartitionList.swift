internal import CRdKafka

/// A list of partitions with offsets, as librdkafka passes them in and out.
@safe struct PartitionList: ~Copyable {
  /// Invariant: alive until `deinit`; `elems` has `cnt` elements.
  @unsafe let pointer: UnsafeMutablePointer<rd_kafka_topic_partition_list_t>

  init(_ offsets: [PartitionOffset]) {
    unsafe pointer = rd_kafka_topic_partition_list_new(Int32(offsets.count))
    for entry in offsets {
      let element = unsafe rd_kafka_topic_partition_list_add(pointer, entry.topic, entry.partition)
      unsafe element?.pointee.offset = entry.offset
    }
  }

  deinit { unsafe rd_kafka_topic_partition_list_destroy(pointer) }

  /// Calls `body` with each partition, its offset and its error.
  func forEach(_ body: (Int32, Int64, rd_kafka_resp_err_t) throws(KafkaError) -> Void) throws(KafkaError) {
    for index in 0..<Int(unsafe pointer.pointee.cnt) {
      let element = unsafe pointer.pointee.elems[index]
      try unsafe body(element.partition, element.offset, element.err)
    }
  }
}
