import Columns
import Ingest
import Testing

/// Times and numbers by their text.
@Suite struct ValueTests {
  @Test(arguments: [
    ("\"2023-11-16T12:00:04.235Z\"", 1_700_136_004_235), ("\"2023-11-16t12:00:04z\"", 1_700_136_004_000),
    ("\"2023-11-16 12:00:04.2359999+00:00\"", 1_700_136_004_235),
    ("\"2023-11-16T14:00:04.2+02:00\"", 1_700_136_004_200),
    ("\"2023-11-16T07:30:04-04:30\"", 1_700_136_004_000), ("\"2024-02-29T00:00:00Z\"", 1_709_164_800_000),
    ("\"2023-11-16T12\\u003a00:04Z\"", 1_700_136_004_000), ("1700136004", 1_700_136_004_000),
    ("1700136004.2359", 1_700_136_004_235), ("1.7001360042359e9", 1_700_136_004_235),
    ("1700136004235", 1_700_136_004_235), ("1700136004235.9", 1_700_136_004_235),
    ("1700136004235999", 1_700_136_004_235),
    ("17001360042359990e-1", 1_700_136_004_235), ("99999999999.9", nil), ("100000000000", 100_000_000_000),
    ("1e11", 100_000_000_000), ("100000000000000", 100_000_000_000), ("0.0019", 1),
  ])
  func times(_ text: String, _ expected: Int64?) throws {
    let decoded = try decode(["{\"event_type\":\"purchase\",\"event_ts\":\(text)}"])
    #expect((decoded.batch.rowCount == 1 ? decoded.integer("event_ts") : nil) == expected)
  }

  @Test(arguments: [
    "2023-11-16T12:00:04", "2023-11-16T12:00:60Z", "2023-11-16T24:00:00Z", "2023-02-29T00:00:00Z",
    "0000-01-01T00:00:00Z",
    "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-01-00T00:00:00Z", "2023-11-16T12:00:04.Z",
    "2023-11-16T12:00:04+24:00",
    "2023-11-16T12:00:04+02:60", "2023-11-16T12:00:04+0200", "2023-11-16T12:00:04Z ", " 2023-11-16T12:00:04Z",
    "2023-11-16",
    "2023-11-16T12:00Z", "2023-11-16_12:00:04Z", "20231116T120004Z",
    "\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000"
      + "\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000\\u0000:00Z", "2023-11-16T12:00:04.5", "1700136004",
  ])
  func badTimes(_ text: String) throws {
    let decoded = try decode([message(), "{\"event_type\":\"purchase\",\"event_ts\":\"\(text)\"}"])
    #expect(decoded.rejects.map(\.reason) == [.badTime])
  }

  @Test(arguments: [
    ("0", 0, false), ("-0", 0, false), ("29.90", 299_000, false), ("-1.5", -15_000, false), ("1e2", 1_000_000, false),
    ("0.00005", 0, true), ("0.00015", 2, true), ("0.00025", 2, true), ("0.000250000000000000000000001", 3, true),
    ("-0.00015", -2, true), ("1.00000", 10_000, false), ("1e-4", 1, false), ("1e-5", 0, true), ("6e-5", 1, true),
    ("0e999999999999", 0, false), ("1e-999999999999", 0, true), ("922337203685477.5807", Int64.max, false),
    ("-922337203685477.5808", Int64.min, false), ("0.000000000000000000000000000001e30", 10_000, false),
    ("100000000000000000000000000000e-29", 10_000, false), ("12345678901.23456789", 123_456_789_012_346, true),
  ])
  func decimals(_ text: String, _ expected: Int64, _ isRounded: Bool) throws {
    let decoded = try decode([message("\"price\":\(text),")])
    #expect(decoded.batch.rowCount == 1)
    if decoded.batch.rowCount == 1 { #expect(decoded.integer("price") == expected) }
    #expect(decoded.decimalsRounded == (isRounded ? 1 : 0))
  }

  @Test func realsAreNearest() throws {
    var random = Random(state: 5)
    for _ in 0..<3000 {
      let value = Double.random(in: -1000...1000, using: &random)
      let texts = ["\(value)", "\(Int64(value)).\(UInt64.random(in: 0...9_999_999, using: &random))", "\(value)e-7"]
      for text in texts {
        let decoded = try decode([message("\"geo\":{\"lat\":\(text)},")])
        guard case .real(let column) = decoded.batch.columns[9] else { continue }
        #expect(column[0] == Double(text), "\(text)")
      }
    }
  }

  @Test func eventTypesAreChecked() throws {
    #expect(throws: EventTypes.Invalid.self) { try EventTypes(["a", "a"]) }
    #expect(throws: EventTypes.Invalid.self) { try EventTypes(["a"], aliases: ["b": "c"]) }
    #expect(throws: EventTypes.Invalid.self) { try EventTypes(["order*"]) }
    #expect(throws: EventTypes.Invalid.self) { try EventTypes((0..<65).map { "t\($0)" }) }
    let names = (0..<40).map { String(repeating: "n", count: $0 % 20 + 1) + "\($0)" }
    let types = try EventTypes(names + ["order.*", "order.item.*"])
    for (code, name) in names.enumerated() { #expect(types.code(of: Array(name.utf8).span) == UInt8(code)) }
    #expect(types.code(of: Array("order.x".utf8).span) == 40)
    #expect(types.code(of: Array("order.item.x".utf8).span) == 41)
    #expect(types.code(of: Array("n".utf8).span) == nil)
  }
}
