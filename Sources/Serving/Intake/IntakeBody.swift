/// A body of events, cut into its items without understanding them: that is for who judges them.
package enum IntakeBody {
  /// Where the items of `body` lie: the elements of an array, else the lines if `isLines`, else all of it. Without the
  /// blanks around them. O(bytes).
  package static func items(of body: [UInt8], isLines: Bool) throws(HTTPFailure) -> [Range<Int>] {
    let text = try whole(of: body)
    if isLines { return lines(body) }
    return body[text.lowerBound] == UInt8(ascii: "[") ? try elements(body, text) : [text]
  }

  /// Where all of `body` lies, without the blanks around it.
  static func whole(of body: [UInt8]) throws(HTTPFailure) -> Range<Int> {
    let text = trimmed(body, body.indices)
    if text.isEmpty { throw .badBody("it is empty; send an event, or a list of them") }
    return text
  }

  private static func lines(_ body: [UInt8]) -> [Range<Int>] {
    let lines = body.split(separator: 0x0A).map { trimmed(body, $0.indices) }
    return lines.filter { !$0.isEmpty }
  }

  /// Looks for the commas between elements: those outside of strings, objects and inner arrays.
  private static func elements(_ body: [UInt8], _ text: Range<Int>) throws(HTTPFailure) -> [Range<Int>] {
    var items: [Range<Int>] = []
    var start = text.lowerBound + 1
    var position = start
    var depth = 0
    var isInString = false
    while position < text.upperBound {
      switch body[position] {
      case UInt8(ascii: "\\") where isInString: position += 1
      case UInt8(ascii: "\""): isInString.toggle()
      case _ where isInString: break
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
      case UInt8(ascii: "]") where depth == 0:
        guard position + 1 == text.upperBound else { throw .badBody("it goes on behind the end of its array") }
        let last = trimmed(body, start..<position)
        if last.isEmpty, items.isEmpty { throw .badBody("its array is empty; send at least one event") }
        return try appending(last, to: items)
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth = max(0, depth - 1)
      case UInt8(ascii: ",") where depth == 0:
        items = try appending(trimmed(body, start..<position), to: items)
        start = position + 1
      default: break
      }
      position += 1
    }
    throw .badBody("its array has no end")
  }

  private static func appending(_ item: Range<Int>, to items: consuming [Range<Int>]) throws(HTTPFailure)
    -> [Range<Int>]
  {
    guard !item.isEmpty else { throw .badBody("its array has a comma without an element") }
    items.append(item)
    return items
  }

  private static func trimmed(_ body: [UInt8], _ range: Range<Int>) -> Range<Int> {
    var range = range
    while let first = range.first, isBlank(body[first]) { range = range.dropFirst().startIndex..<range.upperBound }
    while let last = range.last, isBlank(body[last]) { range = range.lowerBound..<last }
    return range
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 }
}
