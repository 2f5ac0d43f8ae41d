internal import CRdKafka

/// A configuration object of librdkafka in the making: ours until a client is made of it.
@safe struct ClientSettings: ~Copyable {
  /// Invariant: alive until `deinit`, or until a client took it over by ``release()``.
  private let pointer: OpaquePointer

  /// Sets our `defaults`, the configuration's properties and what is `required`, in this order; of one name the last
  /// wins.
  init(
    _ configuration: KafkaConfiguration, defaults: [(String, String)], required: [(String, String)]
  ) throws(KafkaError) {
    unsafe pointer = rd_kafka_conf_new()
    guard configuration.brokers.contains(where: { $0 != "," && !$0.isWhitespace }) else {
      throw ClientSettings.refusal("brokers", "no broker is named; write host:port")
    }
    try ClientSettings.refuseReserved(configuration)
    try ClientSettings.refuseUnsoundSCRAM(configuration)
    for (name, value) in defaults { try set(name, value) }
    for (name, value) in configuration.properties { try set(name, value) }
    for (name, value) in required { try set(name, value) }
    try set("bootstrap.servers", configuration.brokers)
  }

  deinit { unsafe rd_kafka_conf_destroy(pointer) }

  func set(_ name: String, _ value: String) throws(KafkaError) {
    let (result, message) = unsafe CText.collect { unsafe rd_kafka_conf_set(pointer, name, value, $0, $1) }
    guard result == RD_KAFKA_CONF_OK else { throw ClientSettings.refusal(name, message) }
  }

  /// The object itself, for calls that do not keep it.
  @unsafe var borrowed: OpaquePointer { unsafe pointer }

  /// Gives the object to a client, which now destroys it.
  @unsafe consuming func release() -> OpaquePointer {
    let taken = unsafe pointer
    discard self
    return unsafe taken
  }

  private static func refuseReserved(_ configuration: KafkaConfiguration) throws(KafkaError) {
    for (name, _) in configuration.properties where KafkaConfiguration.reservedProperties.contains(name) {
      throw refusal(name, "the engine sets this property itself")
    }
  }

  private static func refuseUnsoundSCRAM(_ configuration: KafkaConfiguration) throws(KafkaError) {
    guard !KafkaLibrary.hasSoundSCRAM else { return }
    for (name, value) in configuration.properties where name == "sasl.mechanisms" || name == "sasl.mechanism" {
      guard value.uppercased().hasPrefix("SCRAM-") else { continue }
      throw KafkaError(
        .unsupported, code: "SCRAM", operation: "use \(name)=\(value)", place: "",
        message: "librdkafka \(KafkaLibrary.version) repeats its SCRAM nonce, which brokers refuse as invalid "
          + "credentials since Kafka 3.8.1; install librdkafka 2.6.1 or newer, or use PLAIN over TLS")
    }
  }

  private static func refusal(_ name: String, _ message: String) -> KafkaError {
    KafkaError(.configuration, code: "_INVALID_ARG", operation: "set", place: name, message: message)
  }
}

/// The C library's way to explain: a buffer that the callee fills with a sentence.
enum CText {
  /// Calls `body` with room for a sentence and returns its result and the sentence.
  static func collect<Result>(_ body: (UnsafeMutablePointer<CChar>?, Int) -> Result) -> (Result, String) {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 512) { buffer in
      unsafe buffer.initialize(repeating: 0)
      let result = unsafe body(buffer.baseAddress, buffer.count)
      // The callee ends the text with a zero byte, which is inside the buffer at the latest by the initialization.
      let text = unsafe buffer.baseAddress.map { unsafe String(cString: $0) } ?? ""
      return (result, text)
    }
  }
}
