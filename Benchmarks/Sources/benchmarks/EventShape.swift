import Columns
import Ingest

/// The input event of `event.v1`, as the benchmark's data has it. The fuzzer of the decoder uses it too.
enum EventShape {
  static let typeNames = [
    "page_view", "click", "search", "add_to_cart", "remove_from_cart", "begin_checkout", "purchase", "refund",
  ]

  static func make() throws -> MessageShape {
    let text = [
      "user_id", "session_id", "page", "product_id", "currency", "order_id", "query", "element_id", "category",
    ]
    let rules =
      [
        FieldRule(["event_id"], column: "event_id", kind: .text),
        FieldRule(["event_type"], column: "event_type", kind: .text, isRequired: true),
        FieldRule(
          ["event_ts"], column: "event_ts", kind: .time, aliases: ["event_timestamp", "timestamp"], isRequired: true),
      ] + text.map { FieldRule([$0], column: $0, kind: .text) }
      + ["price", "quantity"].map { FieldRule([$0], column: $0, kind: .decimal) }
      + ["source", "medium", "campaign"].map { FieldRule(["utm", $0], column: "utm_\($0)", kind: .text) }
      + ["user_agent", "os"].map { FieldRule(["device", $0], column: "device_\($0)", kind: .text) }
      + [FieldRule(["device", "mobile"], column: "device_mobile", kind: .boolean)]
      + ["country", "city"].map { FieldRule(["geo", $0], column: "geo_\($0)", kind: .text) }
      + ["lat", "lon"].map { FieldRule(["geo", $0], column: "geo_\($0)", kind: .real) }
      + [FieldRule(["properties"], column: "properties", kind: .object)]
    let columns = rules.map { rule in
      let type: ColumnType =
        switch rule.kind {
        case .text, .object: .string
        case .decimal: .decimal
        case .real: .real
        case .boolean: .boolean
        case .time: .time
        }
      return Field(rule.column, type)
    }
    return MessageShape(
      schema: Schema([Field("source", .integer), Field("offset", .integer)] + columns), fields: rules,
      overflowColumn: "properties", typeColumn: "event_type", timeColumn: "event_ts", identityColumn: "event_id",
      sourceColumn: "source", offsetColumn: "offset",
      types: try EventTypes(typeNames + ["order.*"]))
  }
}
