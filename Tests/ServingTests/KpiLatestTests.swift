import Columns
import Commerce
import CommerceTestSupport
import Serving
import TestSupport
import Testing
import Windows

@Suite struct KpiLatestTests {
  private static let noon = FakeEngine.noon

  /// The documented sample, member by member.
  @Test func aWindowIsServedAsDocumented() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(0)
    server.engine.publish(FakeEngine.sample(), watermark: Self.noon + 30_000, newest: Self.noon + 35_000)
    let answer = try server.get("/kpis/latest")
    for part in [
      #""_id":"2023-11-16T12:00:00Z","window_start":"2023-11-16T12:00:00Z","window_end":"2023-11-16T12:01:00Z""#,
      #""conversion_rate":0.1703,"#, #""revenue":9123.40,"#, #""aov":29.43,"#,
      #""conversion_rate_ci95":[0.15376,0.18829]"#,
      #""performance":{"processing_time":"2023-11-16T12:01:02.145Z"}"#,
    ] {
      #expect(answer.text.contains(part), "\(part)\n\(answer.text)")
    }
    let window = try JSON(answer.body)
    let counts = [
      "sessions": 1820, "page_views": 9450, "add_to_carts": 1240, "purchases": 310, "orders": 310, "unique_users": 1654,
    ]
    for (name, count) in counts { #expect(window["metrics"][name].integer == Int64(count), "\(name)") }
    let completeness = window["completeness"]
    #expect(completeness["status"].text == "open" && completeness["provisional"].flag == true)
    #expect(completeness["corrections"].integer == 3 && completeness["deltas"].integer == 0)
    #expect(completeness["watermark"].text == "2023-11-16T12:00:30Z")
    #expect(completeness["event_time_lag_ms"].integer == 5000)
    #expect(completeness["epoch"].text == "2.7.1")
    #expect(completeness["partitions"][0]["w"].text == "2023-11-16T12:00:00Z")
    #expect(completeness["partitions"][0]["end_offset"].integer == 15)
    #expect(window["as_of"].text == "2023-11-16T12:00:35Z")
    #expect(try server.json("/kpis/latest?now=wall")["as_of"].text == "2023-11-16T13:00:00Z")
  }

