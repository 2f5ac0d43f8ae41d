import Columns
import Commerce
import CommerceTestSupport
import Dispatch
import HotIndex
import Synchronization
import Telemetry
import TestSupport
import Testing

@testable import Serving

/// The boundary of memory and store is a commit: no window is left out or counted twice, whatever is committed between
/// looking at the one and reading the other.
@Suite struct WindowSeriesTests {
  private static let noon = FakeEngine.noon
  private static let minute = FakeEngine.minute

  private func window(_ minute: Int64, _ count: Int64) -> HotWindow { FakeEngine.views(count, minute: minute) }

  @Test func theStateWithMoreEventsWins() {
    let stored = [window(0, 1), window(1, 5), window(2, 3), window(4, 1)]
    let hot = [window(1, 4), window(2, 3), window(3, 9)]
    let joined = WindowSeries.joined(stored: stored, hot: hot)
    #expect(joined == [stored[0], stored[1], hot[1], hot[2], stored[3]])
    #expect(WindowSeries.joined(stored: [], hot: hot) == hot)
    #expect(WindowSeries.joined(stored: stored, hot: []) == stored)
  }

  /// An engine as its readers know it: page views by minute, some of them committed.
  private final class Shop {
    let place = TemporaryDirectory()
    let run: EngineRun
    let engine: FakeEngine
    private(set) var counts: [Int64: Int64] = [:]
    private var uncommitted: [Int64] = []
    private var commits = 0

    init() throws {
      run = try EngineRun(JobSettings(), in: place.file("data"))
      engine = try FakeEngine(directory: run.directory)
    }

    func view(_ minutes: [Int64]) {
      uncommitted += minutes
      for minute in minutes { counts[minute, default: 0] += 1 }
    }

    func commit() throws {
      guard !uncommitted.isEmpty else { return }
      commits += 1
      let lines = uncommitted.enumerated().map { number, minute in
        EventLine.make("c\(commits)e\(number)", "page_view", at: noon + minute * WindowSeriesTests.minute, session: "s")
      }
      uncommitted = []
      try run.simulate([try place.write("file\(commits)", lines: lines)], seed: 1, checkpointOdds: 1000)
    }

    /// Shows memory from minute `first` on, but for `amended`, which are left to the store.
    func publish(from first: Int64, without amended: Set<Int64>) {
      let end = noon + first * WindowSeriesTests.minute
      let windows = counts.filter { $0.key >= first && !amended.contains($0.key) }
      engine.index.publish(
        windows.map { ("kpi_1m", FakeEngine.views($0.value, minute: $0.key)) },
        removing: amended.map { HotKey(rollup: "kpi_1m", window: FakeEngine.views(0, minute: $0).window, group: []) },
        newestEventTime: noon + 60 * WindowSeriesTests.minute, storedEnd: end)
    }
  }

  @Test(arguments: 1...30 as ClosedRange<UInt64>)
  func noWindowIsLostWhereACommitComesBetween(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    func minutes(_ count: Int) -> [Int64] { (0..<count).map { _ in Int64.random(in: 0..<60, using: &random) } }
    let shop = try Shop()
    // What is committed, and what memory alone has: windows that begin at the boundary or later.
    shop.view(minutes(Int.random(in: 0..<80, using: &random)))
    try shop.commit()
    let boundary = Int64.random(in: 0..<60, using: &random)
    let amended = Set(minutes(3).filter { $0 >= boundary && Int.random(in: 0..<2, using: &random) == 0 })
    shop.view(minutes(40).filter { $0 >= boundary && !amended.contains($0) })
    shop.publish(from: boundary, without: amended)
    let before = shop.counts
    let registry = MetricRegistry()
    let routes = EngineRoutes(shop.engine, registry: registry)
    let server = try TestServer(routes.all, registry: registry)
    // The request has seen memory, and waits for the store; the engine goes on meanwhile.
    let from = Int64.random(in: 0..<60, using: &random)
    routes.stored.queue.suspend()
    let client = try server.client()
    client.send(
      "GET /kpis/history?from=\(Self.noon + from * Self.minute)&to=\(Self.noon + 60 * Self.minute) HTTP/1.1\r\n"
        + "Host: test\r\n\r\n")
    #expect(
      eventually {
        let text = registry.exposition()
        return text.contains("riffle_http_requests_in_flight 1\n") || text.contains(#"requests_total{route="/kpis/h"#)
      })
    if Int.random(in: 0..<4, using: &random) > 0 {
      shop.view(minutes(30))
      try shop.commit()
      shop.publish(from: Int64.random(in: boundary...60, using: &random), without: amended)
    }
    routes.stored.queue.resume()
    let answer = try client.readAnswer()
    #expect(answer.status == 200, "\(answer.text)")
    var found: [Int64: Int64] = [:]
    for window in try JSON(answer.body)["windows"].array {
      let start = try #require(EventTime.parse(window["window_start"].text ?? ""))
      let minute = (start - Self.noon) / Self.minute
      #expect(found[minute] == nil, "seed \(seed): \(minute) is there twice")
      found[minute] = window["metrics"]["page_views"].integer
    }
    for minute in from..<60 {
      let (least, most) = (before[minute] ?? 0, shop.counts[minute] ?? 0)
      let count = found[minute] ?? 0
      #expect(count == least || count == most, "seed \(seed): \(minute) has \(count), not \(least) or \(most)")
    }
  }
}
