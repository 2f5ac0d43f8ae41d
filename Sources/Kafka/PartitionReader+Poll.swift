internal import CRdKafka
internal import Synchronization

extension PartitionReader {
  /// More messages than this are not taken at once.
  public static let maximumMessagesMost = 8192

  /// Calls `receive` with each message that is there, in offset order, and returns what else happened.
  ///
  /// Returns as soon as there is anything, at the latest after `timeoutMilliseconds`; takes at most `maximumMessages`.
  /// An error that repeats itself (a topic that is still missing) is returned every few seconds only.
  /// An event `reachedEnd(position)` precedes the messages from that offset on, wherever it was met among them.
  /// About 0.1 µs a message on this thread; librdkafka's own thread takes three times that.
  public func poll(
    maximumMessages: Int, timeoutMilliseconds: Int, into receive: (borrowing KafkaMessage) -> Void
  ) -> [PartitionEvent] {
    let capacity = min(max(1, maximumMessages), PartitionReader.maximumMessagesMost)
    return progress.withLock { progress in
      unsafe withUnsafeTemporaryAllocation(of: UnsafeMutablePointer<rd_kafka_message_t>?.self, capacity: capacity) {
        buffer in
        unsafe buffer.initialize(repeating: nil)
        let count = unsafe fill(buffer, timeoutMilliseconds: timeoutMilliseconds)
        var events: [PartitionEvent] = []
        // Each of the first `count` elements is a message that is ours until it is destroyed, here.
        for index in 0..<count {
          guard let message = unsafe buffer[index] else { continue }
          unsafe take(message, &progress, &events, receive)
          unsafe rd_kafka_message_destroy(message)
        }
        publishedPosition.store(progress.position ?? -1, ordering: .relaxed)
        events += handle.monitor.takePartitionErrors(topic: topic, partition: partition).map(PartitionEvent.failed)
        return events.filter { progress.isNews($0, atMilliseconds: ClientMonitor.nowMilliseconds()) }
      }
    }
  }

  /// Takes what is queued; waits only for the first message, since librdkafka would wait for a full batch.
  private func fill(
    _ buffer: UnsafeMutableBufferPointer<UnsafeMutablePointer<rd_kafka_message_t>?>, timeoutMilliseconds: Int
  ) -> Int {
    guard let base = buffer.baseAddress else { return 0 }
    let queued = unsafe rd_kafka_consume_batch_queue(queue, 0, base, buffer.count)
    guard queued <= 0, timeoutMilliseconds > 0 else { return max(0, queued) }
    guard unsafe rd_kafka_consume_batch_queue(queue, Int32(clamping: timeoutMilliseconds), base, 1) == 1 else {
      return 0
    }
    guard buffer.count > 1 else { return 1 }
    return unsafe 1 + max(0, rd_kafka_consume_batch_queue(queue, 0, base + 1, buffer.count - 1))
  }

  private func take(
    _ message: UnsafeMutablePointer<rd_kafka_message_t>, _ progress: inout ReadProgress,
    _ events: inout [PartitionEvent], _ receive: (borrowing KafkaMessage) -> Void
  ) {
    let offset = unsafe message.pointee.offset
    switch unsafe message.pointee.err {
    case RD_KAFKA_RESP_ERR_NO_ERROR:
      // Delivered before: a library's race must not become a double count.
      if let position = progress.position, offset < position { return }
      progress.position = offset + 1
      unsafe receive(KafkaMessage(UnsafePointer(message)))
    case RD_KAFKA_RESP_ERR__PARTITION_EOF:
      progress.position = max(progress.position ?? 0, offset)
      events.append(.reachedEnd(position: offset))
    case let code:
      let text = unsafe rd_kafka_message_errstr(message).map { unsafe String(cString: $0) }
      events.append(.failed(KafkaError(code, operation: "read", place: place, message: text)))
    }
  }
}
