import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Query
import Synchronization
import TestSupport
import Testing
import Windows

@Suite struct KpiRowsTests {
  private static let noon = EventLine.noon

  private func purchase(
    _ order: String, at time: Int64, session: String, _ price: String, _ currency: String = "EUR"
  ) -> [UInt8] {
    EventLine.make(
      "p-\(order)-\(time)", "purchase", at: time, session: session,
      #""price":\#(price),"currency":"\#(currency)","order_id":"\#(order)""#)
  }

  /// One window, partly sealed by a first run, partly late, partly still open in a third.
  @Test func sealedAndLateAndLivePartsAreOneRow() throws {
    var settings = Shop.settings(.tumbling(size: EventTime.hour))
    settings.maximumBatchRecords = 1
    var shop = try Shop(settings)
    try shop.read("sealed", EventLine.views("a", session: "s", minutes: [0, 5]))
    try shop.read(
      "late", EventLine.views("b", session: "s", minutes: [3]) + EventLine.views("b", session: "t", minutes: [4]))
    let columns = ["window_start", "page_views", "sessions", "status", "deltas"]
    #expect(try shop.run.cells(columns, of: "kpi", withCompleteness: true) == ["2023-11-16T12:00:00Z 4 2 amended 2"])
    // Behind the gap that follows the newest stored event, so that it need not wait for the repair step.
    let seen = Mutex<[String]>([])
    let observer = shop.run
    shop.run.onCommit = { commit in
      let live =
        commit.operatorStates.isEmpty
        ? "none" : (try? observer.cells(columns, of: "kpi", withCompleteness: true).joined())
      seen.withLock { $0.append("\(commit.sources[2].accepted): \(live ?? "unreadable")") }
    }
    let lines = (0..<40).map {
      EventLine.make("c\($0)", "page_view", at: Self.noon + 50 * EventTime.minute + $0, session: $0 < 20 ? "t" : "u")
    }
    let path = try shop.place.write("live", lines: lines)
    try shop.run.simulate([path], seed: 2, checkpointOdds: 4, maximumCheckpoints: 10)
    let commits = seen.withLock { $0 }
    #expect(commits.count > 2)
    for commit in commits.dropLast() {
      let accepted = try #require(Int(commit.prefix { $0 != ":" }))
      let status = accepted == 0 ? "amended" : "open"
      let sessions = accepted <= 20 ? 2 : 3
      #expect(commit == "\(accepted): 2023-11-16T12:00:00Z \(4 + accepted) \(sessions) \(status) 2")
    }
    #expect(commits.last == "40: 2023-11-16T12:00:00Z 44 3 amended 2")
  }

  @Test func hoppingWindowsMergeTheirPanes() throws {
    let shop = try Shop(
      Shop.settings(.hopping(size: EventTime.hour, slide: 20 * EventTime.minute)),
      EventLine.views("a", session: "s", minutes: [5, 30]) + EventLine.views("a", session: "t", minutes: [59]))
    #expect(
      try shop.run.cells(["window_start", "window_end", "page_views", "sessions"], of: "kpi") == [
        "2023-11-16T11:20:00Z 2023-11-16T12:20:00Z 1 1", "2023-11-16T11:40:00Z 2023-11-16T12:40:00Z 2 1",
        "2023-11-16T12:00:00Z 2023-11-16T13:00:00Z 3 2", "2023-11-16T12:20:00Z 2023-11-16T13:20:00Z 2 2",
        "2023-11-16T12:40:00Z 2023-11-16T13:40:00Z 1 1",
      ])
  }

