import Columns
import Commerce
import CommerceTestSupport
import TestSupport
import Testing
import Windows

@testable import Serving

/// `step` and `group_by` of `/kpis/history`.
@Suite struct KpiHistoryMergeTests {
  private static let noon = FakeEngine.noon
  private static let minute = FakeEngine.minute

  private func metrics(_ history: JSON) -> [String] {
    history["windows"].array.map { window in
      let numbers = members(window["metrics"])
      let group = window["group"].names.sorted().map { "\($0)=\(window["group"][$0].text ?? "null")" }
      return ([window["window_start"].text ?? "", window["window_end"].text ?? ""] + group + numbers)
        .joined(separator: " ")
    }
  }

  /// The members of an object in the order of their names, which a parsed one does not keep.
  private func members(_ object: JSON) -> [String] {
    object.names.sorted().map { name in
      let inner = members(object[name])
      return "\(name)=" + (inner.isEmpty ? "\(object[name].value ?? "missing")" : "\(inner)")
    }
  }

  /// Events of a shop over 40 minutes: users and sessions that come back in other windows, orders in two currencies.
  private func lines(seed: UInt64) -> [[UInt8]] {
    var random = SeededRandom(seed: seed)
    return (0..<400).map { number in
      let time = Self.noon + Int64(number) * 6_000 + Int64.random(in: 0..<6_000, using: &random)
      let type = ["page_view", "page_view", "add_to_cart", "purchase"].randomElement(using: &random) ?? "click"
      let country = ["DE", "FR", "IT"].randomElement(using: &random) ?? "DE"
      let currency = Int.random(in: 0..<20, using: &random) == 0 ? "USD" : "EUR"
      let order = Int.random(in: 0..<60, using: &random)
      return EventLine.make(
        "e\(number)", type, at: time, session: "s\(Int.random(in: 0..<30, using: &random))",
        user: "u\(Int.random(in: 0..<15, using: &random))",
        #""price":\#(order).25,"currency":"\#(currency)","order_id":"o\#(order)","geo":{"country":"\#(country)"}"#)
    }
  }

  /// Steps of a fine rollup are the windows of a coarse one, and groups without columns those of a rollup without them.
  @Test func mergedWindowsAreThoseOfACoarserRollup() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var settings = JobSettings()
    settings.rollups = [
      JobSettings.Rollup(name: "fine", shape: .tumbling(size: Self.minute), groupBy: ["geo_country"]),
      JobSettings.Rollup(name: "coarse", shape: .tumbling(size: 5 * Self.minute)),
      JobSettings.Rollup(name: "grouped", shape: .tumbling(size: 5 * Self.minute), groupBy: ["geo_country"]),
      JobSettings.Rollup(name: "minutes", shape: .tumbling(size: Self.minute)),
    ]
    let place = TemporaryDirectory()
    let run = try EngineRun(settings, in: place.file("data"))
    try run.simulate([try place.write("a", lines: lines(seed: seed))], seed: 1, checkpointOdds: 10)
    let engine = try FakeEngine(settings, directory: run.directory)
    for rollup in settings.rollups {
      engine.publish(
        rollup: rollup.name, newest: Self.noon + 41 * Self.minute)
    }
    let server = try EngineServer(engine)
    for (merged, kept) in [
      ("fine&step=5m&group_by=none", "coarse"), ("fine&step=5m", "grouped"), ("fine&group_by=none", "minutes"),
      ("fine&step=300s&group_by=geo_country", "grouped"), ("minutes&step=5m", "coarse"),
    ] {
      let expected = metrics(try server.json("/kpis/history?rollup=\(kept)"))
      let found = metrics(try server.json("/kpis/history?rollup=\(merged)"))
      #expect(!expected.isEmpty && found.count == expected.count, "seed \(seed): \(merged)")
      for (found, expected) in zip(found, expected) { #expect(found == expected, "seed \(seed): \(merged)") }
    }
  }

  /// Two windows in memory whose events no commit has: numbers are added, distinct things are not known.
  @Test func whatNoCommitHasIsNotCountedDistinctly() throws {
    let engine = try FakeEngine()
    engine.publish(
      FakeEngine.sample(), FakeEngine.sample(minute: 1), FakeEngine.sample(minute: 5),
      watermark: Self.noon + 2 * Self.minute, newest: Self.noon + 6 * Self.minute)
    let history = try EngineServer(engine).json("/kpis/history?step=5m")
    #expect(history["step_ms"].integer == 300_000 && history["count"].integer == 2)
    let (first, second) = (history["windows"][0], history["windows"][1])
    #expect(first["window_end"].text == "2023-11-16T12:05:00Z")
    #expect(first["metrics"]["purchases"].integer == 620 && first["metrics"]["revenue"].number == 18_246.8)
    for name in ["sessions", "unique_users", "orders", "conversion_rate", "conversion_rate_ci95", "aov"] {
      #expect(first["metrics"][name].isNull, "\(name)")
    }
    #expect(first["completeness"]["null_because"].text?.contains("commit") == true)
    #expect(first["completeness"]["status"].text == "open" && first["completeness"]["corrections"].integer == 6)
    #expect(second["metrics"]["sessions"].integer == 1820, "one window alone keeps what it knows")
    #expect(second["completeness"]["null_because"].isMissing)
  }

  @Test func stepsAreFilledAndCounted() throws {
    let engine = try FakeEngine()
    engine.publish(
      FakeEngine.views(1, minute: 0), FakeEngine.views(2, minute: 12), watermark: Self.noon + 13 * Self.minute,
      newest: Self.noon + 13 * Self.minute)
    let server = try EngineServer(engine)
    let range = "from=2023-11-16T12:01:00Z&to=2023-11-16T12:14:00Z&step=5m"
    let filled = try server.json("/kpis/history?\(range)&fill=zero")
    #expect(filled["windows"].array.map { $0["metrics"]["page_views"].integer } == [1, 0, 2])
    #expect(filled["from"].text == "2023-11-16T12:00:00Z" && filled["to"].text == "2023-11-16T12:15:00Z")
    #expect(filled["windows"].array.map { $0["completeness"]["status"].text } == ["on_time", "on_time", "open"])
    #expect(try server.refusal("/kpis/history?\(range)&limit=2").contains("3 windows"))
    #expect(try server.refusal("/kpis/history?minutes_back=400000&step=1d").contains("step"))
  }

  @Test func theMostPointsChooseTheStep() throws {
    let engine = try FakeEngine()
    engine.publish(
      FakeEngine.views(1, minute: 0), FakeEngine.views(2, minute: 12), watermark: Self.noon + 13 * Self.minute,
      newest: Self.noon + 59 * Self.minute)
    let server = try EngineServer(engine)
    let hour = "from=2023-11-16T12:00:00Z&to=2023-11-16T13:00:00Z&fill=zero"
    for (points, count, minutes) in [(60, 60, nil), (59, 30, 2), (12, 12, 5), (11, 6, 10), (1, 1, 60)]
      as [(Int, Int64, Int64?)]
    {
      let history = try server.json("/kpis/history?\(hour)&max_points=\(points)")
      #expect(history["count"].integer == count && history["step_ms"].integer == minutes.map { $0 * Self.minute })
      #expect(history["windows"].array.reduce(0) { $0 + ($1["metrics"]["page_views"].integer ?? 0) } == 3)
    }
    // Noon is a boundary of all that is shorter than a day.
    let long = try server.json("/kpis/history?from=2023-11-16T11:59:00Z&to=2023-11-16T12:01:00Z&max_points=1")
    #expect(long["step_ms"].integer == 86_400_000)
    #expect(try server.refusal("/kpis/history?max_points=5&step=5m").contains("combined with 'step'"))
    #expect(try server.refusal("/kpis/history?max_points=0").contains("'max_points'"))
    #expect(RoundStep.first(multipleOf: 7 * Self.minute) { $0 >= 20 * Self.minute } == 35 * Self.minute)
    #expect(RoundStep.first(multipleOf: Self.minute) { _ in false } >= 1 << 48)
  }

  @Test func badStepsAndGroupsAreRefused() throws {
    var settings = JobSettings()
    settings.rollups = [
      JobSettings.Rollup(name: "kpi", shape: .tumbling(size: Self.minute), groupBy: ["geo_country"]),
      JobSettings.Rollup(name: "hopping", shape: .hopping(size: 2 * Self.minute, slide: Self.minute)),
    ]
    let server = try EngineServer(FakeEngine(settings))
    #expect(try server.refusal("/kpis/history?step=90s").contains("multiple of the windows of 'kpi'"))
    #expect(try server.refusal("/kpis/history?step=0m").contains("multiple"))
    #expect(try server.refusal("/kpis/history?step=x").contains("30m"))
    #expect(try server.refusal("/kpis/history?rollup=hopping&step=2m").contains("side by side"))
    #expect(try server.refusal("/kpis/history?group_by=geo_contry").contains("did you mean 'geo_country'"))
    #expect(try server.refusal("/kpis/history?group_by=").contains("geo_country, none"))
    #expect(try server.refusal("/kpis/history?group_by=geo_country,geo_country").contains("twice"))
    #expect(try server.refusal("/kpis/history?rollup=hopping&group_by=geo_country").contains("none"))
  }
}
