internal import CRdKafka

/// Sends messages: idempotent (a retry neither doubles nor reorders), acknowledged by all replicas in sync.
///
/// Keys are partitioned as the Java clients do (`murmur2_random`): a topic keyed by session id has, in partition p, the
/// sessions of key group p. Sending is asynchronous; ``deliveryCounts`` and ``flush(timeoutMilliseconds:)`` tell what
/// became of it. What was not flushed when the last reference goes is lost.
public final class KafkaProducer: Sendable {
  let handle: ClientHandle

  /// Makes a client; connecting goes on in the background and shows in ``connectionState``.
  public init(_ configuration: KafkaConfiguration, _ options: ProducerOptions = ProducerOptions()) throws(KafkaError) {
    var required = [("enable.idempotence", "true"), ("acks", "all")]
    if let transactionalID = options.transactionalID {
      required.append(("transactional.id", transactionalID))
      required.append(("transaction.timeout.ms", "\(options.deliveryTimeoutMilliseconds)"))
    }
    let settings = try ClientSettings(
      configuration, defaults: KafkaProducer.defaults(options), required: required)
    handle = try ClientHandle(
      RD_KAFKA_PRODUCER, settings, ClientMonitor(configuration, onDelivery: options.onDelivery),
      brokers: configuration.brokers)
  }

  private static func defaults(_ options: ProducerOptions) -> [(String, String)] {
    [
      ("client.id", "riffle"), ("partitioner", "murmur2_random"), ("compression.codec", options.compression.rawValue),
      ("linger.ms", "\(options.lingerMilliseconds)"),
      ("queue.buffering.max.kbytes", "\(min(2_097_151, max(1, options.memoryBytes >> 10)))"),
      // A queued message costs librdkafka some 200 bytes beside its own.
      ("queue.buffering.max.messages", "\(min(10_000_000, max(1, options.memoryBytes / 256)))"),
      ("batch.num.messages", "100000"),
      ("delivery.timeout.ms", "\(options.deliveryTimeoutMilliseconds)"),
      ("reconnect.backoff.ms", "100"), ("reconnect.backoff.max.ms", "2000"),
    ]
  }

  /// Queues one message; its bytes are copied.
  ///
  /// - Parameters:
  ///   - partition: nil lets the key decide, or chance if there is none.
  ///   - timestampMilliseconds: since 1970; nil is now.
  ///   - token: not 0: reported to ``ProducerOptions/onDelivery`` with the message's fate.
  ///   - timeoutMilliseconds: how long to wait for room while the queue is full.
  /// - Throws: ``KafkaError/Kind/queueFull`` if there was no room in time.
  public func send(
    topic: String, partition: Int32? = nil, key: [UInt8]? = nil, value: [UInt8]?, headers: [KafkaHeader] = [],
    timestampMilliseconds: Int64? = nil, token: UInt64 = 0, timeoutMilliseconds: Int = 10_000
  ) throws(KafkaError) {
    let code = waitingForRoom(timeoutMilliseconds) {
      let list = unsafe KafkaProducer.list(of: headers)
      let code = unsafe OptionalBytes.with(value) { value, valueCount in
        unsafe OptionalBytes.with(key) { key, keyCount in
          unsafe riffle_kafka_produce(
            handle.pointer, topic, partition ?? -1, value, valueCount, key, keyCount, list, timestampMilliseconds ?? 0,
            UnsafeMutableRawPointer(bitPattern: UInt(token)))
        }
      }
      // A message that was queued owns its headers.
      if code != RD_KAFKA_RESP_ERR_NO_ERROR, let list = unsafe list { unsafe rd_kafka_headers_destroy(list) }
      return code
    }
    try handle.check(code, "send to", partition.map { "\(topic)[\($0)]" } ?? topic)
  }

  /// Repeats `attempt` until the queue has room for it or `timeoutMilliseconds` are over.
  func waitingForRoom(_ timeoutMilliseconds: Int, _ attempt: () -> rd_kafka_resp_err_t) -> rd_kafka_resp_err_t {
    var code = attempt()
    guard code == RD_KAFKA_RESP_ERR__QUEUE_FULL else { return code }
    let deadline = ContinuousClock.now + .milliseconds(timeoutMilliseconds)
    while code == RD_KAFKA_RESP_ERR__QUEUE_FULL, ContinuousClock.now < deadline {
      handle.monitor.waitForRoom()
      code = attempt()
    }
    return code
  }

  /// Waits until every message sent so far is delivered or given up.
  ///
  /// - Throws: when messages are still under way after `timeoutMilliseconds`; they stay so, and it may be called again.
  public func flush(timeoutMilliseconds: Int) throws(KafkaError) {
    let code = unsafe rd_kafka_flush(handle.pointer, Int32(clamping: timeoutMilliseconds))
    try handle.check(code, "deliver \(queuedCount) messages to", handle.brokers)
  }

  /// Messages that are neither delivered nor given up yet.
  public var queuedCount: Int { unsafe Int(rd_kafka_outq_len(handle.pointer)) }

  /// What became of the messages so far.
  public var deliveryCounts: DeliveryCounts { handle.monitor.deliveryCounts }

  /// How the client stands with its brokers.
  public var connectionState: ConnectionState { handle.monitor.connectionState }

  private static func list(of headers: [KafkaHeader]) -> OpaquePointer? {
    guard !headers.isEmpty, let list = unsafe rd_kafka_headers_new(headers.count) else { return nil }
    for header in headers {
      unsafe OptionalBytes.with(header.value) { value, count in
        unsafe _ = rd_kafka_header_add(list, header.name, -1, value, count)
      }
    }
    return unsafe list
  }
}

/// Bytes for C, where a null pointer means null and an empty array must therefore have an address.
enum OptionalBytes {
  static func with<Result>(_ bytes: [UInt8]?, _ body: (UnsafeRawPointer?, Int) -> Result) -> Result {
    guard let bytes else { return body(nil, 0) }
    return unsafe bytes.withUnsafeBytes { buffer in
      if let start = buffer.baseAddress { return unsafe body(start, buffer.count) }
      var nothing: UInt8 = 0
      return unsafe withUnsafeBytes(of: &nothing) { unsafe body($0.baseAddress, 0) }
    }
  }
}
