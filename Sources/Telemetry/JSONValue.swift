/// A JSON text as a tree: for requests and settings, which are small. Numbers keep their text, so that amounts of money
/// stay exact.
public enum JSONValue: Sendable, Equatable {
  case null
  case boolean(Bool)
  /// Digit for digit as it was written.
  case number(String)
  case string(String)
  case array([JSONValue])
  /// In the order of the text; no name appears twice.
  case object([Member])

  public struct Member: Sendable, Equatable {
    public let name: String
    public let value: JSONValue
  }

  /// Reads `bytes`, which are one JSON text (RFC 8259) and nothing else. O(bytes) time and memory.
  public init(parsing bytes: [UInt8]) throws(JSONError) {
    guard String(validating: bytes, as: UTF8.self) != nil else { throw JSONError("is not UTF-8", offset: 0) }
    var parser = JSONParser(bytes: bytes)
    self = try parser.whole()
  }

  /// What kind of value it is, for people.
  public var kind: String {
    switch self {
    case .null: "null"
    case .boolean: "a boolean"
    case .number: "a number"
    case .string: "a text"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

/// Why bytes are no JSON text.
public struct JSONError: Error, Sendable, Equatable, CustomStringConvertible {
  public let problem: String
  /// Bytes before the place.
  public let offset: Int

  init(_ problem: String, offset: Int) {
    self.problem = problem
    self.offset = offset
  }

  public var description: String { "the JSON \(problem), at byte \(offset)" }
}

/// Reads a JSON text from front to back.
private struct JSONParser {
  /// Deeper texts are refused, before they exhaust the stack.
  private static let depthMax = 32

  let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func whole() throws(JSONError) -> JSONValue {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("goes on behind its end") }
    return value
  }

  private func error(_ problem: String) -> JSONError { JSONError(problem, offset: position) }

  private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// Whether `character` came next; it is passed then.
  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard next == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSONValue {
    guard depth < JSONParser.depthMax else { throw error("is nested deeper than \(JSONParser.depthMax) levels") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try text())
    case UInt8(ascii: "t"): return try word("true", .boolean(true))
    case UInt8(ascii: "f"): return try word("false", .boolean(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("ends too early")
    default: return try number()
    }
  }

  private mutating func word(_ word: String, _ value: JSONValue) throws(JSONError) -> JSONValue {
    guard bytes[position...].starts(with: word.utf8) else { throw error("has an unknown word") }
    position += word.utf8.count
    return value
  }

  private mutating func number() throws(JSONError) -> JSONValue {
    let text = bytes[position...].prefix { byte in
      (0x30...0x39).contains(byte) || [0x2B, 0x2D, 0x2E, 0x45, 0x65].contains(byte)
    }
    guard JSONText.isNumber(Array(text)) else { throw error("has no value where one must be") }
    position += text.count
    return .number(String(decoding: text, as: UTF8.self))
  }

  private mutating func array(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var values: [JSONValue] = []
    if take("]") { return .array(values) }
    repeat { values.append(try value(depth: depth + 1)) } while take(",")
    guard take("]") else { throw error("has an array without a comma or an end") }
    return .array(values)
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONValue {
    position += 1
    var members: [JSONValue.Member] = []
    if take("}") { return .object(members) }
    repeat {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("has a member without a name in quotes") }
      let name = try text()
      guard !members.contains(where: { $0.name == name }) else { throw error("has the member '\(name)' twice") }
      guard take(":") else { throw error("has no colon behind the name '\(name)'") }
      members.append(JSONValue.Member(name: name, value: try value(depth: depth + 1)))
    } while take(",")
    guard take("}") else { throw error("has an object without a comma or an end") }
    return .object(members)
  }

  private mutating func text() throws(JSONError) -> String {
    position += 1
    var text: [UInt8] = []
    while let byte = next, byte != UInt8(ascii: "\"") {
      guard byte >= 0x20 else { throw error("has a control character in a text") }
      position += 1
      if byte == UInt8(ascii: "\\") { text += Array(try escaped().utf8) } else { text.append(byte) }
    }
    guard next != nil else { throw error("ends inside a text") }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// What stands behind a backslash.
  private mutating func escaped() throws(JSONError) -> String {
    guard let byte = next else { throw error("ends inside a text") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(UnicodeScalar(byte))
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "u"): return try codePoint()
    default: throw error("has an unknown escape")
    }
  }

  /// One code point in one escape, or in two (a surrogate pair).
  private mutating func codePoint() throws(JSONError) -> String {
    var value = try hexadecimal()
    if (0xD800..<0xDC00).contains(value), bytes[position...].starts(with: "\\u".utf8) {
      position += 2
      let low = try hexadecimal()
      guard (0xDC00..<0xE000).contains(low) else { throw error("has half a character") }
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = UnicodeScalar(value) else { throw error("has half a character") }
    return String(Character(scalar))
  }

  private mutating func hexadecimal() throws(JSONError) -> UInt32 {
    let digits = bytes[position...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(UnicodeScalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("has an escape without four digits") }
    position += 4
    return value
  }
}
