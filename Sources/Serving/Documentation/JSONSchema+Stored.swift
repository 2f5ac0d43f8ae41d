internal import Commerce
internal import Query
internal import Windows

/// What is said of stored rows: products, countries, journeys, dead letters, tables; `writeRead` adds as of when.
extension JSONSchema {
  /// The members of an answer from a commit, and `members`.
  private static func committed(_ members: KeyValuePairs<String, JSONSchema>) -> JSONSchema {
    .object(["as_of": .asOf]).adding(.object(members))
      .adding(.object(["epoch": .epoch, "completeness": .completeness]))
  }

  private static let range: KeyValuePairs<String, JSONSchema> = ["from": .nullable(.time), "to": .nullable(.time)]

  private static let sales = JSONSchema.object(
    [
      "page_views": .count, "add_to_carts": .count, "purchases": .count,
      "revenue": .nullable(.described("Null where currencies would have to be added up.", .number)),
    ], optional: ["revenue_by_currency": .described("Where there is more than one currency.", .map(of: .number))])

  static let topProducts = JSONSchema.named(
    "TopProducts",
    committed([
      "by": .choice(ProductRank.allCases.map(\.rawValue)), "product_count": .count,
      "products": .array(
        .object([
          "rank": .count, "product_id": .text(),
          "units": .described("Pieces that were bought; a purchase that says no quantity is one.", .number),
        ]).adding(sales)),
    ]).adding(.object(range)))

  static let countries = JSONSchema.named(
    "Countries",
    committed([
      "country_count": .count,
      "countries": .array(
        .object([
          "geo_country": .nullable(.text()), "sessions": .count, "unique_users": .count,
          "conversion_rate": .nullable(.described("Purchases per session.", .number)),
        ]).adding(sales)),
    ]).adding(.object(range)))

  private static let nextCursor = JSONSchema.nullable(
    .described("What to send as 'cursor' for more; null where this is all.", .text()))

  static let journey = JSONSchema.named(
    "Journey",
    committed([
      "user_id": .text(), "count": .count,
      "events": .array(.described("The columns of the table of events.", .map(of: .any))), "next_cursor": nextCursor,
    ]))

  static let deadLetters = JSONSchema.named(
    "DeadLetters",
    committed([
      "total": .count, "by_reason": .map(of: .count), "count": .count,
      "dead_letters": .array(
        .object([
          "topic": .text(), "partition": .count, "offset": .count, "reason": .text(), "field": .nullable(.text()),
          "raw": .nullable(.described("The message, where it is UTF-8.", .text())),
          "raw_base64": .nullable(.described("The message, where it is not.", .text())),
        ])), "next_cursor": nextCursor,
    ]))

  static let catalog = JSONSchema.named(
    "Catalog",
    committed([
      "commit": .count,
      "tables": .array(
        .object([
          "name": .text(), "stored_rows": .count, "bytes": .count, "segments": .count,
          "minimum_time": .nullable(.time), "maximum_time": .nullable(.time), "days": .array(.text(format: "date")),
          "columns": .array(.object(["name": .text(), "type": .text()])),
        ])),
    ]))

  static let metricsDictionary = JSONSchema.named(
    "MetricsDictionary",
    .object([
      "metrics": .array(
        .object([
          "name": .text(), "formula": .text(), "unit": .text(), "additive": .boolean, "aggregation": .text(),
        ])),
      "rollups": .array(.object(["name": .text(), "windows": .text(), "group_by": .array(.text())])),
    ]))
}
