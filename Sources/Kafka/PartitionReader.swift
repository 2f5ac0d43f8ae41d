internal import CRdKafka
internal import Synchronization

/// Reads one partition from its own queue. Made by ``KafkaConsumer/add(topic:partition:from:)``.
///
/// One thread polls: the lane. Other calls may come from any thread and wait for a poll that is under way; none may
/// come from inside the closure of ``poll(maximumMessages:timeoutMilliseconds:into:)``.
///
/// `@unchecked Sendable`: topic and queue are thread-safe by librdkafka's promise and never change; everything else is
/// behind the lock.
@safe public final class PartitionReader: @unchecked Sendable {
  public let topic: String
  public let partition: Int32
  /// `topic[partition]`, for error texts, and what the reader claims.
  let place: String

  /// Holds the client: topic and queue must go before it.
  let handle: ClientHandle
  /// Invariant of both: alive until `deinit`, which stops the partition first.
  private let topicPointer: OpaquePointer
  let queue: OpaquePointer
  let progress: Mutex<ReadProgress>
  /// The position as of the latest poll, for who must not wait for a poll under way; negative is unknown.
  let publishedPosition: Atomic<Int64>

  init(
    _ handle: ClientHandle, topic: String, partition: Int32, from start: StartOffset
  ) throws(KafkaError) {
    self.handle = handle
    self.topic = topic
    self.partition = partition
    place = "\(topic)[\(partition)]"
    try handle.claim(place)
    guard let pointer = unsafe rd_kafka_topic_new(handle.pointer, topic, nil) else {
      handle.release(place)
      throw KafkaError(rd_kafka_last_error(), operation: "read", place: topic)
    }
    unsafe topicPointer = pointer
    unsafe queue = rd_kafka_queue_new(handle.pointer)
    let begun = ReadProgress(start: start)
    progress = Mutex(begun)
    publishedPosition = Atomic(begun.position ?? -1)
    try check(start)
    try begin(at: start)
    progress.withLock { $0.isReading = true }
  }

  deinit {
    if progress.withLock({ $0.isReading }) { unsafe rd_kafka_consume_stop(topicPointer, partition) }
    unsafe rd_kafka_queue_destroy(queue)
    unsafe rd_kafka_topic_destroy(topicPointer)
    handle.release(place)
  }

  /// The offset of the next message, as of the latest poll; nil before the first message or event of a partition begun
  /// at its beginning or end. O(1), waits for nothing.
  public var position: Int64? {
    let position = publishedPosition.load(ordering: .relaxed)
    return position < 0 ? nil : position
  }

  /// Stops fetching and drops what was fetched ahead, which frees its memory; polls return nothing.
  ///
  /// To be slow for a while it is enough not to poll: the queue is bounded.
  public func pause() {
    progress.withLock { progress in
      guard progress.isReading else { return }
      unsafe rd_kafka_consume_stop(topicPointer, partition)
      progress.isReading = false
    }
  }

  /// Goes on where ``pause()`` stopped, without loss or repetition.
  ///
  /// Pausing is stopping and resuming is starting, not `rd_kafka_pause_partitions`, which drops what was fetched ahead
  /// as well and, in librdkafka 2.0.2, notes its position without regard to a poll under way.
  public func resume() throws(KafkaError) {
    try progress.withLock { progress throws(KafkaError) in
      guard !progress.isReading else { return }
      try begin(at: progress.position.map(StartOffset.offset) ?? progress.start)
      progress.isReading = true
    }
  }

  /// Goes on at `start`, also after an error that made the partition stand still. A paused partition resumes.
  public func seek(to start: StartOffset) throws(KafkaError) {
    try check(start)
    try progress.withLock { progress throws(KafkaError) in
      if progress.isReading { unsafe rd_kafka_consume_stop(topicPointer, partition) }
      progress = ReadProgress(start: start)
      publishedPosition.store(progress.position ?? -1, ordering: .relaxed)
      try begin(at: start)
      progress.isReading = true
    }
  }

  /// What the broker held at the latest fetch; nil where nothing is known yet. O(1), asks nobody.
  public var cachedOffsets: (low: Int64?, high: Int64?) {
    var low: Int64 = -1
    var high: Int64 = -1
    _ = unsafe rd_kafka_get_watermark_offsets(handle.pointer, topic, partition, &low, &high)
    return (low < 0 ? nil : low, high < 0 ? nil : high)
  }

  /// What the broker holds now. Asks the broker; at most `timeoutMilliseconds`.
  public func queryOffsets(timeoutMilliseconds: Int) throws(KafkaError) -> OffsetRange {
    var low: Int64 = -1
    var high: Int64 = -1
    let code = unsafe rd_kafka_query_watermark_offsets(
      handle.pointer, topic, partition, &low, &high, Int32(timeoutMilliseconds))
    try handle.check(code, "look up the offsets of", place)
    return OffsetRange(low: low, high: high)
  }

  private func check(_ start: StartOffset) throws(KafkaError) {
    // To librdkafka some negative offsets have meanings of their own.
    if case .offset(let offset) = start, offset < 0 { throw refusal("there is no offset \(offset)") }
    guard !topic.isEmpty else { throw refusal("the topic has no name") }
  }

  private func refusal(_ message: String) -> KafkaError {
    KafkaError(.configuration, code: "_INVALID_ARG", operation: "read", place: place, message: message)
  }

  /// Lets the client learn how many partitions the topic has now; whether it succeeds shows in what is read.
  func refreshMetadata(timeoutMilliseconds: Int32) {
    var metadata: UnsafePointer<rd_kafka_metadata>?
    _ = unsafe rd_kafka_metadata(handle.pointer, 0, topicPointer, &metadata, timeoutMilliseconds)
    if let metadata = unsafe metadata { unsafe rd_kafka_metadata_destroy(metadata) }
  }

  private func begin(at start: StartOffset) throws(KafkaError) {
    guard unsafe rd_kafka_consume_start_queue(topicPointer, partition, start.number, queue) == 0 else {
      throw KafkaError(rd_kafka_last_error(), operation: "read", place: place)
    }
  }
}

/// How far a reader has come.
struct ReadProgress {
  /// Where reading began or was sought to.
  let start: StartOffset
  /// The next offset expected; what is below was delivered before.
  var position: Int64?
  var isReading = false
  /// The latest error returned, and when.
  private var latestError: (code: String, milliseconds: Int64)?
  static let errorIntervalMilliseconds: Int64 = 5000

  init(start: StartOffset) {
    self.start = start
    if case .offset(let offset) = start { position = offset }
  }

  /// Whether `event` is to be told: not an error that was told just before.
  mutating func isNews(_ event: PartitionEvent, atMilliseconds now: Int64) -> Bool {
    guard case .failed(let error) = event else { return true }
    if let latest = latestError, latest.code == error.code,
      now - latest.milliseconds < ReadProgress.errorIntervalMilliseconds
    {
      return false
    }
    latestError = (error.code, now)
    return true
  }
}
