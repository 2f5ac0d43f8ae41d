/// The one place that knows what RFC 8259 wants escaped in a string and takes for a number.
public enum JSONText {
  /// Appends `text`, which is UTF-8, in quotes; bytes that need no escape as they are, a run at a time. O(length).
  @inlinable
  public static func append<Text: Collection<UInt8>>(_ text: Text, to json: inout [UInt8]) {
    json.append(0x22)
    var start = text.startIndex
    while let special = text[start...].firstIndex(where: isSpecial) {
      json += text[start..<special]
      appendEscape(text[special], to: &json)
      start = text.index(after: special)
    }
    json += text[start...]
    json.append(0x22)
  }

  @inlinable
  static func isSpecial(_ byte: UInt8) -> Bool { byte < 0x20 || byte == 0x22 || byte == 0x5C }

  @usableFromInline
  static func appendEscape(_ byte: UInt8, to json: inout [UInt8]) {
    switch byte {
    case 0x22, 0x5C: json += [0x5C, byte]
    case 0x0A: json += "\\n".utf8
    case 0x0D: json += "\\r".utf8
    case 0x09: json += "\\t".utf8
    default: json += "\\u00\(byte >> 4)\(String(byte & 15, radix: 16))".utf8
    }
  }

  /// Whether `text` is a number after RFC 8259 §6.
  public static func isNumber(_ text: [UInt8]) -> Bool {
    var rest = text[...]
    func digits(_ rest: inout ArraySlice<UInt8>) -> Int {
      let count = rest.prefix { $0 >= 0x30 && $0 <= 0x39 }.count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let startsWithZero = rest.first == 0x30
    let wholeCount = digits(&rest)
    guard wholeCount > 0, wholeCount == 1 || !startsWithZero else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits(&rest) > 0 else { return false }
    }
    if let mark = rest.first, mark | 0x20 == UInt8(ascii: "e") {
      rest = rest.dropFirst()
      if let sign = rest.first, sign == 0x2B || sign == 0x2D { rest = rest.dropFirst() }
      guard digits(&rest) > 0 else { return false }
    }
    return rest.isEmpty
  }
}
