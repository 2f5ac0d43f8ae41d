import Columns
import Commerce
import CommerceTestSupport
import Query
import Shoppers
import TestSupport
import Testing
import Windows

@Suite struct ExportTests {
  private func line(_ format: RowPrinter.Format, _ values: OutputValue...) -> String {
    var bytes: [UInt8] = []
    RowPrinter(format: format, columns: values.indices.map { "c\($0)" }).append(values, to: &bytes)
    return String(decoding: bytes, as: UTF8.self)
  }

  @Test(
    arguments: [
      (OutputValue.null, "null", ""), (.integer(-5), "-5", "-5"), (.boolean(true), "true", "true"),
      (.money(0), #""0.0000""#, "0.0000"), (.money(-123_456), #""-12.3456""#, "-12.3456"),
      (.money(5), #""0.0005""#, "0.0005"),
      (.money(922_337_203_685_477_580_700), #""92233720368547758.0700""#, "92233720368547758.0700"),
      (.decimal(15_000), "1.5", "1.5"), (.decimal(-1), "-0.0001", "-0.0001"), (.decimal(30_000), "3", "3"),
      (.ratio(310, 1820), "0.1703296703", "0.1703296703"), (.ratio(1, 0), "null", ""),
      (.ratio(-1, 3), "-0.3333333333", "-0.3333333333"),
      (.ratio(0, 7), "0", "0"), (.real(0.5), "0.5", "0.5"),
      (.time(1_700_136_000_000), #""2023-11-16T12:00:00Z""#, "2023-11-16T12:00:00Z"),
      (.time(1_700_136_000_007), #""2023-11-16T12:00:00.007Z""#, "2023-11-16T12:00:00.007Z"),
      (.text(""), #""""#, ""), (.text("plain é 🛒"), #""plain é 🛒""#, "plain é 🛒"),
      (.text("a,b"), #""a,b""#, #""a,b""#), (.text(#"say "hi""#), #""say \"hi\"""#, #""say ""hi""""#),
      (.text("two\nlines\r"), #""two\nlines\r""#, "\"two\nlines\r\""),
      (.text("\t\u{1}\u{1F}"), #""\t\u0001\u001f""#, "\t\u{1}\u{1F}"),
      (.text(#"C:\x"#), #""C:\\x""#, #"C:\x"#),
      (.json(Array(#"{"a":"b,c"}"#.utf8)), #"{"a":"b,c"}"#, #""{""a"":""b,c""}""#),
    ] as [(OutputValue, String, String)])
  func valuesHaveOneForm(_ value: OutputValue, json: String, csv: String) {
    #expect(line(.ndjson, value, .integer(1)) == "{\"c0\":\(json),\"c1\":1}\n")
    #expect(line(.csv, value, .integer(1)) == "\(csv),1\n")
  }

  @Test func csvHasAHeader() throws {
    let shop = try Shop(
      JobSettings(),
      [
        EventLine.make(
          "e", "purchase", at: EventLine.noon, session: "a,b", #""price":12.3,"quantity":2,"page":"say \"x\"""#)
      ])
    var options = Export.Options()
    options.format = .csv
    let lines = try shop.run.export("events", options).split(separator: "\n").map(String.init)
    #expect(lines.count == 2)
    #expect(
      lines[0].hasPrefix("topic,partition,offset,event_id,event_type,event_ts,user_id,session_id,page,product_id,"))
    #expect(
      lines[1].hasPrefix(
        #"part-0.ndjson,0,0,e,purchase,2023-11-16T12:00:00Z,,"a,b","say ""x""",,12.3000,2,"#))
    let windows = try shop.run.export("kpi_1m", options).split(separator: "\n")
    #expect(windows[0].hasPrefix("window_start,window_end,sessions,page_views,add_to_carts,purchases,conversion_rate,"))
    #expect(windows[1].contains(",24.6000,"))
    let empty = try shop.run.export("dead_letters", options)
    #expect(empty == "topic,partition,offset,reason,field,raw,raw_base64\n", "a table without rows has its header")
  }

  @Test func invalidTextIsReplacedAndJSONStaysJSON() throws {
    let shop = try Shop(
      JobSettings(),
      [
        EventLine.make(
          "e", "page_view", at: EventLine.noon, session: "s",
          #""page":"\ud83d\uded2\u0000","unknown":{"deep":[1,"x"]},"device":{"mobile":true}"#)
      ])
    let row = try shop.run.rows(of: "events")[0]
    #expect(row.contains(#""page":"🛒\u0000""#))
    #expect(row.contains(#""device_mobile":true"#))
    #expect(row.contains(#""unknown":{"deep":[1,"x"]}"#))
  }

  /// The same events, whatever the threads, batches and interleavings: the same bytes.
  @Test func theSameEventsAreTheSameBytes() throws {
    var traffic = TrafficOptions()
    traffic.seed = 3
    traffic.eventCount = 400
    traffic.partitions = 3
    traffic.duplicateRate = 0.05
    traffic.malformedRate = 0.05
    traffic.refundRate = 0.3
    var lines = [[[UInt8]]](repeating: [], count: 3)
    for line in try Traffic(traffic) { lines[line.partition].append(line.bytes) }
    let place = TemporaryDirectory()
    let paths = try place.write(lines)
    var exports: [[String: String]] = []
    for (index, groups) in [1, 4, 7].enumerated() {
      var settings = JobSettings()
      settings.keyGroupCount = groups
      settings.maximumBatchRecords = [7, 100, 8192][index]
      settings.rowGroupRows = [16, 64, 65_536][index]
      settings.rollups.append(
        JobSettings.Rollup(name: "kpi_10m", shape: .tumbling(size: 10 * EventTime.minute), groupBy: ["utm_source"]))
      let run = try EngineRun(settings, in: place.file("data-\(index)"))
      if index == 2 {
        try run.runOnDispatch(paths)
      } else {
        try run.simulate(paths, seed: UInt64(index), checkpointOdds: 50)
      }
      exports.append(try run.exportAll())
    }
    #expect(exports[0].values.allSatisfy { !$0.isEmpty })
    for (table, text) in exports[0] {
      #expect(exports[1][table] == text, "\(table)")
      #expect(exports[2][table] == text, "\(table) on Dispatch")
    }
  }
}
