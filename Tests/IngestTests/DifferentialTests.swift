import Columns
import Foundation
import Ingest
import Testing

/// Random documents, sound and broken, against Foundation's parser.
@Suite struct DifferentialTests {
  @Test(arguments: [UInt64(1), 2, 3, 4])
  func agreesWithFoundation(seed: UInt64) throws {
    var documents = RandomDocuments(random: Random(state: seed))
    let decoder = MessageDecoder(shape: try testShape())
    for round in 0..<50 {
      var messages: [[UInt8]] = []
      for index in 0..<120 {
        let sound = Array(documents.message().utf8)
        messages.append(index % 3 == 0 ? sound : documents.broken(sound))
      }
      let decoded = decode(messages, decoder)
      let reasons = Dictionary(uniqueKeysWithValues: decoded.rejects.map { ($0.row, $0.reason) })
      var row = 0
      for (index, bytes) in messages.enumerated() {
        let object = try? JSONSerialization.jsonObject(with: Data(bytes)) as? [String: Any]
        let isSound = ![.malformedJSON, .invalidUTF8, .emptyMessage].contains(reasons[index])
        let text = String(decoding: bytes, as: UTF8.self)
        if !Self.isKnownDifference(bytes) {
          #expect(isSound == (object != nil), "seed \(seed) round \(round): \(text)")
        }
        guard reasons[index] == nil else { continue }
        if index % 3 == 0, let object {
          #expect(Self.same(decoded, row, object), "seed \(seed) round \(round): \(text)")
        }
        row += 1
      }
      #expect(row == decoded.batch.rowCount)
    }
  }

  /// Where SEMANTICS is stricter or Foundation laxer: lone surrogates, overflowing numbers, NUL bytes (taken for
  /// UTF-16),
  /// commas before a closing bracket.
  private static func isKnownDifference(_ bytes: [UInt8]) -> Bool {
    let text = String(decoding: bytes, as: UTF8.self).lowercased()
    return bytes.contains(0) || text.contains(#/,\s*[}\]]/#) || bytes.starts(with: [0xEF, 0xBB, 0xBF])
      || text.contains(#/\\ud[89a-f]/#)
      || text.contains(#/e\+?[0-9]{3}/#) || text.contains(#/price" *: *-?[0-9.]+e[0-9]/#)
      || text.contains(#/[0-9]{15}/#)
  }

  /// Whether the row says what the object says: the known members in their cells, the others in the overflow.
  private static func same(_ decoded: DecodedMessages, _ row: Int, _ object: [String: Any]) -> Bool {
    var rest = object
    for name in ["event_type", "event_ts"] { rest[name] = nil }
    guard decoded.text("page", row) == rest.removeValue(forKey: "page") as? String else { return false }
    let price = (rest.removeValue(forKey: "price") as? Double).map { Int64(($0 * 10_000).rounded()) }
    guard decoded.integer("price", row) == price else { return false }
    if let utm = rest.removeValue(forKey: "utm") as? [String: Any] {
      guard decoded.text("utm_source", row) == utm["source"] as? String else { return false }
      for (name, value) in utm where name != "source" { rest["utm.\(name)"] = value }
    }
    let overflow = decoded.text("properties", row) ?? "{}"
    let kept = try? JSONSerialization.jsonObject(with: Data(overflow.utf8)) as? [String: Any]
    return kept.map { NSDictionary(dictionary: $0) == NSDictionary(dictionary: rest) } ?? false
  }
}

/// Generates messages with unique keys, and breaks them.
struct RandomDocuments {
  var random: Random

  mutating func message() -> String {
    var members = [
      "\"event_type\"\(space()):\(space())\"purchase\"", "\"event_ts\":\(space())\"2023-11-16T12:00:0\(pick(10)).5Z\"",
    ]
    if pick(2) == 0 { members.append("\"page\":\(string())") }
    if pick(2) == 0 { members.append("\"price\":\(pick(2) == 0 ? "null" : "\(pick(10_000)).\(pick(100))")") }
    if pick(2) == 0 { members.append("\"utm\":{\(space())\"source\":\(string()),\"more\":\(value(2))}") }
    for index in 0..<pick(4) { members.append("\"k\(index)\(string().dropFirst()):\(space())\(value(0))") }
    members.shuffle(using: &random)
    return space() + "{" + members.joined(separator: "\(space()),\(space())") + space() + "}" + space()
  }

  mutating func broken(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    for _ in 0...pick(3) where !bytes.isEmpty {
      let index = pick(bytes.count)
      switch pick(5) {
      case 0: bytes[index] ^= 1 << UInt8(pick(8))
      case 1: bytes.removeLast(bytes.count - index)
      case 2: bytes.insert(Array("{}[]\",:\\0e.-u \n\u{7F}".utf8).randomElement(using: &random) ?? 0, at: index)
      case 3: bytes.remove(at: index)
      default: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: index)
      }
    }
    return bytes
  }

  private mutating func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

  private mutating func space() -> String { pick(4) == 0 ? [" ", "\n", "\t", "\r", "  "][pick(5)] : "" }

  private mutating func string() -> String {
    let pieces = [
      "a", "bcd", "ä", "€", "😀", "\\n", "\\\"", "\\\\", "\\/", "\\u00e9", "\\u20AC", "\\b\\f\\r\\t", "0123456789abcdef",
      "\u{7F}", "{", "}",
    ]
    var text = ""
    for _ in 0..<pick(6) { text += pieces[pick(pieces.count)] }
    return "\"\(text)\""
  }

  private mutating func value(_ depth: Int) -> String {
    switch pick(depth > 4 ? 5 : 7) {
    case 0: return ["null", "true", "false"][pick(3)]
    case 1: return string()
    case 2: return "\(pick(2000) - 1000)"
    case 3: return "\(pick(1000)).\(pick(1000))"
    case 4: return "-\(pick(9))\(["e", "E"][pick(2)])\(["", "+", "-"][pick(3)])\(pick(20))"
    case 5: return "[" + (0..<pick(4)).map { _ in space() + value(depth + 1) }.joined(separator: ",") + space() + "]"
    default:
      let members = (0..<pick(4)).map { "\"m\($0)\":\(space())\(value(depth + 1))" }
      return "{" + members.joined(separator: "\(space()),") + space() + "}"
    }
  }
}
