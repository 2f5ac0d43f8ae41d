package import Query

/// Where an export goes on: which rows of which commit, as a text that only we read.
///
/// Nothing in it is trusted: a commit that is not there is gone, and a position that no row has is before or behind
/// rows that there are.
package struct ExportCursor: Equatable {
  package let request: ExportRequest
  let incarnation: UInt64
  let epoch: UInt64
  package let position: ExportPosition

  init(_ table: ExportTable, _ position: ExportPosition) {
    request = table.request
    incarnation = table.incarnation
    epoch = table.epoch
    self.position = position
  }

  private static let version: Substring = "1"

  /// In hexadecimal digits, so that it needs no encoding anywhere.
  package var text: String {
    let times = request.times.map { ["\($0.lowerBound)", "\($0.upperBound)"] } ?? ["", ""]
    let parts =
      [String(ExportCursor.version), "\(incarnation)", "\(epoch)"] + times
      + ["\(position.source)", "\(position.number)", request.table]
    return parts.joined(separator: "|").utf8.map { HexDigits.text($0) }.joined()
  }

  /// The parameter `cursor` of an export of `wanted`; nil where there is none.
  ///
  /// - Throws: what is wrong with it, or with what came beside it.
  package init?(_ query: HTTPQuery, of wanted: ExportRequest) throws(HTTPFailure) {
    guard let text = query.text("cursor") else { return nil }
    for name in ["start_time", "end_time", "date"] where query.text(name) != nil {
      throw .badParameter(name: name, "cannot be combined with 'cursor', which says it already: leave it out")
    }
    guard let cursor = ExportCursor(text) else {
      throw .badParameter(name: "cursor", "is none that this server gives: take it from Riffle-Next-Cursor as it is")
    }
    guard cursor.request.table == wanted.table else {
      throw .badParameter(
        name: "cursor", "is of an export of '\(cursor.request.table.prefix(60))', not of '\(wanted.table)'")
    }
    self = cursor
  }

  /// Nil for a text that is none of ours.
  package init?(_ text: String) {
    guard let bytes = HexDigits.bytes(text), let plain = String(validating: bytes, as: UTF8.self) else { return nil }
    let parts = plain.split(separator: "|", maxSplits: 7, omittingEmptySubsequences: false)
    guard parts.count == 8, parts[0] == ExportCursor.version, let incarnation = UInt64(parts[1]),
      let epoch = UInt64(parts[2]), let source = Int64(parts[5]), let number = Int64(parts[6])
    else { return nil }
    request = ExportRequest(table: String(parts[7]), times: ExportCursor.times(parts[3], parts[4]))
    guard request.times != nil || (parts[3].isEmpty && parts[4].isEmpty) else { return nil }
    self.incarnation = incarnation
    self.epoch = epoch
    position = ExportPosition(source: source, number: number)
  }

  private static func times(_ first: Substring, _ end: Substring) -> Range<Int64>? {
    guard let first = Int64(first), let end = Int64(end), first <= end else { return nil }
    return first..<end
  }
}

/// Bytes as two lower-case digits each.
enum HexDigits {
  /// For documentation: what a cursor looks like.
  static let schema = JSONSchema.text(pattern: "^([0-9a-f]{2})+$")

  static func text(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16)
    return byte < 16 ? "0" + digits : digits
  }

  /// Nil where `text` is no such digits.
  static func bytes(_ text: String) -> [UInt8]? {
    let digits = text.utf8.map { byte -> UInt8? in
      switch byte {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    guard digits.count.isMultiple(of: 2), !digits.contains(nil) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { (digits[$0] ?? 0) << 4 | (digits[$0 + 1] ?? 0) }
  }
}
