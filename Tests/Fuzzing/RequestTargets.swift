internal import Query
internal import Serving
internal import Telemetry

extension FuzzTarget {
  static let query = FuzzTarget("query", "a query in JSON", maximumByteCount: 4096, seeds: RequestSeeds.queries) {
    bytes in
    _ = try QueryRequest(json: bytes)
  }

  /// The request line's target, and what routes ask of its parameters. Bytes that are no UTF-8 come as a library of C
  /// hands them on.
  static let httpTarget = FuzzTarget(
    "http-target", "path and parameters of a request", maximumByteCount: 2048, seeds: RequestSeeds.targets
  ) { bytes in
    let target = try RequestTarget(String(decoding: bytes, as: UTF8.self))
    // Each is asked for in every form; that the form is another is no refusal of the target.
    for parameter in target.query.parameters {
      _ = try? target.query.time(parameter.name)
      _ = try? target.query.integer(parameter.name, in: 0...1000)
      _ = try? target.query.durationMilliseconds(parameter.name)
    }
  }
}

enum RequestSeeds {
  @Sendable static func queries() -> [[UInt8]] {
    [
      #"{"table":"events","group_by":["geo_country",{"time":"minute","every":15,"as":"quarter"}],"measures":"#
        + #"[{"count_distinct":"user_id","as":"users"},{"p99.9":"price","where":[{"column":"page","op":"prefix","#
        + #""value":"/p\u00e9"}]}],"order":["-users",{"by":"quarter","descending":true}],"limit":5,"as_of":12}"#,
      #"{"table":"sessions","select":"*","from":"2023-11-16","to":1700136000000,"filters":["#
        + #"{"column":"events","op":"in","values":[1,2.5e1]},{"column":"user_id","op":"is_null","value":false}]}"#,
      #"{"table":"events","funnel":{"steps":["page_view","purchase"],"window":"24h","unit":"user","#
        + #""strict_increase":true,"group_by":"utm_source"},"format":"csv"}"#,
    ].map { Array($0.utf8) }
  }

  @Sendable static func targets() -> [[UInt8]] {
    [
      "/kpis/history?from=2026-01-01T12:00:00Z&to=2026-01-01T13:00:00%2B01:00&step=1700136000", "/sessions/a%2Fb%20c",
      "http://host:80/a/b?x=1&y=20", "/", "/kpis/latest?limit=7",
    ].map { Array($0.utf8) }
  }
}
