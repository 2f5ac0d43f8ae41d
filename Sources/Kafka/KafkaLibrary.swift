internal import CRdKafka

/// The librdkafka that this process runs with, which may be newer than the one it was built against.
public enum KafkaLibrary {
  /// `2.0.2`.
  public static var version: String {
    unsafe rd_kafka_version_str().map { unsafe String(cString: $0) } ?? "unknown"
  }

  /// Major, minor and revision, one byte each: 0x020002 is 2.0.2. Compares in the order of releases.
  public static var versionNumber: Int { Int(rd_kafka_version() >> 8) }

  /// Whether SASL SCRAM works with every broker: before 2.6.1 librdkafka repeats the client's nonce, which brokers
  /// refuse since Kafka 3.8.1 as "invalid credentials" (librdkafka issue 4895).
  public static var hasSoundSCRAM: Bool { versionNumber >= 0x020601 }
}
