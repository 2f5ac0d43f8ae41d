internal import CRdKafka

extension KafkaProducer {
  /// Queues the messages of `batch` in order; their bytes are copied.
  ///
  /// - Parameter timeoutMilliseconds: how long to wait for room, in all, when the queue is full.
  /// - Throws: ``KafkaError/Kind/queueFull`` if there was no room in time: the messages up to some point are queued. Or
  ///   the first message's error that is its own (too large, unknown partition): all others are queued.
  public func send(_ batch: ProducerBatch, topic: String, timeoutMilliseconds: Int = 10_000) throws(KafkaError) {
    let queued = try send(batch, from: 0, topic: topic, timeoutMilliseconds: timeoutMilliseconds)
    guard queued == batch.count else {
      throw KafkaError(RD_KAFKA_RESP_ERR__QUEUE_FULL, operation: "send to", place: topic)
    }
  }

  /// Queues the messages of `batch` from number `first` on, in order, and returns the number of the first that found no
  /// room in time: there a next call goes on. For senders that have to look up now and then while they wait.
  ///
  /// - Throws: the first message's error that is its own (too large, unknown partition): the others are queued.
  public func send(
    _ batch: ProducerBatch, from first: Int, topic: String, timeoutMilliseconds: Int
  ) throws(KafkaError) -> Int {
    guard first < batch.count else { return batch.count }
    guard let topicPointer = unsafe rd_kafka_topic_new(handle.pointer, topic, nil) else {
      throw KafkaError(rd_kafka_last_error(), operation: "send to", place: topic)
    }
    defer { unsafe rd_kafka_topic_destroy(topicPointer) }
    var refusal = RD_KAFKA_RESP_ERR_NO_ERROR
    var next = first
    unsafe batch.withMessages { messages in
      _ = waitingForRoom(timeoutMilliseconds) {
        let rest = unsafe UnsafeMutableBufferPointer(rebasing: messages[next...])
        next += unsafe KafkaProducer.queue(rest, topicPointer, &refusal)
        return next == batch.count ? RD_KAFKA_RESP_ERR_NO_ERROR : RD_KAFKA_RESP_ERR__QUEUE_FULL
      }
    }
    try handle.check(refusal, "send to", topic)
    return next
  }

  /// Queues `messages` until the queue is full, and says how many are done with; notes the first refusal of a message
  /// for its own sake. Order is kept: once the queue is full librdkafka refuses all that follows.
  private static func queue(
    _ messages: UnsafeMutableBufferPointer<rd_kafka_message_t>, _ topic: OpaquePointer,
    _ refusal: inout rd_kafka_resp_err_t
  ) -> Int {
    let flags = RD_KAFKA_MSG_F_COPY | RD_KAFKA_MSG_F_PARTITION
    let queued = unsafe rd_kafka_produce_batch(topic, -1, flags, messages.baseAddress, Int32(messages.count))
    guard queued < messages.count else { return messages.count }
    for index in messages.indices {
      let code = unsafe messages[index].err
      if code == RD_KAFKA_RESP_ERR__QUEUE_FULL { return index }
      if code != RD_KAFKA_RESP_ERR_NO_ERROR, refusal == RD_KAFKA_RESP_ERR_NO_ERROR { refusal = code }
    }
    return messages.count
  }
}

extension ProducerBatch {
  /// Calls `body` with librdkafka's view of the messages, valid during the call.
  func withMessages(_ body: (UnsafeMutableBufferPointer<rd_kafka_message_t>) -> Void) {
    unsafe withUnsafeTemporaryAllocation(of: rd_kafka_message_t.self, capacity: entries.count) { messages in
      // The text always has an address: a message of no bytes at all must not become a null one.
      let padded = bytes.isEmpty ? [0] : bytes
      unsafe padded.withUnsafeBytes { text in
        guard let base = text.baseAddress else { return }
        for (index, entry) in entries.enumerated() {
          var message = unsafe rd_kafka_message_t()
          let key = unsafe UnsafeMutableRawPointer(mutating: base + entry.start)
          if entry.keyCount >= 0 {
            unsafe message.key = key
            unsafe message.key_len = entry.keyCount
          }
          unsafe message.payload = key + max(0, entry.keyCount)
          unsafe message.len = entry.valueCount
          unsafe message.partition = entry.partition
          unsafe message._private = UnsafeMutableRawPointer(bitPattern: UInt(entry.token))
          unsafe messages.initializeElement(at: index, to: message)
        }
        unsafe body(messages)
      }
    }
  }
}
