package import Foundation

/// A JSON value, its numbers as exact decimals: what a reference needs, as plainly as it can be said.
package enum PlainJSON: Equatable, Sendable {
  case null
  case boolean(Bool)
  case number(Decimal)
  case text(String)
  case list([PlainJSON])
  case object([String: PlainJSON])

  /// The value that `text` is from end to end, nil if it is none. Of two members of one name the last counts.
  package init?(_ text: String) {
    var parser = PlainJSONParser(text)
    guard let value = parser.value() else { return nil }
    parser.skipSpace()
    guard parser.isAtEnd else { return nil }
    self = value
  }
}

/// Recursive descent over characters; nil means malformed.
private struct PlainJSONParser {
  private let scalars: [Unicode.Scalar]
  private var position = 0

  init(_ text: String) { scalars = Array(text.unicodeScalars) }

  var isAtEnd: Bool { position == scalars.count }

  mutating func skipSpace() {
    while position < scalars.count, " \t\r\n".unicodeScalars.contains(scalars[position]) { position += 1 }
  }

  mutating func value() -> PlainJSON? {
    skipSpace()
    guard position < scalars.count else { return nil }
    switch scalars[position] {
    case "{": return object()
    case "[": return list()
    case "\"": return text().map { .text($0) }
    case "t": return take("true") ? .boolean(true) : nil
    case "f": return take("false") ? .boolean(false) : nil
    case "n": return take("null") ? .null : nil
    default: return number()
    }
  }

  private mutating func take(_ word: String) -> Bool {
    let wanted = Array(word.unicodeScalars)
    guard scalars[position...].starts(with: wanted) else { return false }
    position += wanted.count
    return true
  }

  private mutating func object() -> PlainJSON? {
    position += 1
    var members: [String: PlainJSON] = [:]
    skipSpace()
    if take("}") { return .object(members) }
    while true {
      skipSpace()
      guard position < scalars.count, scalars[position] == "\"", let name = text() else { return nil }
      skipSpace()
      guard take(":"), let value = value() else { return nil }
      members[name] = value
      skipSpace()
      if take("}") { return .object(members) }
      guard take(",") else { return nil }
    }
  }

  private mutating func list() -> PlainJSON? {
    position += 1
    var items: [PlainJSON] = []
    skipSpace()
    if take("]") { return .list(items) }
    while true {
      guard let item = value() else { return nil }
      items.append(item)
      skipSpace()
      if take("]") { return .list(items) }
      guard take(",") else { return nil }
    }
  }

  private mutating func text() -> String? {
    position += 1
    let start = position
    while position < scalars.count, scalars[position] != "\"" {
      guard scalars[position].value >= 0x20 else { return nil }
      position += scalars[position] == "\\" ? 2 : 1
    }
    guard position < scalars.count else { return nil }
    let raw = scalars[start..<position]
    position += 1
    guard raw.contains("\\") else { return String(String.UnicodeScalarView(raw)) }
    // Escapes are Foundation's business: it is not what is tested here.
    let quoted = "\"" + String(String.UnicodeScalarView(raw)) + "\""
    return try? JSONDecoder().decode(String.self, from: Data(quoted.utf8))
  }

  /// A sign, digits without a leading zero, and if wanted a fraction and an exponent.
  private mutating func number() -> PlainJSON? {
    let start = position
    takeOne(of: "-")
    if !takeOne(of: "0"), digits() == 0 { return nil }
    if takeOne(of: "."), digits() == 0 { return nil }
    if takeOne(of: "eE") {
      takeOne(of: "+-")
      if digits() == 0 { return nil }
    }
    return Decimal(string: String(String.UnicodeScalarView(scalars[start..<position]))).map { .number($0) }
  }

  @discardableResult
  private mutating func takeOne(of wanted: String) -> Bool {
    guard position < scalars.count, wanted.unicodeScalars.contains(scalars[position]) else { return false }
    position += 1
    return true
  }

  private mutating func digits() -> Int {
    let start = position
    while position < scalars.count, ("0"..."9").contains(scalars[position]) { position += 1 }
    return position - start
  }
}
