public import Kafka

/// A copy of a message, to compare.
public struct ReceivedMessage: Sendable, Equatable {
  public let offset: Int64
  public let key: [UInt8]?
  public let payload: [UInt8]?
  public let headers: [KafkaHeader]
  public let timestampMilliseconds: Int64
  public let timestampType: KafkaMessage.TimestampType

  public init(_ message: borrowing KafkaMessage) {
    offset = message.offset
    key = ReceivedMessage.bytes(message.key)
    payload = ReceivedMessage.bytes(message.payload)
    headers = message.headers
    (timestampMilliseconds, timestampType) = message.timestamp
  }

  /// The payload as text; a null is "null".
  public var text: String { payload.map { String(decoding: $0, as: UTF8.self) } ?? "null" }

  private static func bytes(_ span: Span<UInt8>?) -> [UInt8]? {
    guard let span else { return nil }
    return span.indices.map { span[$0] }
  }
}

/// What a reader gave until a test had enough.
public struct ReadResult: Sendable {
  public var messages: [ReceivedMessage] = []
  public var events: [PartitionEvent] = []

  /// The position of the latest end of partition.
  public var end: Int64? {
    events.compactMap { if case .reachedEnd(let position) = $0 { position } else { nil } }.last
  }

  public var errors: [KafkaError] {
    events.compactMap { if case .failed(let error) = $0 { error } else { nil } }
  }
}

extension PartitionReader {
  /// Polls until `isEnough` says so or `seconds` are over.
  public func read(
    seconds: Double = 20, maximumMessages: Int = 1000, until isEnough: (ReadResult) -> Bool
  ) -> ReadResult {
    var result = ReadResult()
    let deadline = Deadline(seconds: seconds)
    while !isEnough(result), !deadline.hasPassed {
      result.events += poll(maximumMessages: maximumMessages, timeoutMilliseconds: 50) {
        result.messages.append(ReceivedMessage($0))
      }
    }
    return result
  }

  /// Polls until the partition's end is reached.
  public func readToEnd(seconds: Double = 20) -> ReadResult { read(seconds: seconds) { $0.end != nil } }
}
