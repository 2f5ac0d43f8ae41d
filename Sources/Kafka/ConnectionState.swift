/// How a client stands with its brokers, as far as it can know without asking.
public struct ConnectionState: Sendable, Equatable {
  public enum Phase: Sendable, Equatable {
    /// No broker has answered yet.
    case connecting
    /// A broker answered after the last time that all were lost.
    case connected
    /// No broker can be reached, or they refuse the credentials; librdkafka goes on trying.
    case lost
  }

  public internal(set) var phase = Phase.connecting
  /// When the phase began, in milliseconds since 1970 of this machine's clock.
  public internal(set) var sinceMilliseconds: Int64
  /// The latest answer of any broker; nil before the first. A consumer at the end of its partitions is answered every
  /// `fetch.wait.max.ms`, so this ages only when something is wrong (or when nothing is read).
  public internal(set) var lastResponseMilliseconds: Int64?
  /// What a broker or the network complained about last; it stays when the connection is back.
  public internal(set) var lastError: KafkaError?
  public internal(set) var lastErrorMilliseconds: Int64?
}
