/// How much librdkafka may fetch ahead, as its properties.
///
/// librdkafka bounds each partition's queue by the bytes and the number of its messages, beside which a message costs
/// `overheadBytes` of bookkeeping; a share of the memory is split between both.
struct QueueBudget {
  /// librdkafka's operation, its allocation and slack in its fetch buffer: an estimate.
  static let overheadBytes = 400
  /// Below this a queue holds less than one fetch, and reading stalls between fetches.
  static let shareBytesLeast = 2 << 20

  let shareBytes: Int

  init(memoryBytes: Int, partitionCount: Int) {
    shareBytes = max(QueueBudget.shareBytesLeast, memoryBytes / max(1, partitionCount))
  }

  var properties: [(String, String)] {
    let messages = min(10_000_000, max(1000, shareBytes / 2 / QueueBudget.overheadBytes))
    let kilobytes = min(2_097_151, shareBytes / 2 / 1024)
    return [
      ("queued.min.messages", "\(messages)"), ("queued.max.messages.kbytes", "\(kilobytes)"), QueueBudget.promptness,
    ]
  }

  /// Makes a full queue be fetched for again soon after it has room.
  ///
  /// librdkafka has a property for that since 2.2.0. Before, a broker's thread looks at its queues only when it wakes
  /// up, which may take a second in which a reader starves that was slow and is fast again (measured: a quarter of the
  /// speed with 16 MiB). A look at the metadata, which goes to a broker at random, wakes it.
  private static var promptness: (String, String) {
    KafkaLibrary.versionNumber >= 0x020200
      ? ("fetch.queue.backoff.ms", "10") : ("topic.metadata.refresh.interval.ms", "100")
  }
}
