import Columns
import Commerce
import CommerceTestSupport
import Serving
import TestSupport
import Testing
import Windows

@Suite struct KpiHistoryTests {
  private static let noon = FakeEngine.noon
  private static let minute = FakeEngine.minute

  /// Windows at 12:00, 12:02 and 12:05, now 12:05:30.
  private func server(_ settings: JobSettings = JobSettings(), directory: String = "/nowhere") throws -> EngineServer {
    let engine = try FakeEngine(settings, directory: directory)
    engine.publish(
      FakeEngine.views(1, minute: 0), FakeEngine.views(2, minute: 2), FakeEngine.views(3, minute: 5),
      watermark: Self.noon + 5 * Self.minute + 10_000, newest: Self.noon + 5 * Self.minute + 30_000)
    return try EngineServer(engine)
  }

  /// Minute of each window and its page views: `12:02 2`.
  private func rows(_ history: JSON) -> [String] {
    history["windows"].array.map { window in
      let start = window["window_start"].text?.dropFirst(11).prefix(5) ?? "none"
      return "\(start) \(window["metrics"]["page_views"].integer ?? -1)"
    }
  }

  @Test func windowsAscend() throws {
    let history = try server().json("/kpis/history")
    #expect(rows(history) == ["12:00 1", "12:02 2", "12:05 3"])
    #expect(history["as_of"].text == "2023-11-16T12:05:30Z")
    #expect(history["from"].text == "2023-11-16T11:05:00Z")
    #expect(history["to"].text == "2023-11-16T12:06:00Z")
    #expect(history["count"].integer == 3)
    #expect(history["windows"].array.map { $0["completeness"]["status"].text } == ["on_time", "on_time", "open"])
    #expect(history["completeness"]["provisional"].flag == true)
  }

  @Test func rangesSnapOutward() throws {
    let server = try server()
    #expect(rows(try server.json("/kpis/history?minutes_back=1")) == ["12:05 3"])
    let middle = try server.json("/kpis/history?from=2023-11-16T12:02:59Z&to=2023-11-16T12:05:00.001Z")
    #expect(rows(middle) == ["12:02 2", "12:05 3"])
    #expect(middle["from"].text == "2023-11-16T12:02:00Z" && middle["to"].text == "2023-11-16T12:06:00Z")
    let exclusive = try server.json("/kpis/history?from=2023-11-16T12:02:00Z&to=2023-11-16T12:05:00Z")
    #expect(rows(exclusive) == ["12:02 2"])
    let end = try server.json("/kpis/history?to=2023-11-16T12:01:00Z&minutes_back=1")
    #expect(rows(end) == ["12:00 1"])
    let wall = try server.json("/kpis/history?now=wall&minutes_back=57")
    #expect(rows(wall) == ["12:05 3"])
  }

  @Test func emptyWindowsComeWhenAskedFor() throws {
    let history = try server().json("/kpis/history?from=2023-11-16T12:00:00Z&fill=zero")
    #expect(rows(history) == ["12:00 1", "12:01 0", "12:02 2", "12:03 0", "12:04 0", "12:05 3"])
    let empty = history["windows"][1]
    #expect(empty["metrics"]["conversion_rate"].isNull && empty["metrics"]["aov"].isNull)
    #expect(empty["metrics"]["revenue"].number == 0 && empty["metrics"]["sessions"].integer == 0)
    #expect(empty["completeness"]["status"].text == "on_time")
  }

  @Test func groupsAreFilledEach() throws {
    var settings = JobSettings()
    settings.rollups = [JobSettings.Rollup(name: "kpi", shape: .tumbling(size: 60_000), groupBy: ["geo_country"])]
    let engine = try FakeEngine(settings)
    engine.publish(
      FakeEngine.views(1, minute: 0, group: ["DE"]), FakeEngine.views(2, minute: 1, group: [nil]), rollup: "kpi",
      newest: Self.noon + Self.minute)
    let history = try EngineServer(engine).json("/kpis/history?from=2023-11-16T12:00:00Z&fill=zero")
    #expect(rows(history) == ["12:00 0", "12:00 1", "12:01 2", "12:01 0"])
    #expect(history["windows"].array.map { $0["group"]["geo_country"].text } == [nil, "DE", nil, "DE"])
  }

  @Test func hoppingWindowsOverlapTheRange() throws {
    var settings = JobSettings()
    settings.rollups = [
      JobSettings.Rollup(name: "kpi", shape: .hopping(size: 120_000, slide: 60_000), groupBy: [])
    ]
    let engine = try FakeEngine(settings)
    engine.publish(newest: Self.noon + Self.minute)
    let target = "/kpis/history?from=2023-11-16T12:00:00Z&to=2023-11-16T12:01:00Z&fill=zero"
    let history = try EngineServer(engine).json(target)
    #expect(rows(history) == ["11:59 0", "12:00 0"])
    #expect(history["from"].text == "2023-11-16T11:59:00Z" && history["to"].text == "2023-11-16T12:02:00Z")
  }

  @Test func anAnswerIsBounded() throws {
    let server = try server()
    #expect(try server.refusal("/kpis/history?minutes_back=2000").contains("2001 windows"))
    #expect(try server.json("/kpis/history?minutes_back=2000&limit=2001")["count"].integer == 3)
    #expect(try server.refusal("/kpis/history?from=0&limit=10000").contains("shorten the range"))
    #expect(try server.refusal("/kpis/history?limit=10001").contains("10000"))
    #expect(try server.refusal("/kpis/history?minutes_back=5&limit=5").contains("6 windows"))
  }

