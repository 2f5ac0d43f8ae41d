internal import CRdKafka

extension KafkaError {
  /// The error of librdkafka's `code`; `message` is the library's own explanation, or its general one if nil.
  init(_ code: rd_kafka_resp_err_t, operation: String, place: String, message: String? = nil) {
    let general = unsafe rd_kafka_err2str(code).map { unsafe String(cString: $0) } ?? "unknown error"
    let name = unsafe rd_kafka_err2name(code).map { unsafe String(cString: $0) } ?? "\(code.rawValue)"
    self.init(
      KafkaError.kind(of: code), code: name, operation: operation, place: place,
      message: message.flatMap { $0.isEmpty ? nil : $0 } ?? general)
  }

  /// Throws unless `code` is success.
  static func check(_ code: rd_kafka_resp_err_t, _ operation: String, _ place: String) throws(KafkaError) {
    guard code == RD_KAFKA_RESP_ERR_NO_ERROR else { throw KafkaError(code, operation: operation, place: place) }
  }

  /// Takes over an error object of librdkafka: nil is success.
  static func check(_ error: OpaquePointer?, _ operation: String, _ place: String) throws(KafkaError) {
    guard let error = unsafe error else { return }
    defer { unsafe rd_kafka_error_destroy(error) }
    let message = unsafe rd_kafka_error_string(error).map { unsafe String(cString: $0) }
    throw unsafe KafkaError(rd_kafka_error_code(error), operation: operation, place: place, message: message)
  }

  private static func kind(of code: rd_kafka_resp_err_t) -> Kind {
    switch code {
    case RD_KAFKA_RESP_ERR__TRANSPORT, RD_KAFKA_RESP_ERR__ALL_BROKERS_DOWN, RD_KAFKA_RESP_ERR__RESOLVE,
      RD_KAFKA_RESP_ERR_LEADER_NOT_AVAILABLE, RD_KAFKA_RESP_ERR_BROKER_NOT_AVAILABLE,
      RD_KAFKA_RESP_ERR_COORDINATOR_NOT_AVAILABLE, RD_KAFKA_RESP_ERR__WAIT_COORD:
      .unreachable
    case RD_KAFKA_RESP_ERR__TIMED_OUT, RD_KAFKA_RESP_ERR__MSG_TIMED_OUT, RD_KAFKA_RESP_ERR_REQUEST_TIMED_OUT,
      RD_KAFKA_RESP_ERR__TIMED_OUT_QUEUE:
      .timedOut
    case RD_KAFKA_RESP_ERR__AUTHENTICATION, RD_KAFKA_RESP_ERR__SSL, RD_KAFKA_RESP_ERR_SASL_AUTHENTICATION_FAILED,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_SASL_MECHANISM, RD_KAFKA_RESP_ERR_ILLEGAL_SASL_STATE:
      .authentication
    case RD_KAFKA_RESP_ERR_TOPIC_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_GROUP_AUTHORIZATION_FAILED,
      RD_KAFKA_RESP_ERR_CLUSTER_AUTHORIZATION_FAILED, RD_KAFKA_RESP_ERR_TRANSACTIONAL_ID_AUTHORIZATION_FAILED:
      .authorization
    case RD_KAFKA_RESP_ERR_TOPIC_ALREADY_EXISTS: .topicExists
    case RD_KAFKA_RESP_ERR__UNKNOWN_TOPIC, RD_KAFKA_RESP_ERR_UNKNOWN_TOPIC_OR_PART: .unknownTopic
    case RD_KAFKA_RESP_ERR__UNKNOWN_PARTITION: .unknownPartition
    case RD_KAFKA_RESP_ERR__AUTO_OFFSET_RESET, RD_KAFKA_RESP_ERR_OFFSET_OUT_OF_RANGE: .offsetOutOfRange
    case RD_KAFKA_RESP_ERR__QUEUE_FULL: .queueFull
    case RD_KAFKA_RESP_ERR_MSG_SIZE_TOO_LARGE: .messageTooLarge
    case RD_KAFKA_RESP_ERR__FATAL, RD_KAFKA_RESP_ERR__FENCED: .fatal
    case RD_KAFKA_RESP_ERR__UNSUPPORTED_FEATURE, RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED,
      RD_KAFKA_RESP_ERR_UNSUPPORTED_VERSION:
      .unsupported
    default: .other
    }
  }
}
