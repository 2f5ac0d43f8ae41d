internal import Telemetry

/// The lines of an audit trail, each with the hash of the one before (Haber and Stornetta, 1991): whoever changes a
/// line, takes one out or puts one in breaks the chain there.
///
/// A line is an object of JSON whose last members are `previous` and `hash`; `hash` is SHA-256 of the line's bytes up
/// to that member, in hexadecimal digits, and `previous` that of the line before, zeros in the first.
struct AuditChain: Sendable {
  private static let digits = 2 * Secrets.digestByteCount
  private static let hashStart = Array(#","hash":""#.utf8)
  private static let previousStart = Array(#","previous":""#.utf8)
  private static let quote = UInt8(ascii: "\"")
  /// `"}` and no more.
  private static let end = Array("\"}".utf8)

  /// The hash of the last line.
  private(set) var head = [UInt8](repeating: UInt8(ascii: "0"), count: digits)
  private(set) var count = 0

  /// `members` as the next line, without a line feed. O(bytes).
  mutating func link(_ members: (inout JSONWriter) -> Void) -> [UInt8] {
    var json = JSONWriter()
    json.object { json in
      members(&json)
      json.field("previous", String(decoding: head, as: UTF8.self))
    }
    var line = Array(json.bytes.dropLast())
    head = AuditChain.hash(line[...])
    count += 1
    line += AuditChain.hashStart + head + AuditChain.end
    return line
  }

  /// What a line is to a chain.
  enum Place {
    case next
    /// It is as it was written, but another stood before it.
    case elsewhere
    case changed
    /// A crash has cut it off while it was written.
    case cutOff
  }

  /// Whether `line` has come to its end.
  static func isWhole(_ line: ArraySlice<UInt8>) -> Bool { line.suffix(end.count).elementsEqual(end) }

  /// Takes `line` if it is the next. O(bytes).
  mutating func follow(_ line: ArraySlice<UInt8>) -> Place {
    guard AuditChain.isWhole(line) else { return .cutOff }
    guard let (previous, hash) = AuditChain.links(line) else { return .changed }
    guard previous.elementsEqual(head) else { return .elsewhere }
    head = Array(hash)
    count += 1
    return .next
  }

  /// Takes `line` for the last of a chain whose beginning is not looked at; false where it is no line of any.
  mutating func goOn(behind line: ArraySlice<UInt8>) -> Bool {
    guard let (_, hash) = AuditChain.links(line) else { return false }
    head = Array(hash)
    return true
  }

  /// The two hashes of a line that is what its own says.
  private static func links(_ line: ArraySlice<UInt8>) -> (previous: ArraySlice<UInt8>, hash: ArraySlice<UInt8>)? {
    var rest = line
    guard let hash = take(&rest, behind: hashStart, before: end),
      Secrets.isEqual(AuditChain.hash(rest), Array(hash))
    else { return nil }
    guard let previous = take(&rest, behind: previousStart, before: [quote]) else { return nil }
    return (previous, hash)
  }

  /// Takes from the end of `rest` so many digits between two texts.
  private static func take(
    _ rest: inout ArraySlice<UInt8>, behind start: [UInt8], before end: [UInt8]
  ) -> ArraySlice<UInt8>? {
    guard rest.count > start.count + digits + end.count, rest.suffix(end.count).elementsEqual(end) else { return nil }
    let taken = rest.dropLast(end.count).suffix(digits)
    rest = rest.dropLast(end.count + digits)
    guard rest.suffix(start.count).elementsEqual(start) else { return nil }
    rest = rest.dropLast(start.count)
    return taken
  }

  private static func hash(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    Secrets.digest(Array(bytes)).flatMap { Array(HexDigits.text($0).utf8) }
  }
}