  @Test func wrongParametersAreNamed() throws {
    let server = try server()
    #expect(try server.refusal("/kpis/history?minutes_back=0").contains("'minutes_back'"))
    #expect(try server.refusal("/kpis/history?minutes_back=5&from=2023-11-16T12:00:00Z").contains("combined"))
    #expect(try server.refusal("/kpis/history?from=yesterday").contains("'from'"))
    #expect(try server.refusal("/kpis/history?from=2024-01-01T00:00:00Z").contains("before now"))
    #expect(try server.refusal("/kpis/history?from=5&to=5").contains("'from'"))
    #expect(try server.refusal("/kpis/history?to=9223372036854775807").contains("9999"))
    #expect(try server.refusal("/kpis/history?to=0").contains("'to'"))
    #expect(try server.refusal("/kpis/history?fill=null").contains("none, zero"))
    #expect(try server.refusal("/kpis/history?minuts_back=5").contains("did you mean 'minutes_back'"))
  }

  @Test func beforeTheFirstEventThereIsNothing() throws {
    let history = try EngineServer(FakeEngine()).json("/kpis/history")
    #expect(history["as_of"].isNull && history["from"].isNull)
    #expect(history["count"].integer == 0 && history["windows"].array.isEmpty)
    #expect(history["completeness"]["watermark"].isNull && history["completeness"]["event_time_lag_ms"].isNull)
  }

  /// Stored: 11:58 to 12:03, one page view each; in memory from 12:02 on, with other numbers.
  @Test func memoryAndStoreAreOneSeries() throws {
    let place = TemporaryDirectory()
    let run = try EngineRun(JobSettings(), in: place.file("data"))
    let lines = EventLine.views("a", session: "s", minutes: [-2, -1, 0, 1, 2, 3])
    try run.simulate([try place.write("a", lines: lines)], seed: 1, checkpointOdds: 10)
    let engine = try FakeEngine(directory: run.directory)
    engine.publish(
      FakeEngine.views(20, minute: 2), FakeEngine.views(40, minute: 4), newest: Self.noon + 4 * Self.minute)
    let server = try EngineServer(engine)
    let all = try server.json("/kpis/history?from=2023-11-16T11:00:00Z")
    #expect(rows(all) == ["11:58 1", "11:59 1", "12:00 1", "12:01 1", "12:02 20", "12:03 1", "12:04 40"])
    #expect(all["windows"][0]["completeness"]["status"].text == "final")
    let part = try server.json("/kpis/history?from=2023-11-16T12:00:30Z&to=2023-11-16T12:02:30Z")
    #expect(rows(part) == ["12:00 1", "12:01 1", "12:02 20"])
    // What lies in memory alone is not looked up.
    #expect(rows(try server.json("/kpis/history?from=2023-11-16T12:02:00Z")) == ["12:02 20", "12:04 40"])
    let filled = try server.json("/kpis/history?from=2023-11-16T11:57:00Z&to=2023-11-16T12:00:00Z&fill=zero")
    #expect(rows(filled) == ["11:57 0", "11:58 1", "11:59 1"])
  }

  /// A range of a store gives the windows that the whole store has there, whatever their shape.
  @Test(arguments: ["tumbling 7 minutes", "hopping 10 minutes every 4 minutes", "calendar day Europe/Berlin"])
  func aRangeReadsWhatTheWholeHas(_ shape: String) throws {
    var settings = JobSettings()
    settings.rollups = [JobSettings.Rollup(name: "kpi", shape: try WindowShape.parse(shape))]
    settings.rowGroupRows = 4
    let place = TemporaryDirectory()
    let run = try EngineRun(settings, in: place.file("data"))
    let lines = EventLine.views("a", session: "s", minutes: (0..<60).map { $0 * 3 })
    try run.simulate([try place.write("a", lines: lines)], seed: 1, checkpointOdds: 10)
    let engine = try FakeEngine(settings, directory: run.directory)
    engine.publish(newest: Self.noon + 200 * Self.minute)
    let server = try EngineServer(engine)
    let whole = try server.json("/kpis/history?from=2023-11-16T11:00:00Z&to=2023-11-16T16:00:00Z")["windows"].array
    #expect(whole.reduce(0) { $0 + ($1["metrics"]["page_views"].integer ?? 0) } >= 60)
    let (from, to) = ("2023-11-16T12:31:00Z", "2023-11-16T13:02:30Z")
    let part = try server.json("/kpis/history?from=\(from)&to=\(to)")["windows"].array
    let expected = whole.filter { ($0["window_start"].text ?? "") < to && ($0["window_end"].text ?? "") > from }
    #expect(!part.isEmpty && part.map(describe) == expected.map(describe))
    let distant = try server.json("/kpis/history?from=9998-12-30T00:00:00Z&to=9998-12-31T00:00:00Z")
    #expect(distant["count"].integer == 0)
    #expect((distant["from"].text ?? "") <= "9998-12-30T00:00:00Z" && distant["to"].text != nil)
  }

  private func describe(_ window: JSON) -> String {
    "\(window["window_start"].text ?? "") \(window["metrics"]["page_views"].integer ?? -1)"
  }
}