  @Test func zeroDenominatorsAreNull() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.publish(FakeEngine.views(2, minute: 0), newest: Self.noon)
    let metrics = try server.json("/kpis/latest")["metrics"]
    #expect(metrics["aov"].isNull)
    #expect(metrics["conversion_rate"].number == 0)
    #expect(metrics["revenue"].number == 0)
    #expect(metrics["revenue_by_currency"].isMissing)
  }

  @Test func currenciesAreNeverAddedUp() throws {
    let sums: [String: Int128] = ["EUR": 91_234_000, "JPY": 264_000_025]
    let server = try EngineServer(FakeEngine())
    server.engine.publish(FakeEngine.sample(sums: sums), newest: Self.noon)
    let answer = try server.get("/kpis/latest")
    #expect(answer.text.contains(#""revenue_by_currency":{"EUR":9123.40,"JPY":26400.0025}"#))
    let metrics = try JSON(answer.body)["metrics"]
    #expect(metrics["revenue"].isNull && metrics["aov"].isNull && metrics["net_revenue"].isNull)
    var settings = JobSettings()
    settings.currency = "EUR"
    let chosen = try EngineServer(FakeEngine(settings))
    chosen.engine.publish(FakeEngine.sample(sums: sums), newest: Self.noon)
    #expect(try chosen.json("/kpis/latest")["metrics"]["revenue"].number == 9123.4)
  }

  @Test func anEstimateSaysSo() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.publish(FakeEngine.sample(isApproximate: true), newest: Self.noon)
    let metrics = try server.json("/kpis/latest")["metrics"]
    #expect(metrics["approximate"].flag == true)
    #expect(metrics["approximate_error"].number == 0.01625)
  }

  @Test func finalWindowsCanBeAskedFor() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.publish(
      FakeEngine.views(1, minute: 0), FakeEngine.views(2, minute: 1), FakeEngine.views(3, minute: 30),
      FakeEngine.views(0, minute: 31), watermark: Self.noon + 12 * FakeEngine.minute, newest: Self.noon + 1_900_000)
    let newest = try server.json("/kpis/latest")
    #expect(newest["metrics"]["page_views"].integer == 3)
    let final = try server.json("/kpis/latest?status=final")
    #expect(final["metrics"]["page_views"].integer == 2)
    #expect(final["completeness"]["provisional"].flag == false)
    #expect(final["completeness"]["status"].text == "final")
  }

  @Test func aGroupedRollupAnswersItsGroups() throws {
    var settings = JobSettings()
    settings.rollups.append(
      JobSettings.Rollup(name: "by_country", shape: .tumbling(size: 60_000), groupBy: ["geo_country"]))
    let server = try EngineServer(FakeEngine(settings))
    server.engine.publish(
      FakeEngine.views(4, minute: 0, group: ["DE"]), FakeEngine.views(1, minute: 0, group: [nil]),
      rollup: "by_country", newest: Self.noon)
    let latest = try server.json("/kpis/latest?rollup=by_country")
    #expect(latest["window_start"].text == "2023-11-16T12:00:00Z")
    #expect(latest["count"].integer == 2)
    #expect(latest["groups"].array.map { $0["metrics"]["page_views"].integer } == [1, 4])
    #expect(latest["groups"][0]["group"]["geo_country"].isNull)
    #expect(latest["groups"][1]["group"]["geo_country"].text == "DE")
    #expect(latest["groups"][1]["_id"].text == "2023-11-16T12:00:00Z/DE")
    #expect(latest["completeness"]["provisional"].flag == true)
    #expect(try server.json("/kpis/latest?rollup=by_country&limit=1")["groups"].array.count == 1)
  }

  @Test func whatIsNotThereIsSaid() throws {
    let server = try EngineServer(FakeEngine())
    #expect(try server.refusal("/kpis/latest", status: 404).contains("no window yet"))
    #expect(try server.refusal("/kpis/latest?rollup=kpi_1").contains("did you mean 'kpi_1m'"))
    #expect(try server.refusal("/kpis/latest?status=done").contains("'status'"))
    #expect(try server.refusal("/kpis/latest?now=later").contains("event, wall"))
    #expect(try server.refusal("/kpis/latest?limit=0").contains("'limit'"))
  }

  @Test func readToItsEndsNothingIsMissing() throws {
    let server = try EngineServer(FakeEngine())
    server.engine.addPartition(0, state: "at_end")
    server.engine.addPartition(1, state: "excluded")
    server.engine.publish(FakeEngine.sample(), watermark: Self.noon, newest: Self.noon + 5000)
    #expect(try server.json("/kpis/latest")["completeness"]["event_time_lag_ms"].integer == 0)
  }

  /// After a start, before anything is in memory.
  @Test func theStoreAnswersWhereMemoryIsEmpty() throws {
    let place = TemporaryDirectory()
    let run = try EngineRun(JobSettings(), in: place.file("data"))
    let lines = EventLine.views("a", session: "s", minutes: [0, 1]) + EventLine.views("b", session: "t", minutes: [1])
    try run.simulate([try place.write("a", lines: lines)], seed: 1, checkpointOdds: 10)
    let server = try EngineServer(FakeEngine(directory: run.directory))
    let latest = try server.json("/kpis/latest?status=final")
    #expect(latest["window_start"].text == "2023-11-16T12:01:00Z")
    #expect(latest["metrics"]["page_views"].integer == 2)
    #expect(latest["completeness"]["corrections"].isNull)
    #expect(latest["performance"].names.isEmpty)
  }

  /// Everybody asks for the newest window: who does so in the same moment gets the same bytes.
  @Test func aMomentHasOneAnswer() throws {
    let server = try EngineServer(FakeEngine(), momentMilliseconds: 3_600_000)
    server.engine.publish(FakeEngine.views(1, minute: 0))
    #expect(try server.json("/kpis/latest")["metrics"]["page_views"].integer == 1)
    server.engine.publish(FakeEngine.views(2, minute: 0))
    #expect(try server.json("/kpis/latest")["metrics"]["page_views"].integer == 1)
    #expect(try server.json("/kpis/latest?now=wall")["metrics"]["page_views"].integer == 2, "another question")
    #expect(try server.json("/kpis/latest?status=final", status: 404)["status"].integer == 404)
  }
}
