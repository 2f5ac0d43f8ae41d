import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Query
import Shoppers
import Synchronization
import TestSupport
import Testing
import Windows

/// A query of sessions, which are read as they are stored, and of rollups, which are merged day by day, has the rows of
/// their export, which are merged as a whole.
@Suite struct QueriedTablesTests {
  /// Where ranges begin, from the first event on: some of them and of their windows end before it.
  private static let hours: [Int64] = [-40, -20, -1, 0, 30, 47, 48]
  private static let start: Int64 = 1_700_085_600_000

  private func shop() throws -> Shop {
    var settings = JobSettings()
    settings.maximumBatchRecords = 40
    settings.rowGroupRows = 32
    settings.segmentBytes = 20_000
    settings.rollups = [
      .init(name: "kpi_1h", shape: .tumbling(size: EventTime.hour), groupBy: ["geo_country"]),
      .init(name: "kpi_hop", shape: .hopping(size: 30 * EventTime.hour, slide: 7 * EventTime.hour)),
      .init(name: "kpi_2d", shape: .tumbling(size: 2 * EventTime.day)),
    ]
    return try Shop(settings)
  }

  /// Three days of traffic in three files, some of it late.
  private func files(_ shop: Shop, seed: UInt64) throws -> [String] {
    var options = TrafficOptions()
    (options.seed, options.eventCount, options.users, options.partitions) = (seed, 700, 25, 3)
    (options.lateRate, options.latenessMilliseconds) = (0.05, 20 * EventTime.hour)
    (options.start, options.spanMilliseconds) = (Self.start, 66 * EventTime.hour)
    var lines = [[[UInt8]]](repeating: [], count: 3)
    for line in try Traffic(options) { lines[line.partition].append(line.bytes) }
    return try shop.place.write(lines)
  }

  private static func answer(_ run: EngineRun, _ json: String, _ limits: QueryLimits = QueryLimits()) throws -> String {
    let request = try QueryRequest(json: Array(json.utf8))
    let printer = QueryPrinter(try QueryAnswer(run.snapshot(), job: run.job, request, limits: limits))
    var bytes: [UInt8] = []
    while let block = try printer.next() { bytes += block }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func query(_ table: String, order: String, _ more: String = "") -> String {
    #"{"table":"\#(table)","select":"*","order":[\#(order)],"format":"csv"\#(more)}"#
  }

  private static let orders = [
    "sessions": #""session_id","start""#, "kpi_1h": #""window_start","geo_country""#, "kpi_hop": #""window_start""#,
    "kpi_2d": #""window_start""#,
  ]

  /// The export of `table` as CSV.
  private static func exported(_ run: EngineRun, _ table: String) throws -> String {
    var options = Export.Options()
    options.format = .csv
    return try run.export(table, options)
  }

  @Test(arguments: 1...3 as ClosedRange<UInt64>) func atEveryCommit(seed: UInt64) throws {
    var shop = try shop()
    let problems = Mutex<[String]>([])
    let compared = Mutex<[String: Int]>([:])
    let observer = shop.run
    shop.run.onCommit = { commit in
      for (table, order) in Self.orders where commit.epoch > 0 {
        do {
          let expected = try Self.exported(observer, table)
          let found = try Self.answer(observer, Self.query(table, order: order))
          compared.withLock { $0[table, default: 0] += 1 }
          guard Self.plain(found) != Self.plain(expected) else { continue }
          problems.withLock { $0.append("\(table) at \(commit.epoch):\n\(found)\ninstead of\n\(expected)") }
        } catch {
          problems.withLock { $0.append("\(table) at \(commit.epoch): \(error)") }
        }
      }
    }
    let files = try files(shop, seed: seed)
    for end in 1...files.count {
      try shop.run.simulate(Array(files.prefix(end)), seed: seed, checkpointOdds: 30, maximumCheckpoints: 6)
    }
    #expect(problems.withLock { $0.first } == nil)
    let counts = compared.withLock { $0 }
    #expect(counts.count == Self.orders.count && counts.values.allSatisfy { $0 > 3 }, "\(counts)")
    let counted = try Self.answer(
      shop.run, #"{"table":"sessions","measures":[{"count":"*"},{"sum":"revenue"}],"format":"csv"}"#)
    #expect(counted.split(separator: "\n").count == 2)
  }

  /// Ratios have other digits in a query, which counts with them, than in print.
  private static func plain(_ csv: String) -> [[Substring]] {
    let lines = csv.split(separator: "\n").map { $0.split(separator: ",", omittingEmptySubsequences: false) }
    guard let head = lines.first else { return [] }
    let ratios = Set(
      head.indices.filter { head[$0].contains("rate") || head[$0].contains("ratio") || head[$0] == "aov" })
    return lines.map { line in line.indices.filter { !ratios.contains($0) }.map { line[$0] } }
  }

  /// Whatever range is asked for: windows that begin in it, whole.
  @Test func inRanges() throws {
    let shop = try shop()
    try shop.read(try files(shop, seed: 4))
    let start = Self.start
    for table in ["kpi_1h", "kpi_hop", "kpi_2d"] {
      let all = Self.plain(try Self.answer(shop.run, Self.query(table, order: Self.orders[table] ?? "")))
      for from in Self.hours {
        for length in [1, 20, 49] as [Int64] {
          let (from, to) = (start + from * EventTime.hour, start + (from + length) * EventTime.hour)
          let query = Self.query(table, order: Self.orders[table] ?? "", #","from":\#(from),"to":\#(to)"#)
          let wanted = all.dropFirst().filter { line in
            let time = (try? QueryRequest(json: Array(#"{"table":"a","from":"\#(line[0])","select":"*"}"#.utf8)))?.from
            return time.map { from <= $0 && $0 < to } ?? false
          }
          #expect(Array(Self.plain(try Self.answer(shop.run, query)).dropFirst()) == Array(wanted), "\(table) \(query)")
        }
      }
    }
  }

  @Test func moreThanMayBeMergedIsRefused() throws {
    let shop = try shop()
    try shop.read(try files(shop, seed: 5))
    var limits = QueryLimits()
    limits.mergedRowsMax = 10
    let error = #expect(throws: QueryError.self) {
      try Self.answer(shop.run, Self.query("kpi_1h", order: #""window_start""#), limits)
    }
    #expect(
      error?.description
        == "query: the query needs more than 10 rows that are merged of parts at once; "
        + "set 'from' and 'to', or ask table 'events'")
    let few = Self.query("kpi_1h", order: #""window_start""#, #","from":1700085600000,"to":1700089200000"#)
    #expect(try Self.answer(shop.run, few, limits).split(separator: "\n").count <= 11)
    // Of orders those count that were made in the range.
    let orders = Self.plain(try Self.answer(shop.run, Self.query("orders", order: #""ordered_at""#)))
    try #require(orders.count > 8)
    limits.mergedRowsMax = 5
    #expect(throws: QueryError.self) {
      try Self.answer(shop.run, Self.query("orders", order: #""ordered_at""#), limits)
    }
    let time = try #require(orders[0].firstIndex(of: "ordered_at"))
    let range = #","from":"\#(orders[3][time])","to":"\#(orders[7][time])""#
    let wanted = orders.dropFirst().filter { orders[3][time] <= $0[time] && $0[time] < orders[7][time] }
    let found = Self.plain(try Self.answer(shop.run, Self.query("orders", order: #""ordered_at""#, range), limits))
    #expect(!wanted.isEmpty && Set(found.dropFirst()) == Set(wanted))
    #expect(try Self.answer(shop.run, Self.query("sessions", order: #""start""#), limits).count > 1000)
  }
}
