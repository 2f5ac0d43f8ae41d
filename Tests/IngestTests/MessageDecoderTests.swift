import Columns
import Ingest
import Testing

@Suite struct MessageDecoderTests {
  static let type = "\"event_type\":\"page_view\""
  static let time = "\"event_ts\":1700000000"

  static let rejected: [(message: String, reason: DeadLetterReason, field: String?)] = [
    ("", .emptyMessage, nil), (" ", .malformedJSON, nil), ("[]", .malformedJSON, nil), ("null", .malformedJSON, nil),
    ("}", .malformedJSON, nil), ("{}", .missingField, "event_type"), ("\u{FEFF}{}", .malformedJSON, nil),
    (message() + " {}", .malformedJSON, nil), (message() + "}", .malformedJSON, nil),
    (message("\"a\":NaN,"), .malformedJSON, nil), (message("\"a\":-Infinity,"), .malformedJSON, nil),
    (message("\"a\":01,"), .malformedJSON, nil), (message("\"a\":1.,"), .malformedJSON, nil),
    (message("\"a\":.5,"), .malformedJSON, nil), (message("\"a\":+1,"), .malformedJSON, nil),
    (message("\"a\":1e,"), .malformedJSON, nil), (message("\"a\":1e309,"), .malformedJSON, nil),
    (message("\"geo\":{\"lat\":-1e400},"), .malformedJSON, nil), (message("\"a\":\"\\x\","), .malformedJSON, nil),
    (message("\"a\":\"\\ud800\","), .malformedJSON, nil), (message("\"a\":\"\\udc00\\ud800\","), .malformedJSON, nil),
    (message("\"page\":\"\\ud83dx\","), .malformedJSON, nil), (message("\"page\":\"a\tb\","), .malformedJSON, nil),
    (message("\"page\":\"a\u{0}\","), .malformedJSON, nil), (message("\"a\":[1,],"), .malformedJSON, nil),
    (message("\"a\":{\"b\":1,},"), .malformedJSON, nil), (message(","), .malformedJSON, nil),
    (message("\"a\":tru,"), .malformedJSON, nil), (message("'a':1,"), .malformedJSON, nil),
    (message("\"price\":1e15,"), .malformedJSON, nil),
    (message("\"price\":922337203685477.5808,"), .malformedJSON, nil),
    ("{\(type),\(time),\"utm\":{\"source\":\"a\"}", .malformedJSON, nil),
    ("{\(type),\(time),\"a\":\"}", .malformedJSON, nil), ("{\(type),\(time),\"a\":{\"b\":1}", .malformedJSON, nil),
    ("{\(type),\(time),}", .malformedJSON, nil),
    ("{\(time)}", .missingField, "event_type"), ("{\(type)}", .missingField, "event_ts"),
    ("{\(time),\"event_type\":null}", .missingField, "event_type"),
    ("{\(time),\"event_type\":\"\"}", .missingField, "event_type"),
    ("{\(type),\"event_ts\":\"\"}", .missingField, "event_ts"),
    ("{\(type),\"event_ts\":null,\"timestamp\":1700000000}", .missingField, "event_ts"),
    ("{\"event_type\":5}", .missingField, "event_ts"), ("{\(time),\"event_type\":5}", .wrongType, "event_type"),
    ("{\(type),\"event_ts\":true}", .wrongType, "event_ts"), ("{\(type),\"event_ts\":{}}", .wrongType, "event_ts"),
    (message("\"price\":true,"), .wrongType, "price"), (message("\"price\":\"1\","), .wrongType, "price"),
    (message("\"page\":1,\"event_id\":[],"), .wrongType, "event_id"), (message("\"utm\":[],"), .wrongType, "utm"),
    (message("\"utm\":{\"source\":{}},"), .wrongType, "utm.source"),
    (message("\"geo\":{\"mobile\":0},"), .wrongType, "geo.mobile"),
    (message("\"properties\":\"x\","), .wrongType, "properties"),
    ("{\(type),\"event_ts\":\"soon\"}", .badTime, "event_ts"),
    ("{\(type),\"event_ts\":\"soon\",\"page\":1}", .wrongType, "page"),
    ("{\(type),\"event_ts\":0}", .absurdTime, "event_ts"), ("{\(type),\"event_ts\":-1e-9}", .absurdTime, "event_ts"),
    ("{\(type),\"event_ts\":1e300}", .absurdTime, "event_ts"),
    ("{\(type),\"event_ts\":\"2100-01-01T00:00:00.001Z\"}", .absurdTime, "event_ts"),
    ("{\(type),\"event_ts\":\"1970-01-01T00:00:00Z\"}", .absurdTime, "event_ts"),
    ("{\(time),\"event_type\":\"other\"}", .unknownEventType, "event_type"),
    ("{\(time),\"event_type\":\"order.\"}", .unknownEventType, "event_type"),
  ]

