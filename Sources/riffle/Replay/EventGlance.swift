import Columns

/// What sending an event asks of it, taken from its text at a glance: the ids that may key it and its time. Whether it
/// is a valid event is for who reads the topic, so nothing else is looked at; O(bytes).
struct EventGlance: Equatable {
  /// Where the values lie in the message, without quotes; nil where they are absent, empty, escaped or no text.
  private(set) var session: Range<Int>?
  private(set) var user: Range<Int>?
  /// Event time in milliseconds.
  private(set) var time: Int64?
  private var timeRank = Int.max

  private static let sessionName = Array("session_id".utf8)
  private static let userName = Array("user_id".utf8)
  /// The first that is present counts.
  private static let timeNames = ["event_ts", "event_timestamp", "timestamp"].map { Array($0.utf8) }

  /// Looks at a message; of one that is no JSON object, at what comes before its first mistake.
  init(_ text: Span<UInt8>) {
    var scanner = MemberScanner(text)
    while let (name, value) = scanner.next(text) {
      if text.isText(Self.sessionName, at: name) {
        session = Self.plainText(text, value)
      } else if text.isText(Self.userName, at: name) {
        user = Self.plainText(text, value)
      } else if let rank = Self.timeNames.firstIndex(where: { text.isText($0, at: name) }), rank <= timeRank {
        guard let found = EventTimeText.milliseconds(text.extracting(value)) else { continue }
        (time, timeRank) = (found, rank)
      }
    }
  }

  private static func plainText(_ text: Span<UInt8>, _ value: Range<Int>) -> Range<Int>? {
    guard value.count > 2, text[value.lowerBound] == UInt8(ascii: "\"") else { return nil }
    let inside = value.lowerBound + 1..<value.upperBound - 1
    for index in inside where text[index] == UInt8(ascii: "\\") { return nil }
    return inside
  }
}

/// Walks over the members of the object that a message is, by position.
private struct MemberScanner {
  private var position = 0

  init(_ text: Span<UInt8>) {
    skipBlanks(text)
    position = position < text.count && text[position] == UInt8(ascii: "{") ? position + 1 : text.count
  }

  /// The next name, without quotes, and its value, with them; nil at the end or at the first mistake.
  mutating func next(_ text: Span<UInt8>) -> (name: Range<Int>, value: Range<Int>)? {
    skipBlanks(text)
    if position < text.count, text[position] == UInt8(ascii: ",") { position += 1 }
    skipBlanks(text)
    guard let name = string(text) else { return nil }
    skipBlanks(text)
    guard position < text.count, text[position] == UInt8(ascii: ":") else { return nil }
    position += 1
    skipBlanks(text)
    guard let value = value(text) else { return nil }
    return (name.lowerBound + 1..<name.upperBound - 1, value)
  }

  private mutating func skipBlanks(_ text: Span<UInt8>) {
    while position < text.count {
      switch text[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  /// A string with its quotes.
  private mutating func string(_ text: Span<UInt8>) -> Range<Int>? {
    guard position < text.count, text[position] == UInt8(ascii: "\"") else { return nil }
    let start = position
    position += 1
    while position < text.count {
      let byte = text[position]
      position += byte == UInt8(ascii: "\\") ? 2 : 1
      if byte == UInt8(ascii: "\"") { return start..<position }
    }
    return nil
  }

  private mutating func value(_ text: Span<UInt8>) -> Range<Int>? {
    let start = position
    var depth = 0
    while position < text.count {
      switch text[position] {
      case UInt8(ascii: "\""):
        guard string(text) != nil else { return nil }
        if depth == 0 { return start..<position }
        continue
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"):
        if depth == 0 { return start..<position }
        depth -= 1
        if depth == 0 {
          position += 1
          return start..<position
        }
      case UInt8(ascii: ","): if depth == 0 { return start..<position }
      default: break
      }
      position += 1
    }
    return nil
  }
}

extension Span<UInt8> {
  /// Whether `text` stands at `range`.
  fileprivate func isText(_ text: [UInt8], at range: Range<Int>) -> Bool {
    guard range.count == text.count else { return false }
    for index in text.indices where self[range.lowerBound + index] != text[index] { return false }
    return true
  }
}
