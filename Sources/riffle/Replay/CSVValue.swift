import Ingest

/// A cell as JSON.
enum CSVValue {
  /// Numbers where the field is one, and for fields that events do not have, where the cell looks like one.
  static func append(_ cell: [UInt8], _ kind: FieldRule.Kind?, to event: inout [UInt8]) {
    let isNumber = isNumber(cell)
    let text = String(decoding: cell, as: UTF8.self)
    switch kind {
    case .decimal, .real, .time:
      if isNumber { event += cell } else { appendText(cell, to: &event) }
    case .boolean:
      let value = ["true": "true", "1": "true", "false": "false", "0": "false"][text.lowercased()]
      if let value { event += value.utf8 } else { appendText(cell, to: &event) }
    case .object:
      if cell.first == UInt8(ascii: "{") { event += cell } else { appendText(cell, to: &event) }
    case .text: appendText(cell, to: &event)
    case nil:
      if isNumber || text == "true" || text == "false" { event += cell } else { appendText(cell, to: &event) }
    }
  }

  /// In quotes, escaped after RFC 8259; bytes that are no UTF-8 stay, for the reader to refuse.
  private static func appendText(_ cell: [UInt8], to event: inout [UInt8]) {
    event.append(UInt8(ascii: "\""))
    for byte in cell {
      if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
        event += [UInt8(ascii: "\\"), byte]
      } else if byte < 0x20 {
        event += JSONText.string(String(UnicodeScalar(byte))).utf8.dropFirst().dropLast()
      } else {
        event.append(byte)
      }
    }
    event.append(UInt8(ascii: "\""))
  }

  /// The grammar of JSON's numbers: no leading zeros, no plus, digits on both sides of the point.
  static func isNumber(_ cell: [UInt8]) -> Bool {
    var rest = cell[...]
    func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }
    func digits() -> Int {
      let count = rest.prefix(while: isDigit).count
      rest = rest.dropFirst(count)
      return count
    }
    if rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
    let startsWithZero = rest.first == UInt8(ascii: "0")
    let whole = digits()
    guard whole > 0, !(startsWithZero && whole > 1) else { return false }
    if rest.first == UInt8(ascii: ".") {
      rest = rest.dropFirst()
      guard digits() > 0 else { return false }
    }
    if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      rest = rest.dropFirst()
      if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
      guard digits() > 0 else { return false }
    }
    return rest.isEmpty
  }
}
