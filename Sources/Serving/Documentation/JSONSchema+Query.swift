/// The questions and answers of `POST /query`; `QueryRequest` reads the one, `QueryPrinter` writes the other.
extension JSONSchema {
  private static let literal = JSONSchema.either([.text(), .number, .boolean])
  private static let queryTime = JSONSchema.either([.text(), .integer()])

  private static let filter = JSONSchema.named(
    "QueryFilter",
    .object(
      ["column": .text()],
      optional: [
        "op": .choice(["=", "!=", "<", "<=", ">", ">=", "in", "is_null", "prefix"]), "value": literal,
        "values": .array(literal),
      ]))

  static let query = JSONSchema.named(
    "Query",
    .object(
      ["table": .described("Such as events, sessions or a rollup's name.", .text())],
      optional: [
        "from": queryTime, "to": queryTime, "filters": .array(filter),
        "group_by": .array(
          .either([
            .text(),
            .object(
              ["time": .choice(["second", "minute", "hour", "day"])],
              optional: ["every": .integer(1...10_000), "as": .text()]),
          ])),
        "measures": .array(
          .described(
            "One function and its column: count, sum, min, max, avg, count_distinct, approx_count_distinct, p95.",
            .object([:], optional: ["as": .text(), "where": .array(filter)], others: .text()))),
        "select": .either([.choice(["*"]), .array(.text())]),
        "funnel": .object(
          ["steps": .array(.text())],
          optional: [
            "window": .text(), "unit": .choice(["user", "session"]), "strict_increase": .boolean, "group_by": .text(),
          ]),
        "order": .array(.either([.text(), .object(["by": .text()], optional: ["descending": .boolean])])),
        "limit": .integer(0...1_000_000_000), "as_of": .either([.count, .time]),
        "format": .choice(["json", "ndjson", "csv"]),
      ]))

  static let queryExample = """
    {"table":"events","filters":[{"column":"event_type","op":"=","value":"purchase"}],\
    "group_by":["product_id"],"measures":[{"sum":"price","as":"revenue"}],"order":["-revenue"],"limit":20}
    """

  static let queryAnswer = JSONSchema.named(
    "QueryAnswer",
    .object([
      "table": .text(), "epoch": .count, "columns": .array(.text()), "rows": .array(.map(of: .any)),
      "row_count": .count, "read": .described("What was read for it.", .map(of: .any)),
    ]))
}
