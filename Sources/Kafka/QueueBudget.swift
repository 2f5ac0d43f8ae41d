/// How much librdkafka may fetch ahead, as its properties.
///
/// librdkafka bounds each partition's queue by the bytes and the number of its messages, beside which a message costs
/// `overheadBytes` of bookkeeping; a share of the memory is split between both.
struct QueueBudget {
  /// Measured: librdkafka's operation, its allocation, and the message's part in its fetch buffer.
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
    return [("queued.min.messages", "\(messages)"), ("queued.max.messages.kbytes", "\(kilobytes)")]
  }

  /// Makes a full queue be fetched for again soon after it has room.
  ///
  /// Newer libraries have a property for that. Older ones look again only when their broker thread wakes up, which may
  /// take a second in which a fast reader starves.
  func refetchPromptly(_ settings: borrowing ClientSettings) {
    settings.setIfKnown("fetch.queue.backoff.ms", "1")
  }
}
