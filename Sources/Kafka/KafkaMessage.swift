internal import CRdKafka

/// A message that was read: a view of librdkafka's memory, valid while the closure that got it runs.
///
/// Invariant of every use: `raw` is a message without error that is destroyed only after the closure returned, which
/// the type cannot outlive.
@safe public struct KafkaMessage: ~Copyable, ~Escapable {
  private let raw: UnsafePointer<rd_kafka_message_t>

  @_lifetime(immortal)
  init(_ raw: UnsafePointer<rd_kafka_message_t>) { unsafe self.raw = raw }

  public enum TimestampType: Sendable, Equatable {
    /// The producer's clock.
    case create
    /// The broker's clock, when it appended the message.
    case logAppend
    /// A message without time, of an old format.
    case none
  }

  public var offset: Int64 { unsafe raw.pointee.offset }
  public var partition: Int32 { unsafe raw.pointee.partition }

  /// The value; nil for a null value (a tombstone), which differs from an empty one. O(1).
  public var payload: Span<UInt8>? {
    @_lifetime(borrow self)
    get {
      guard let start = unsafe raw.pointee.payload else { return nil }
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: raw.pointee.len)
      return unsafe _overrideLifetime(bytes.bindMemory(to: UInt8.self).span, borrowing: self)
    }
  }

  /// The key; nil for a null key. O(1).
  public var key: Span<UInt8>? {
    @_lifetime(borrow self)
    get {
      guard let start = unsafe raw.pointee.key else { return nil }
      let bytes = unsafe UnsafeRawBufferPointer(start: start, count: raw.pointee.key_len)
      return unsafe _overrideLifetime(bytes.bindMemory(to: UInt8.self).span, borrowing: self)
    }
  }

  /// Milliseconds since 1970, and by whose clock. O(1).
  public var timestamp: (milliseconds: Int64, type: TimestampType) {
    var type = RD_KAFKA_TIMESTAMP_NOT_AVAILABLE
    let milliseconds = unsafe rd_kafka_message_timestamp(raw, &type)
    switch type {
    case RD_KAFKA_TIMESTAMP_CREATE_TIME: return (milliseconds, .create)
    case RD_KAFKA_TIMESTAMP_LOG_APPEND_TIME: return (milliseconds, .logAppend)
    default: return (milliseconds, .none)
    }
  }

  /// The headers, copied. librdkafka parses them at the first call; O(n), allocates.
  public var headers: [KafkaHeader] {
    var list: OpaquePointer?
    guard unsafe rd_kafka_message_headers(raw, &list) == RD_KAFKA_RESP_ERR_NO_ERROR else { return [] }
    var headers: [KafkaHeader] = []
    var name: UnsafePointer<CChar>?
    var value: UnsafeRawPointer?
    var count = 0
    // Name and value live as long as the message; the call fails behind the last header.
    while unsafe rd_kafka_header_get_all(list, headers.count, &name, &value, &count) == RD_KAFKA_RESP_ERR_NO_ERROR {
      let bytes = unsafe value.map { unsafe [UInt8](UnsafeRawBufferPointer(start: $0, count: count)) }
      headers.append(KafkaHeader(name: unsafe name.map { unsafe String(cString: $0) } ?? "", value: bytes))
    }
    return headers
  }
}

/// A header of a message: names may repeat, and their order is kept.
public struct KafkaHeader: Sendable, Equatable {
  public let name: String
  /// Nil is a null value, which differs from an empty one.
  public let value: [UInt8]?

  public init(name: String, value: [UInt8]?) {
    self.name = name
    self.value = value
  }
}
