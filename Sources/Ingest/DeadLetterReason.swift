/// Why a message became a dead letter, in the order of the checks: the first that fails names the reason.
public enum DeadLetterReason: UInt8, Sendable, CaseIterable {
  case emptyMessage = 0
  case tooLong = 1
  case invalidUTF8 = 2
  /// Not one JSON object from end to end, or with numbers that do not fit.
  case malformedJSON = 3
  case missingField = 4
  case wrongType = 5
  case badTime = 6
  case absurdTime = 7
  case unknownEventType = 8

  /// The reason as it is stored and exported: `empty_message`.
  public var name: String {
    switch self {
    case .emptyMessage: "empty_message"
    case .tooLong: "too_long"
    case .invalidUTF8: "invalid_utf8"
    case .malformedJSON: "malformed_json"
    case .missingField: "missing_field"
    case .wrongType: "wrong_type"
    case .badTime: "bad_time"
    case .absurdTime: "absurd_time"
    case .unknownEventType: "unknown_event_type"
    }
  }
}

/// A message that was not accepted.
public struct Reject: Sendable, Equatable {
  /// The position of the message among those that were decoded together.
  public let row: Int
  public let reason: DeadLetterReason
  /// The member that is to blame, by its canonical name; nil where the message as a whole is.
  public let field: String?
  /// Where the raw bytes lie in the arena.
  public let range: MessageRange
}
