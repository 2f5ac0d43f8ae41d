import Columns
import Ingest

/// A small shape with every kind of rule.
func testShape(latestTime: Int64 = 4_102_444_800_000, maximumMessageBytes: Int = 1 << 20) throws -> MessageShape {
  let rules = [
    FieldRule(["event_id"], column: "event_id", kind: .text),
    FieldRule(["event_type"], column: "event_type", kind: .text, isRequired: true),
    FieldRule(
      ["event_ts"], column: "event_ts", kind: .time, aliases: ["event_timestamp", "timestamp"], isRequired: true),
    FieldRule(["user_id"], column: "user_id", kind: .text, emptyIsNull: true),
    FieldRule(["page"], column: "page", kind: .text, aliases: ["page_url"]),
    FieldRule(["price"], column: "price", kind: .decimal),
    FieldRule(["utm", "source"], column: "utm_source", kind: .text),
    FieldRule(["geo", "lat"], column: "geo_lat", kind: .real),
    FieldRule(["geo", "mobile"], column: "geo_mobile", kind: .boolean),
    FieldRule(["properties"], column: "properties", kind: .object),
  ]
  return MessageShape(
    schema: Schema([
      Field("source", .integer), Field("offset", .integer), Field("event_id", .string), Field("event_type", .string),
      Field("event_ts", .time), Field("user_id", .string), Field("page", .string), Field("price", .decimal),
      Field("utm_source", .string), Field("geo_lat", .real), Field("geo_mobile", .boolean),
      Field("properties", .string),
    ]), fields: rules, overflowColumn: "properties", typeColumn: "event_type", timeColumn: "event_ts",
    identityColumn: "event_id", sourceColumn: "source", offsetColumn: "offset",
    maximumMessageBytes: maximumMessageBytes, latestTime: latestTime,
    types: try EventTypes(["page_view", "purchase", "order.*"], aliases: ["view": "page_view"]))
}

/// Messages laid one behind the other into an arena, with offsets counting from 100.
func decode(_ messages: [[UInt8]], _ decoder: MessageDecoder) -> DecodedMessages {
  let arena = ByteArena()
  var ranges: [MessageRange] = []
  for (index, message) in messages.enumerated() {
    let offset = arena.append(message.span)
    ranges.append(
      MessageRange(offset: UInt32(offset), length: Int32(message.count), logOffset: Int64(100 + index)))
  }
  return decoder.decode(arena: arena, messages: ranges, source: 7)
}

func decode(_ messages: [String]) throws -> DecodedMessages {
  decode(messages.map { Array($0.utf8) }, MessageDecoder(shape: try testShape()))
}

/// A sound message with `members` put in front: `"price":1,`.
func message(_ members: String = "") -> String {
  "{\(members)\"event_type\":\"page_view\",\"event_ts\":\"2023-11-16T12:00:04.235Z\"}"
}

extension DecodedMessages {
  func text(_ column: String, _ row: Int = 0) -> String? {
    batch.schema.index(of: column).flatMap { batch.strings($0).text(row) }
  }

  func integer(_ column: String, _ row: Int = 0) -> Int64? {
    batch.schema.index(of: column).flatMap { batch.integers($0)[row] }
  }

  /// All cells as text, to compare batches.
  func rows() -> [[String]] {
    (0..<batch.rowCount).map { row in
      batch.columns.map { column in
        switch column {
        case .integer(let values): "\(values[row].map(String.init) ?? "null")"
        case .real(let values): "\(values[row].map { String($0) } ?? "null")"
        case .boolean(let values): "\(values[row].map(String.init) ?? "null")"
        case .string(let values): values.text(row).map { "'\($0)'" } ?? "null"
        }
      }
    }
  }
}

/// SplitMix64: small, seedable, the same everywhere.
struct Random: RandomNumberGenerator {
  var state: UInt64
  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
    return z ^ z >> 31
  }
}