  /// The day on which Berlin leaves summer time has 25 hours.
  @Test func calendarWindowsAreThoseOfTheirZone() throws {
    // 2023-10-28T21:59Z, 22:00Z, 2023-10-29T22:59Z, 23:00Z.
    let times: [Int64] = [1_698_530_340_000, 1_698_530_400_000, 1_698_620_340_000, 1_698_620_400_000]
    let lines = times.map { EventLine.make("e\($0)", "page_view", at: $0, session: "s\($0)") }
    let berlin = try CalendarZone("Europe/Berlin")
    let days = try Shop(Shop.settings(.calendar(.day, zone: berlin)), lines)
    #expect(
      try days.run.cells(["window_start", "window_end", "sessions"], of: "kpi") == [
        "2023-10-27T22:00:00Z 2023-10-28T22:00:00Z 1", "2023-10-28T22:00:00Z 2023-10-29T23:00:00Z 2",
        "2023-10-29T23:00:00Z 2023-10-30T23:00:00Z 1",
      ])
    let weeks = try Shop(Shop.settings(.calendar(.week, zone: berlin)), lines)
    #expect(
      try weeks.run.cells(["window_start", "window_end", "sessions"], of: "kpi") == [
        "2023-10-22T22:00:00Z 2023-10-29T23:00:00Z 3", "2023-10-29T23:00:00Z 2023-11-05T23:00:00Z 1",
      ])
    let months = try Shop(Shop.settings(.calendar(.month, zone: berlin)), lines)
    #expect(
      try months.run.cells(["window_start", "window_end", "page_views"], of: "kpi") == [
        "2023-09-30T22:00:00Z 2023-10-31T23:00:00Z 4"
      ])
  }

  /// Rows without a value come first, the others by their bytes.
  @Test func groupsAreRowsOfTheirOwn() throws {
    func view(_ number: Int, minute: Int64, _ more: String) -> [UInt8] {
      EventLine.make("e\(number)", "page_view", at: Self.noon + minute * EventTime.minute, session: "s\(number)", more)
    }
    let shop = try Shop(
      Shop.settings(.tumbling(size: 10 * EventTime.minute), by: ["utm_source", "geo_country"]),
      [
        view(1, minute: 0, #""utm":{"source":"news"},"geo":{"country":"DE"}"#),
        view(2, minute: 1, #""utm":{"source":"news"},"geo":{"country":"AT"}"#),
        view(3, minute: 2, #""utm":{"source":"Ads"}"#), view(4, minute: 3, #""utm":{"source":"news"}"#),
        view(5, minute: 4, #""geo":{"country":"DE"}"#), view(6, minute: 5, ""), view(7, minute: 6, ""),
        view(8, minute: 10, ""), view(9, minute: 9, #""utm":{"source":""}"#),
      ])
    #expect(
      try shop.run.cells(["window_start", "utm_source", "geo_country", "page_views"], of: "kpi").map {
        $0.replacing("2023-11-16T", with: "").replacing(":00Z", with: "")
      } == [
        "12:00 null null 2", "12:00 null DE 1", "12:00  null 1", "12:00 Ads null 1", "12:00 news null 1",
        "12:00 news AT 1", "12:00 news DE 1", "12:10 null null 1",
      ])
  }

  @Test func ratiosWithoutADenominatorAreNull() throws {
    let minute = EventTime.minute
    let shop = try Shop(
      JobSettings(),
      [
        // Two sessions, one order in two purchases, another order of the other.
        purchase("o1", at: Self.noon, session: "s", "10.005"), purchase("o1", at: Self.noon + 1, session: "s", "2"),
        purchase("o2", at: Self.noon + 2, session: "s", "1"),
        EventLine.make("v", "page_view", at: Self.noon + 3, session: "t"),
        // A purchase without a price; without an order it is one itself.
        EventLine.make("q", "purchase", at: Self.noon + minute, session: "s"),
        // Nothing that sells.
        EventLine.make("w", "page_view", at: Self.noon + 2 * minute, session: "s"),
        // A refund alone.
        EventLine.make("r", "refund", at: Self.noon + 3 * minute, session: "s", #""price":2.5,"currency":"EUR""#),
      ])
    let columns = ["sessions", "purchases", "conversion_rate", "orders", "order_conversion_rate", "revenue", "aov"]
    let rows = try shop.run.cells(columns + ["refunds", "net_revenue"], of: "kpi_1m")
    #expect(
      rows == [
        "2 3 1.5 2 1 13.0050 6.5025 0.0000 13.0050", "1 1 1 1 1 0.0000 0 0.0000 0.0000",
        "1 0 0 0 0 0.0000 null 0.0000 0.0000", "1 0 0 0 0 0.0000 null 2.5000 -2.5000",
      ])
  }

  /// Currencies are never added: without one that is asked for, revenue of several is null and each is listed.
  @Test func currenciesAreKeptApart() throws {
    let lines = [
      purchase("o1", at: Self.noon, session: "s", "10"), purchase("o2", at: Self.noon + 1, session: "s", "500", "JPY"),
      purchase("o3", at: Self.noon + EventTime.minute, session: "s", "7", "JPY"),
    ]
    let columns = ["revenue", "aov", "net_revenue"]
    let any = try Shop(JobSettings(), lines)
    #expect(try any.run.cells(columns, of: "kpi_1m") == ["null null null", "7.0000 7 7.0000"])
    let rows = try any.run.rows(of: "kpi_1m")
    #expect(rows[0].contains(#""revenue_by_currency":{"EUR":"10.0000","JPY":"500.0000"}"#))
    #expect(rows[1].contains(#""revenue_by_currency":null"#))
    var settings = JobSettings()
    settings.currency = "EUR"
    let euro = try Shop(settings, lines)
    #expect(try euro.run.cells(columns, of: "kpi_1m") == ["10.0000 5 10.0000", "0.0000 0 0.0000"])
  }

  @Test func anUnknownRollupIsNamed() throws {
    let shop = try Shop(JobSettings(), EventLine.views("a", session: "s", minutes: [0]))
    let error = #expect(throws: (any Error).self) { try shop.run.export("kpi_2m") }
    let sentence = "has no table 'kpi_2m'; it has dead_letters, events, kpi_1m, ops_commits, orders, sessions"
    #expect(error.map { "\($0)".contains(sentence) } == true)
  }
}
