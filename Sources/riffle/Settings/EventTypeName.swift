/// How event types are named: `page_view`, `order.created`.
enum EventTypeName {
  /// Lower-case words of letters, digits and underscores, joined by dots.
  static func isName(_ text: String) -> Bool {
    let words = text.split(separator: ".", omittingEmptySubsequences: false)
    return words.allSatisfy { word in
      !word.isEmpty
        && word.utf8.allSatisfy { byte in
          (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || byte == UInt8(ascii: "_")
        }
    }
  }

  /// A name, or a family of names: `order.*`.
  static func isPattern(_ text: String) -> Bool { isName(text.hasSuffix(".*") ? String(text.dropLast(2)) : text) }

  /// Whether `name` is `pattern` or of its family.
  static func matches(_ name: String, pattern: String) -> Bool {
    pattern.hasSuffix(".*") ? name.hasPrefix(pattern.dropLast()) && name.count >= pattern.count : name == pattern
  }
}
