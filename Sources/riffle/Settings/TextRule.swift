import Columns
import Serving

/// What a text setting may say: a rule and its words.
struct TextRule: Sendable {
  /// To follow "must be".
  let allowed: String
  let allows: @Sendable (String) -> Bool

  static let brokers = TextRule(allowed: "brokers like 'localhost:9092' or 'a:9092,b:9092'") { text in
    let brokers = text.split(separator: ",", omittingEmptySubsequences: false)
    return brokers.allSatisfy { broker in !broker.isEmpty && broker.allSatisfy { !$0.isWhitespace } }
  }

  static let listen = TextRule(allowed: "an address and port like '127.0.0.1:8000' or '[::1]:8000'") { text in
    HTTPAddress(text) != nil
  }

  static let path = TextRule(allowed: "the path of a file, or \"\" for none") { text in !text.utf8.contains(0) }

  static let host = TextRule(allowed: "a name or address without scheme and port, like shop.example") { text in
    !text.isEmpty && text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/,@*".utf8.contains($0) }
      && (text.hasPrefix("[") ? text.hasSuffix("]") : !text.contains(":"))
  }

  static let addresses = TextRule(allowed: "an address or a network, like 10.0.0.7, 10.0.0.0/8 or fd00::/8") { text in
    AddressRange(text) != nil
  }

  static let origin = TextRule(allowed: "an origin like https://shop.example or http://localhost:3000, or \"*\"") {
    text in
    guard text != "*" else { return true }
    guard text.hasPrefix("https://") || text.hasPrefix("http://"), let range = text.firstRange(of: "://") else {
      return false
    }
    let place = text[range.upperBound...].utf8
    return !place.isEmpty && place.allSatisfy { $0 > 0x20 && $0 < 0x7F && !"/,@*?#".utf8.contains($0) }
  }

  static let scope = TextRule(allowed: HTTPScope.allCases.map(\.rawValue).joined(separator: " or ")) { text in
    HTTPScope(rawValue: text) != nil
  }

  static let topic = TextRule(allowed: "a topic's name: at most 249 letters, digits, '.', '_' or '-'") { text in
    isName(text) && text != "." && text != ".."
  }

  static let optionalTopic = TextRule(allowed: "\(topic.allowed); or \"\" for none") { text in
    text.isEmpty || topic.allows(text)
  }

  static let optionalFile = TextRule(allowed: "the path of a file; or \"\" for none") { text in
    text.isEmpty || (text.utf8.count <= 4096 && !text.contains { $0.isNewline || $0 == "\0" })
  }

  static let group = TextRule(allowed: "a group's name: at most 249 letters, digits, '.', '_' or '-'") { isName($0) }

  static let kafkaStart = TextRule(allowed: "earliest, latest or a time, like 2026-01-31T08:00:00Z") { text in
    KafkaStart(text: text) != nil
  }

  private static func isName(_ text: String) -> Bool {
    (1...249).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}

/// Where the first start begins to read a topic.
enum KafkaStart: Sendable, Equatable {
  case earliest
  case latest
  /// Milliseconds since 1970: the first message that the broker has of this time or later.
  case time(Int64)

  /// As in the settings; nil where `text` is neither a word nor a time.
  init?(text: String) {
    switch text {
    case "earliest": self = .earliest
    case "latest": self = .latest
    default:
      guard let time = EventTime.parse(dateOrTime: text) else { return nil }
      self = .time(time)
    }
  }
}
