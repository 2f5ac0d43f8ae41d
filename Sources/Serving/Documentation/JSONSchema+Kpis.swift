internal import HotIndex

/// What is said of windows; `KpiWindowJSON` and `Completeness` write it.
extension JSONSchema {
  static let epoch = JSONSchema.described(
    "Incarnation, commit and revision: greater is newer.", .text(pattern: "^[0-9]+\\.[0-9]+\\.[0-9]+$"))
  static let asOf = JSONSchema.nullable(.described("What 'now' was; null before the first event.", .time))

  static let metrics = JSONSchema.named(
    "Metrics",
    .object(
      [
        "sessions": .nullable(.count), "page_views": .count, "add_to_carts": .count, "purchases": .count,
        "conversion_rate": .nullable(.described("Purchases per session.", .number)),
        "conversion_rate_ci95": .nullable(.described("What the rate can be trusted to.", .array(.number))),
        "orders": .nullable(.count), "order_conversion_rate": .nullable(.number),
        "revenue": .nullable(.described("Null where currencies would have to be added up.", .number)),
        "aov": .nullable(.described("Revenue per order.", .number)), "unique_users": .nullable(.count),
        "clicks": .count, "searches": .count, "checkouts": .count, "refund_events": .count,
        "refunds": .nullable(.number), "net_revenue": .nullable(.number), "approximate": .boolean,
      ],
      optional: [
        "revenue_by_currency": .described("Where there is more than one currency.", .map(of: .number)),
        "approximate_error": .described("The standard error of distinct counts.", .number),
      ]))

  private static let completenessOfAll = JSONSchema.object([
    "watermark": .nullable(.described("All events before it have come, as far as is known.", .time)),
    "event_time_lag_ms": .nullable(.count), "epoch": .epoch,
    "provisional": .described("Whether it can change without anything unusual.", .boolean),
  ])

  private static let partitions = JSONSchema.object([
    "replaying": .described("Whether old data is being read.", .boolean),
    "partitions": .array(
      .named(
        "Partition",
        .object([
          "id": .count, "topic": .text(), "state": .text(), "offset": .integer(), "end_offset": .nullable(.integer()),
          "w": .nullable(.described("The partition's own watermark.", .time)),
        ]))),
  ])

  /// Of a whole answer.
  static let completeness = JSONSchema.named("Completeness", completenessOfAll.adding(partitions))

  private static let windowCompleteness = JSONSchema.object(
    [
      "status": .choice(HotStatus.allCases.map(\.rawValue)),
      "corrections": .nullable(.described("Null where the window was read from the store.", .count)),
      "deltas": .integer(),
    ], optional: ["null_because": .described("Why distinct counts are null.", .text())]
  ).adding(completenessOfAll)

  private static func window(_ completeness: JSONSchema) -> JSONSchema {
    .object(
      [
        "_id": .text(), "window_start": .time, "window_end": .time, "metrics": .metrics,
        "performance": .object([:], optional: ["processing_time": .time]), "completeness": completeness,
      ], optional: ["group": .map(of: .nullable(.text()))])
  }

  static let window = JSONSchema.named("Window", window(windowCompleteness))

  /// `/kpis/latest`: one window, or the groups of one.
  static let latest = JSONSchema.either([
    .named("LatestWindow", window(windowCompleteness.adding(partitions)).adding(whichAnswer)),
    .named(
      "LatestGroups",
      .object([
        "_id": .time, "window_start": .time, "window_end": .time, "count": .count, "groups": .array(.window),
        "completeness": .completeness,
      ]).adding(whichAnswer)),
  ])

  private static let whichAnswer = JSONSchema.object(["rollup": .text(), "as_of": .asOf, "epoch": .epoch])

  static let history = JSONSchema.named(
    "History",
    .object(
      [
        "as_of": .asOf, "rollup": .text(), "from": .nullable(.time), "to": .nullable(.time), "epoch": .epoch,
        "count": .count, "windows": .array(.window), "completeness": .completeness,
      ], optional: ["step_ms": .count]))

  static let latestExample = """
    {"_id":"2023-11-16T12:00:00Z","window_start":"2023-11-16T12:00:00Z","window_end":"2023-11-16T12:01:00Z",\
    "metrics":{"sessions":1820,"page_views":9450,"add_to_carts":1240,"purchases":310,"conversion_rate":0.1703,\
    "conversion_rate_ci95":[0.15376,0.18829],"orders":310,"order_conversion_rate":0.1703,"revenue":9123.40,\
    "aov":29.43,"unique_users":1654,"clicks":0,"searches":0,"checkouts":0,"refund_events":0,"refunds":0.00,\
    "net_revenue":9123.40,"approximate":false},"performance":{"processing_time":"2023-11-16T12:01:02.145Z"},\
    "completeness":{"status":"open","corrections":3,"deltas":0,"watermark":"2023-11-16T12:00:30Z",\
    "event_time_lag_ms":5000,"epoch":"2.7.1","provisional":true,"replaying":false,"partitions":[\
    {"id":0,"topic":"events","state":"active","offset":10,"end_offset":15,"w":"2023-11-16T12:00:00Z"}]},\
    "rollup":"kpi_1m","as_of":"2023-11-16T12:00:35Z","epoch":"2.7.1"}
    """
}
