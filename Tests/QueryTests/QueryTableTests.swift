import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Query
import TestSupport
import Testing
import Windows

/// What a query says of real tables: merged ones, older commits, wrong names; and how it is printed.
@Suite struct QueryTableTests {
  /// Two sessions, one of which buys; a dead letter.
  private func shop() throws -> Shop {
    let noon = EventLine.noon
    return try Shop(
      Shop.settings(.tumbling(size: EventTime.hour), by: ["geo_country"]),
      [
        EventLine.make("a", "page_view", at: noon, session: "s", user: "u", #""geo":{"country":"DE"}"#),
        EventLine.make(
          "b", "purchase", at: noon + EventTime.minute, session: "s", user: "u",
          #""price":12.3456,"quantity":2,"currency":"EUR","order_id":"o","geo":{"country":"DE"},"properties":{"a":1}"#),
        EventLine.make("c", "page_view", at: noon + 2 * EventTime.hour, session: "t", #""query":"a \"b\", c""#),
        Array("{broken".utf8),
      ])
  }

  private func answer(_ shop: Shop, _ json: String) throws -> String {
    let request = try QueryRequest(json: Array(json.utf8))
    let snapshot = try Snapshot(directory: shop.run.directory, asOf: request.asOf)
    let printer = QueryPrinter(try QueryAnswer(snapshot, job: shop.run.job, request))
    var bytes: [UInt8] = []
    while let block = try printer.next() { bytes += block }
    return String(decoding: bytes, as: UTF8.self)
  }

  private func refusal(_ shop: Shop, _ json: String) -> String {
    let error = #expect(throws: QueryError.self) { _ = try answer(shop, json) }
    return error?.description ?? ""
  }

  @Test func everyFormatHasTheSameRows() throws {
    let shop = try shop()
    let query = #""table":"events","select":["event_id","price","quantity","query","properties"],"order":["event_id"]"#
    #expect(
      try answer(shop, "{\(query),\"format\":\"csv\"}") == """
        event_id,price,quantity,query,properties
        a,,,,
        b,12.3456,2,,"{""a"":1}"
        c,,,"a ""b"", c",

        """)
    let lines = [
      #"{"event_id":"a","price":null,"quantity":null,"query":null,"properties":null}"#,
      #"{"event_id":"b","price":"12.3456","quantity":2,"query":null,"properties":{"a":1}}"#,
      #"{"event_id":"c","price":null,"quantity":null,"query":"a \"b\", c","properties":null}"#,
    ]
    #expect(try answer(shop, "{\(query),\"format\":\"ndjson\"}") == lines.joined(separator: "\n") + "\n")
    let json = try answer(shop, "{\(query)}")
    let epoch = try shop.run.snapshot().commit.epoch
    let columns = #"["event_id","price","quantity","query","properties"]"#
    #expect(
      json.hasPrefix(
        "{\"table\":\"events\",\"epoch\":\(epoch),\"columns\":\(columns),\"rows\":[\(lines.joined(separator: ","))],"
          + "\"row_count\":3,\"read\":{\"segments\":"))
    #expect(json.hasSuffix("}}\n"))
  }

  @Test func rollupsAndSessionsAreMergedRows() throws {
    let shop = try shop()
    #expect(
      try answer(
        shop,
        #"{"table":"kpi","group_by":["geo_country"],"measures":[{"sum":"revenue"},{"max":"page_views"},"#
          + #"{"avg":"conversion_rate"}],"format":"csv"}"#) == """
          geo_country,sum_revenue,max_page_views,avg_conversion_rate
          ,0.0000,1,0.0
          DE,24.6912,1,1.0

          """)
    #expect(
      try answer(
        shop, #"{"table":"kpi","from":"2023-11-16T14:00:00Z","select":["window_start","page_views"],"format":"csv"}"#)
        == "window_start,page_views\n2023-11-16T14:00:00Z,1\n")
    #expect(
      try answer(
        shop,
        #"{"table":"sessions","filters":[{"column":"converted","value":true}],"select":["session_id","revenue"],"#
          + #""format":"csv"}"#) == "session_id,revenue\ns,24.6912\n")
  }

  @Test func deadLettersAreCounted() throws {
    let shop = try shop()
    #expect(
      try answer(
        shop, #"{"table":"dead_letters","group_by":["topic","reason"],"measures":[{"count":"*"}],"format":"csv"}"#)
        == "topic,reason,count\npart-0.ndjson,malformed_json,1\n")
    #expect(
      refusal(shop, #"{"table":"dead_letters","from":0,"select":"*"}"#)
        == "query: from: table 'dead_letters' has no time: leave it out")
  }

  @Test func anOlderCommitIsReadWhileItIsKept() throws {
    let shop = try shop()
    let first = try shop.run.snapshot().commit.epoch
    try shop.read("more", [EventLine.make("d", "click", at: EventLine.noon, session: "v")])
    let count = #""table":"events","measures":[{"count":"*"}],"format":"csv""#
    let refused = refusal(shop, "{\(count),\"as_of\":0}")
    #expect(refused.hasPrefix("query: as_of: commit 0 is not kept; "))
    let kept = refused.split(separator: " ").compactMap { UInt64($0.filter(\.isNumber)) }.filter { $0 > 0 }
    let newest = try shop.run.snapshot().commit.epoch
    #expect(kept.contains(newest) && newest > first)
    let counts = try kept.filter { $0 <= newest }.map { try answer(shop, "{\(count),\"as_of\":\($0)}") }
    #expect(counts.count > 1 && counts.last == "count\n4\n")
    if kept.contains(first) { #expect(try answer(shop, "{\(count),\"as_of\":\(first)}") == "count\n3\n") }
  }

  @Test func aFunnelIsThatOfTheReport() throws {
    let shop = try shop()
    let funnel = #""table":"events","format":"csv","funnel":{"steps":["page_view","purchase"],"unit":"session"}"#
    let found = try answer(shop, "{\(funnel)}").split(separator: "\n").map { $0.split(separator: ",").prefix(3) }
    #expect(found == [["step", "name", "users"], ["1", "page_view", "2"], ["2", "purchase", "1"]])
    let late = try answer(shop, "{\(funnel),\"from\":\"2023-11-16T13:00:00Z\"}").split(separator: "\n")
    #expect(late.map { $0.split(separator: ",").prefix(3) }.last == ["2", "purchase", "0"])
    #expect(
      refusal(shop, #"{"table":"events","funnel":{"steps":["page_view","purchas"]}}"#)
        == "query: funnel: no event type 'purchas' is configured; did you mean 'purchase'?")
  }

  /// Steps at the same moment are in order for one funnel, and not for the other.
  @Test func strictFunnelsNeedLaterTimes() throws {
    let shop = try Shop(
      JobSettings(),
      [
        EventLine.make("a", "page_view", at: EventLine.noon, session: "s"),
        EventLine.make("b", "purchase", at: EventLine.noon, session: "s"),
      ])
    func last(_ more: String) throws -> Substring? {
      try answer(
        shop, #"{"table":"events","format":"csv","funnel":{"steps":["page_view","purchase"]\#(more)}}"#
      ).split(separator: "\n").last?.split(separator: ",")[2]
    }
    #expect(try last("") == "1")
    #expect(try last(#","strict_increase":true"#) == "0")
  }

  @Test(arguments: [
    (#"{"table":"event","select":"*"}"#, "query: table: there is no table 'event'; did you mean 'events'?"),
    (
      #"{"table":"events","select":["prise"]}"#,
      "query: select[0]: table 'events' has no column 'prise'; did you mean 'price'?"
    ),
    (#"{"table":"events","select":["price","price"]}"#, "query: select[1]: 'price' is selected twice"),
    (
      #"{"table":"events","select":"*","filters":[{"column":"price","value":"cheap"}]}"#,
      "query: filters[0].value: column 'price' is compared with a number with at most four decimals"
    ),
    (
      #"{"table":"events","select":"*","filters":[{"column":"price","value":1.00001}]}"#,
      "query: filters[0].value: column 'price' is compared with a number with at most four decimals"
    ),
    (
      #"{"table":"events","select":"*","filters":[{"column":"offset","value":1.5}]}"#,
      "query: filters[0].value: column 'offset' is compared with a whole number"
    ),
    (
      #"{"table":"events","select":"*","filters":[{"column":"event_ts","value":"noon"}]}"#,
      "query: filters[0].value: column 'event_ts' is compared with a time"
    ),
    (
      #"{"table":"events","select":"*","filters":[{"column":"page","value":7}]}"#,
      "query: filters[0].value: column 'page' is compared with a text in quotes"
    ),
    (
      #"{"table":"events","select":"*","filters":[{"column":"price","op":"prefix","value":7}]}"#,
      "query: filters[0].op: 'prefix' needs a column of text"
    ),
    (
      #"{"table":"events","measures":[{"sum":"page"}]}"#,
      "query: measures[0].sum: cannot be computed of 'page', which is a text in quotes"
    ),
    (
      #"{"table":"events","measures":[{"sum":"price"},{"sum":"price"}]}"#,
      "query: measures: two columns of the answer are called 'sum_price': name one of them with 'as'"
    ),
    (
      #"{"table":"events","measures":[{"sum":"price","as":"revenue"}],"order":["-revenu"]}"#,
      "query: order[0]: the answer has no 'revenu'; did you mean 'revenue'?"
    ),
    (
      #"{"table":"dead_letters","group_by":[{"time":"hour"}]}"#,
      "query: group_by[0]: table 'dead_letters' has no time to group by"
    ),
  ])
  func whatThereIsNotIsNamed(_ json: String, _ problem: String) throws {
    #expect(refusal(try shop(), json) == problem)
  }
}
