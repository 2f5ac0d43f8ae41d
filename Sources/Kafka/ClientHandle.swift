internal import CRdKafka
internal import Synchronization

/// One librdkafka client, alive as long as anyone holds this object.
///
/// Whoever uses the client's topics and queues holds the handle too, so that they go before it: reference counting is
/// the order of destruction.
///
/// `@unchecked Sendable`: a client is thread-safe by librdkafka's promise, and the pointer never changes.
@safe final class ClientHandle: @unchecked Sendable {
  /// Invariant: a live client until `deinit`.
  @unsafe let pointer: OpaquePointer
  let monitor: ClientMonitor
  /// For error texts.
  let brokers: String
  /// Partitions that have a reader: librdkafka would let a second one take the messages of the first.
  private let claims = Mutex<Set<String>>([])

  init(
    _ type: rd_kafka_type_t, _ settings: consuming ClientSettings, _ monitor: ClientMonitor, brokers: String
  ) throws(KafkaError) {
    let opaque = unsafe Unmanaged.passRetained(monitor).toOpaque()
    unsafe ClientCallbacks.install(in: settings, opaque: opaque)
    let conf = unsafe settings.release()
    let (created, message) = unsafe CText.collect { unsafe rd_kafka_new(type, conf, $0, $1) }
    guard let created = unsafe created else {
      // On failure the object stays ours, but librdkafka has freed the interceptors that it points to (issue 4142),
      // and destroying it would free them again. It is given up: a few kilobytes for a configuration that a person has
      // to correct.
      unsafe Unmanaged<ClientMonitor>.fromOpaque(opaque).release()
      throw KafkaError(
        .configuration, code: "_INVALID_ARG", operation: "make a client for", place: brokers, message: message)
    }
    unsafe pointer = created
    self.monitor = monitor
    self.brokers = brokers
    // Errors and delivery reports are served by librdkafka's own background thread: nobody has to poll for them.
    let main = unsafe rd_kafka_queue_get_main(created)
    let background = unsafe rd_kafka_queue_get_background(created)
    unsafe rd_kafka_queue_forward(main, background)
    unsafe rd_kafka_queue_destroy(background)
    unsafe rd_kafka_queue_destroy(main)
  }

  /// Ends the client's threads. There is no group to leave, so closing never waits for a broker.
  deinit {
    unsafe rd_kafka_destroy_flags(pointer, RD_KAFKA_DESTROY_F_NO_CONSUMER_CLOSE)
    // No callback runs any more; give back what `init` retained.
    unsafe Unmanaged.passUnretained(monitor).release()
  }

  /// An error of `code` that says why: after a time-out without any connection the reason is the connection's error.
  func error(_ code: rd_kafka_resp_err_t, _ operation: String, _ place: String) -> KafkaError {
    let plain = KafkaError(code, operation: operation, place: place)
    let state = monitor.connectionState
    guard plain.kind == .timedOut || plain.kind == .unreachable, state.phase != .connected else { return plain }
    guard let reason = state.lastError else {
      return KafkaError(
        .unreachable, code: plain.code, operation: operation, place: place, message: "no answer from \(brokers)")
    }
    return KafkaError(
      reason.kind == .other ? .unreachable : reason.kind, code: reason.code, operation: operation, place: place,
      message: "no answer from \(brokers): \(reason.message)")
  }

  func check(_ code: rd_kafka_resp_err_t, _ operation: String, _ place: String) throws(KafkaError) {
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw error(code, operation, place) }
  }

  /// Reserves a partition, `topic[partition]`, for one reader until ``release(_:)``.
  func claim(_ place: String) throws(KafkaError) {
    guard claims.withLock({ $0.insert(place).inserted }) else {
      throw KafkaError(
        .configuration, code: "_CONFLICT", operation: "read", place: place, message: "this client reads it already")
    }
  }

  func release(_ place: String) { claims.withLock { _ = $0.remove(place) } }
}
