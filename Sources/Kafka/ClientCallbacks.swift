internal import CRdKafka

/// The C side of ``ClientMonitor``: functions that librdkafka calls on its own threads.
///
/// Invariant of every `opaque`: it is the monitor that ``ClientHandle`` retained for the client and releases only after
/// the client's threads have ended.
enum ClientCallbacks {
  /// Requests whose answers do not mean that the broker lets us in: SaslHandshake, ApiVersions, SaslAuthenticate.
  static let handshakes: [Int16] = [17, 18, 36]

  static func monitor(_ opaque: UnsafeMutableRawPointer?) -> ClientMonitor? {
    unsafe opaque.map { unsafe Unmanaged<ClientMonitor>.fromOpaque($0).takeUnretainedValue() }
  }

  /// Registers all callbacks with `settings`; `opaque` is the retained monitor.
  ///
  /// Errors of the client come as events on its background thread. The error callback is only called for those that
  /// librdkafka puts into a partition's queue without making them messages, by the thread that polls it.
  static func install(in settings: borrowing ClientSettings, opaque: UnsafeMutableRawPointer) {
    let conf = unsafe settings.borrowed
    unsafe rd_kafka_conf_set_opaque(conf, opaque)
    unsafe rd_kafka_conf_set_events(conf, RD_KAFKA_EVENT_ERROR | RD_KAFKA_EVENT_DR | RD_KAFKA_EVENT_OFFSET_COMMIT)
    unsafe rd_kafka_conf_set_background_event_cb(conf) { _, event, opaque in
      guard let event = unsafe event else { return }
      if let monitor = unsafe ClientCallbacks.monitor(opaque) { unsafe ClientCallbacks.handle(event, monitor) }
      unsafe rd_kafka_event_destroy(event)
    }
    unsafe rd_kafka_conf_set_error_cb(conf) { _, code, reason, opaque in
      let text = unsafe reason.map { unsafe String(cString: $0) } ?? ""
      unsafe ClientCallbacks.monitor(opaque)?.notePartitionError(
        KafkaError(rd_kafka_resp_err_t(code), operation: "read", place: "", message: text))
    }
    unsafe rd_kafka_conf_set_log_cb(conf) { client, level, facility, text in
      guard let monitor = unsafe ClientCallbacks.monitor(rd_kafka_opaque(client)), monitor.wantsLog else { return }
      unsafe monitor.noteLog(
        level: Int(level), facility: facility.map { unsafe String(cString: $0) } ?? "",
        text: text.map { unsafe String(cString: $0) } ?? "")
    }
    // Fails only for a second interceptor of the same name.
    _ = unsafe rd_kafka_conf_interceptor_add_on_new(
      conf, "riffle",
      { client, _, opaque, _, _ in
        unsafe rd_kafka_interceptor_add_on_response_received(
          client, "riffle",
          { _, _, _, _, request, _, _, _, _, error, opaque in
            if error == RD_KAFKA_RESP_ERR_NO_ERROR, !ClientCallbacks.handshakes.contains(request) {
              unsafe ClientCallbacks.monitor(opaque)?.noteResponse()
            }
            return RD_KAFKA_RESP_ERR_NO_ERROR
          }, opaque)
      }, opaque)
  }

  private static func handle(_ event: OpaquePointer, _ monitor: ClientMonitor) {
    switch unsafe rd_kafka_event_type(event) {
    case RD_KAFKA_EVENT_ERROR: unsafe handleError(event, monitor)
    case RD_KAFKA_EVENT_DR: unsafe handleDeliveries(event, monitor)
    case RD_KAFKA_EVENT_OFFSET_COMMIT:
      let code = unsafe rd_kafka_event_error(event)
      // Nothing to commit is no error.
      if code != RD_KAFKA_RESP_ERR_NO_ERROR, code != RD_KAFKA_RESP_ERR__NO_OFFSET {
        monitor.noteError(KafkaError(code, operation: "commit offsets", place: ""), losesBrokers: false)
      }
    default: break
    }
  }

  private static func handleError(_ event: OpaquePointer, _ monitor: ClientMonitor) {
    let code = unsafe rd_kafka_event_error(event)
    let message = unsafe rd_kafka_event_error_string(event).map { unsafe String(cString: $0) }
    let losesBrokers =
      code == RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN || code == RD_KAFKA_RESP_ERR__AUTHENTICATION
      || code == RD_KAFKA_RESP_ERR__FATAL
    let error = KafkaError(code, operation: "talk to", place: "the brokers", message: message)
    monitor.noteError(error, losesBrokers: losesBrokers)
  }

  private static func handleDeliveries(_ event: OpaquePointer, _ monitor: ClientMonitor) {
    var delivered = 0
    var failures: [KafkaError] = []
    var tokens: [Delivery] = []
    // A message is valid until its event is destroyed.
    while let message = unsafe rd_kafka_event_message_next(event) {
      let code = unsafe message.pointee.err
      var failure: KafkaError?
      if code == RD_KAFKA_RESP_ERR_NO_ERROR {
        delivered += 1
      } else {
        let error = unsafe KafkaError(code, operation: "deliver to", place: place(of: message))
        failures.append(error)
        failure = error
      }
      let token = unsafe UInt64(UInt(bitPattern: message.pointee._private))
      if token != 0 {
        let delivery = unsafe Delivery(
          token: token, partition: message.pointee.partition, offset: message.pointee.offset, error: failure)
        tokens.append(delivery)
      }
    }
    monitor.noteDeliveries(delivered: delivered, failures: failures, tokens: tokens)
  }

  /// `topic[partition]` of a message.
  static func place(of message: UnsafePointer<rd_kafka_message_t>) -> String {
    let topic = unsafe rd_kafka_topic_name(message.pointee.rkt).map { unsafe String(cString: $0) } ?? "?"
    return unsafe "\(topic)[\(message.pointee.partition)]"
  }
}
