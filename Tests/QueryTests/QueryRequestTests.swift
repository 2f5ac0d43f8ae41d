import Columns
import Query
import Testing

@Suite struct QueryRequestTests {
  private func request(_ json: String) throws -> QueryRequest { try QueryRequest(json: Array(json.utf8)) }

  @Test func everyMemberArrives() throws {
    let found = try request(
      """
      {"table": "events", "from": "2023-11-16", "to": 1700136000000,
       "filters": [{"column": "event_type", "value": "purchase"},
                   {"column": "price", "op": ">=", "value": 1.50},
                   {"column": "geo_country", "op": "in", "values": ["DE", "A\\u0054"]},
                   {"column": "user_id", "op": "is_null"}],
       "group_by": ["geo_country", {"time": "minute", "every": 15}, {"time": "day", "as": "date"}],
       "measures": [{"count": "*"}, {"sum": "price", "as": "revenue"}, {"p99.9": "price"},
                    {"count_distinct": "user_id", "where": [{"column": "page", "op": "prefix", "value": "/p"}]}],
       "order": ["-revenue", {"by": "date", "descending": false}], "limit": 20, "as_of": 3, "format": "csv"}
      """)
    #expect(found.from == 1_700_092_800_000 && found.to == 1_700_136_000_000)
    #expect(found.filters.map(\.comparison) == [.equal, .greaterOrEqual, .oneOf, .isNull])
    #expect(found.filters[1].literals == [.number("1.50")])
    #expect(found.filters[2].literals == [.text("DE"), .text("AT")])
    #expect(found.filters[3].literals == [.boolean(true)])
    #expect(found.groupBy.map(\.name) == ["geo_country", "minute", "date"])
    #expect(found.groupBy[1] == .time(bucketMilliseconds: 900_000, name: "minute"))
    #expect(found.measures.map(\.name) == ["count", "revenue", "p99.9_price", "count_distinct_user_id"])
    #expect(found.measures[2].function == .quantile(thousandths: 999))
    #expect(found.measures[3].filters.map(\.comparison) == [.prefix])
    #expect(found.order.map(\.name) == ["revenue", "date"] && found.order.map(\.isDescending) == [true, false])
    #expect(found.limit == 20 && found.asOf == .epoch(3) && found.format == .csv)
  }

  @Test func aFunnelArrives() throws {
    let found = try request(
      #"{"table":"events","funnel":{"steps":["page_view","purchase"],"window":"2 h","unit":"session","#
        + #""strict_increase":true}}"#)
    #expect(found.funnel?.steps == ["page_view", "purchase"] && found.funnel?.windowMilliseconds == 7_200_000)
    #expect(found.funnel?.unit == .session && found.funnel?.isStrictlyIncreasing == true)
  }

  @Test(arguments: [
    ("", "query: the JSON ends too early, at byte 0"),
    ("{\"table\": \"events\"", "query: the JSON has an object without a comma or an end, at byte 18"),
    ("{\"table\": \"a\", \"table\": \"b\"}", "query: the JSON has the member 'table' twice, at byte 22"),
    ("[1]", "query: must be an object, not an array"),
    ("{} {}", "query: the JSON goes on behind its end, at byte 3"),
    ("{\"select\": \"*\"}", "query: table: must name the table, such as \"events\""),
    (#"{"table":"events"}"#, "query: say what to answer: 'measures', 'group_by', 'select' or 'funnel'"),
    (#"{"table":"events","measure":[]}"#, "query: measure: there is no such member; did you mean 'measures'?"),
    (
      #"{"table":"events","select":"*","measures":[{"count":"*"}]}"#,
      "query: select: 'measures' and 'select' are two queries: send one"
    ),
    (#"{"table":"events","select":[]}"#, "query: select: must name columns, or be \"*\" for all of them"),
    (#"{"table":"events","select":[1]}"#, "query: select[0]: must be a text in quotes, not a number"),
    (#"{"table":"events","select":"*","limit":-1}"#, "query: limit: must be a whole number from 0 to 1000000000"),
    (#"{"table":"events","select":"*","format":"cvs"}"#, "query: format: there is no 'cvs'; did you mean 'csv'?"),
    (
      #"{"table":"events","select":"*","from":"noon"}"#,
      "query: from: must be a time like \"2026-01-31T08:00:00Z\", a date or milliseconds since 1970"
    ),
    (#"{"table":"events","select":"*","from":2,"to":1}"#, "query: to: must be later than 'from'"),
    (#"{"table":"events","select":"*","filters":[{"op":"="}]}"#, "query: filters[0].column: is missing"),
    (
      #"{"table":"events","select":"*","filters":[{"column":"a","op":"=="}]}"#,
      "query: filters[0].op: there is no '=='; did you mean '='?"
    ),
    (
      #"{"table":"events","select":"*","filters":[{"column":"a","op":"in","value":1}]}"#,
      "query: filters[0].values: must be an array of what 'in' looks for"
    ),
    (
      #"{"table":"events","select":"*","filters":[{"column":"a","op":"=","value":null}]}"#,
      "query: filters[0].value: is missing; to look for null use {\"op\": \"is_null\"}"
    ),
    (
      #"{"table":"events","measures":[{"summ":"price"}]}"#,
      "query: measures[0].summ: there is no such function; did you mean 'sum'?"
    ),
    (
      #"{"table":"events","measures":[{"sum":"price","max":"price"}]}"#,
      "query: measures[0]: must have one function: count, sum, min, max, avg, count_distinct, approx_count_distinct"
        + " or a percentile such as p95"
    ),
    (
      #"{"table":"events","measures":[{"sum":"*"}]}"#,
      "query: measures[0].sum: must name a column; only count takes '*'"
    ),
    (
      #"{"table":"events","group_by":[{"time":"minutes"}]}"#,
      "query: group_by[0].time: must be one of second, minute, hour, day"
    ),
    (#"{"table":"events","funnel":{"steps":["a"]}}"#, "query: funnel.steps: a funnel has at least two steps"),
    (
      #"{"table":"events","funnel":{"steps":["a","b"],"window":"1 week"}}"#,
      "query: funnel.window: must be a whole number with one of the units ms, s, m, h, d, such as 24h, not '1 week'"
    ),
    (
      #"{"table":"kpi_1m","funnel":{"steps":["a","b"]}}"#,
      "query: table: funnels are counted from the table 'events'"
    ),
  ])
  func whatIsNotUnderstoodIsNamed(_ json: String, _ problem: String) {
    let error = #expect(throws: QueryError.self) { _ = try request(json) }
    #expect(error?.description == problem)
  }

  @Test func deepTextsAreRefused() {
    let json = String(repeating: "[", count: 100_000)
    #expect(throws: QueryError.self) { _ = try request(json) }
  }
}