  @Test(arguments: rejected.indices)
  func rejects(_ index: Int) throws {
    let (text, reason, field) = Self.rejected[index]
    let decoded = try decode([message(), text, message()])
    #expect(decoded.batch.rowCount == 2, "\(text)")
    #expect(decoded.rejects.first?.reason == reason, "\(text)")
    #expect(decoded.rejects.first?.field == field, "\(text)")
    #expect(decoded.rejects.first?.row == 1)
    #expect(decoded.offsets[1] == 102)
  }

  @Test func rejectsBytesThatAreNoText() throws {
    let decoder = MessageDecoder(shape: try testShape(maximumMessageBytes: 100))
    let bad = Array("{\"a\":\"".utf8) + [0xC3, 0x28] + Array("\"}".utf8)
    let decoded = decode([bad, [0xFF], Array(message().utf8), [UInt8](repeating: 0x20, count: 101)], decoder)
    #expect(decoded.rejects.map(\.reason) == [.invalidUTF8, .invalidUTF8, .tooLong])
    #expect(decoded.batch.rowCount == 1)
  }

  @Test func fillsCells() throws {
    let decoded = try decode([
      message(
        "\"event_id\":\"e1\",\"user_id\":\"\",\"page\":\"\\u00e4\\ud83d\\ude00\\n\\u0000/\",\"price\":29.9,"
          + "\"utm\":{\"source\":\"\"},\"geo\":{\"lat\":-33.25,\"mobile\":true},")
    ])
    #expect(
      decoded.rows() == [
        [
          "7", "100", "'e1'", "'page_view'", "1700136004235", "null", "'ä😀\n\0/'", "299000", "''", "-33.25", "1",
          "null",
        ]
      ])
    #expect(decoded.types[0] == 0)
    #expect(decoded.decimalsRounded == 0)
  }

  @Test func identityIsTheHashOfTheBytes() throws {
    let texts = [message(), message("\"event_id\":null,"), message("\"event_id\":\"\",")]
    let decoded = try decode(texts)
    for (row, text) in texts.enumerated() {
      let bytes = ByteArena(Array(text.utf8))
      let hash = unsafe Hash.hash128(bytes.base, bytes.count)
      let digits = [hash.high, hash.low].map { word in
        let text = String(word, radix: 16)
        return String(repeating: "0", count: 16 - text.count) + text
      }
      #expect(decoded.text("event_id", row) == digits.joined())
      #expect(decoded.contentHash[row] == Hash.hash64(bytes.span))
    }
  }

  @Test func lastDuplicateCounts() throws {
    let decoded = try decode([
      message("\"page\":\"a\",\"p\\u0061ge\":\"b\","), message("\"page\":1,\"page\":null,"),
      message("\"utm\":{\"source\":\"a\",\"x\":1},\"utm\":{\"y\":2},"), message("\"utm\":5,\"utm\":null,"),
      message("\"z\":1,\"\\u007a\":2,"), message("\"price\":1.00005,\"price\":2,"),
    ])
    #expect(decoded.rejects.isEmpty)
    #expect(decoded.text("page", 0) == "b")
    #expect(decoded.text("page", 1) == nil)
    #expect(decoded.text("utm_source", 2) == nil)
    #expect(decoded.text("properties", 2) == "{\"utm.y\":2}")
    #expect(decoded.text("properties", 4) == "{\"\\u007a\":2}")
    #expect(decoded.decimalsRounded == 0)
  }

  @Test func keepsUnknownMembers() throws {
    let own = "\"properties\": { \"k\" : [1, 2], \"x\":1 },"
    let decoded = try decode([
      message(own), message(own + "\"x\":{\"a\":\"}\"},\"y\":null,"), message("\"properties\":{ },"),
      message("\"utm\":{\"term\":\"t\",\"source\":\"s\"},\"properties\":null,"),
    ])
    let expected = [
      "{ \"k\" : [1, 2], \"x\":1 }", "{\"k\":[1, 2],\"x\":{\"a\":\"}\"},\"y\":null}", nil, "{\"utm.term\":\"t\"}",
    ]
    #expect(expected.indices.map { decoded.text("properties", $0) } == expected)
  }

  @Test func aliasesStandInForAbsentMembers() throws {
    let rest = "\(Self.type),\"page_url\":\"/p\""
    let decoded = try decode([
      "{\(rest),\"timestamp\":1700000001,\"event_timestamp\":1700000000}", "{\(rest),\"timestamp\":1700000002}",
      "{\(rest),\"timestamp\":1700000002,\"event_ts\":1700000003,\"page\":null}", "{\(rest),\"timestamp\":\"x\"}",
      "{\(rest),\"timestamp\":[]}", "{\"event_type\":\"view\",\"event_ts\":1700000000}",
      "{\"event_type\":\"order.paid\",\"event_ts\":1700000000}",
    ])
    #expect(
      (0..<3).map { decoded.integer("event_ts", $0) } == [1_700_000_000_000, 1_700_000_002_000, 1_700_000_003_000])
    #expect(decoded.text("page", 0) == "/p")
    #expect(decoded.text("page", 2) == nil)
    #expect(decoded.text("properties", 0) == "{\"timestamp\":1700000001}")
    #expect(decoded.text("properties", 2) == "{\"page_url\":\"/p\",\"timestamp\":1700000002}")
    #expect(decoded.rejects.map(\.reason) == [.badTime, .wrongType])
    #expect(decoded.text("event_type", 3) == "page_view")
    #expect((3..<5).map { decoded.types[$0] } == [0, 2])
  }

  @Test func nestingEndsAt128() throws {
    let nested = { (depth: Int) in
      message("\"a\":" + String(repeating: "[", count: depth) + String(repeating: "]", count: depth) + ",")
    }
    let decoded = try decode([nested(127), nested(128), nested(100_000)])
    #expect(decoded.rejects.map(\.row) == [1, 2])
  }

  @Test func orderSpacingAndChunksChangeNothing() throws {
    var random = Random(state: 11)
    var variants: [[String]] = [[], [], []]
    for index in 0..<300 {
      var members = [
        "\"event_id\":\"e\(index)\"", Self.type, "\"event_ts\":\"2023-11-16T12:\(10 + index % 50):04.5Z\"",
        "\"page\":\"/\\u0041/\(index)\"", "\"price\":\(index).25", "\"geo\":{\"lat\":1.5,\"mobile\":false}",
        "\"utm\":{\"source\":\"ü\"}",
      ]
      if index % 3 == 0 { members.remove(at: 4) }
      variants[0].append("{" + members.joined(separator: ",") + "}")
      members.shuffle(using: &random)
      variants[1].append("{" + members.joined(separator: ",") + "}")
      let spaced = "\t{ " + members.joined(separator: "\n ,\r ").replacing("\":", with: "\" : ") + " } \r"
      variants[2].append(spaced)
    }
    let expected = try decode(variants[0]).rows()
    #expect(expected.count == 300)
    #expect(try decode(variants[1]).rows() == expected)
    #expect(try decode(variants[2]).rows() == expected)
    let decoder = MessageDecoder(shape: try testShape())
    var rows: [[String]] = []
    for first in stride(from: 0, to: 300, by: 7) {
      let chunk = variants[1][first..<min(first + 7, 300)]
      for var row in decode(chunk.map { Array($0.utf8) }, decoder).rows() {
        row[1] = String(100 + rows.count)
        rows.append(row)
      }
    }
    #expect(rows == expected)
  }
}
