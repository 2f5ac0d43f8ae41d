public import Columns
public import Ingest
public import Windows

/// The input event `event.v1` and the table it becomes.
public enum EventSchema {
  /// How members of the message become columns; the order is the order of the columns.
  public static let fields: [FieldRule] = [
    FieldRule(["event_id"], column: "event_id", kind: .text, emptyIsNull: true),
    FieldRule(["event_type"], column: "event_type", kind: .text, isRequired: true),
    FieldRule(
      ["event_ts"], column: "event_ts", kind: .time, aliases: ["event_timestamp", "timestamp"], isRequired: true),
    FieldRule(["user_id"], column: "user_id", kind: .text, emptyIsNull: true),
    FieldRule(["session_id"], column: "session_id", kind: .text, emptyIsNull: true),
    FieldRule(["page"], column: "page", kind: .text, aliases: ["page_url"]),
    FieldRule(["product_id"], column: "product_id", kind: .text),
    FieldRule(["price"], column: "price", kind: .decimal),
    FieldRule(["quantity"], column: "quantity", kind: .decimal),
    FieldRule(["currency"], column: "currency", kind: .text),
    FieldRule(["order_id"], column: "order_id", kind: .text, emptyIsNull: true),
    FieldRule(["query"], column: "query", kind: .text),
    FieldRule(["element_id"], column: "element_id", kind: .text),
    FieldRule(["category"], column: "category", kind: .text),
    FieldRule(["utm", "source"], column: "utm_source", kind: .text),
    FieldRule(["utm", "medium"], column: "utm_medium", kind: .text),
    FieldRule(["utm", "campaign"], column: "utm_campaign", kind: .text),
    FieldRule(["device", "user_agent"], column: "device_user_agent", kind: .text),
    FieldRule(["device", "os"], column: "device_os", kind: .text),
    FieldRule(["device", "mobile"], column: "device_mobile", kind: .boolean),
    FieldRule(["geo", "country"], column: "geo_country", kind: .text),
    FieldRule(["geo", "city"], column: "geo_city", kind: .text),
    FieldRule(["geo", "lat"], column: "geo_lat", kind: .real),
    FieldRule(["geo", "lon"], column: "geo_lon", kind: .real),
    FieldRule(["properties"], column: "properties", kind: .object),
  ]

  /// The table of events: where each came from, then its fields.
  public static let table = Schema(
    [Field("source", .integer), Field("offset", .integer)] + fields.map { Field($0.column, type(of: $0.kind)) })

  /// Columns that a rollup may group by.
  public static let dimensions = fields.filter { $0.kind == .text || $0.kind == .boolean }.map(\.column)

  public static let timeColumn = "event_ts"

  /// The roles of the columns.
  public static let names = EventLayout.Names(
    eventIdentifier: "event_id", eventType: "event_type", eventTime: timeColumn, session: "session_id",
    user: "user_id", order: "order_id", price: "price", quantity: "quantity", currency: "currency", page: "page",
    campaign: "utm_campaign", source: "source", offset: "offset")

  /// What messages look like.
  public static func shape(types: EventTypes, maximumMessageBytes: Int) -> MessageShape {
    MessageShape(
      schema: table, fields: fields, overflowColumn: "properties", typeColumn: "event_type", timeColumn: timeColumn,
      identityColumn: "event_id", sourceColumn: "source", offsetColumn: "offset",
      maximumMessageBytes: maximumMessageBytes, types: types)
  }

  private static func type(of kind: FieldRule.Kind) -> ColumnType {
    switch kind {
    case .text, .object: .string
    case .decimal: .decimal
    case .real: .real
    case .boolean: .boolean
    case .time: .time
    }
  }
}
