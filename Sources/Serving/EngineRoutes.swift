internal import Checkpoints
internal import Columns
public import Commerce
internal import Dispatch
internal import HotIndex
internal import Query
public import Telemetry
internal import Windows

/// What a running engine answers over HTTP: health, metrics, KPIs, sessions, the funnel, a live page.
///
///     let server = HTTPServer(
///       listen: HTTPAddress(port: 8000), router: Router(EngineRoutes(engine, registry: registry).all.documented),
///       registry: registry)
///
/// What is in memory is answered at once, from a snapshot; what needs the store from a queue.
public struct EngineRoutes: Sendable {
  let view: any EngineView
  let registry: MetricRegistry
  let stored: StoredData
  let streams: KpiStreams
  let chartScript: ChartScript?
  /// What is scanned for.
  let answers = AnswerCache(lifetimeMilliseconds: 1000)
  /// One scan at a time: further ones wait, and find its answer if they ask the same.
  let scans = DispatchQueue(label: "riffle.http.scan")
  /// What everybody asks for many times a second.
  let moments: AnswerCache
  let desk = ExportDesk()
  /// One query at a time, so that the memory of queries is bounded; other questions to the store do not wait for it.
  let queries = DispatchQueue(label: "riffle.http.query")
  /// Metrics look at the kernel and the disk.
  let metricsQueue = DispatchQueue(label: "riffle.http.metrics")
  let nowMilliseconds: @Sendable () -> Int64

  /// Registers the engine's metrics in `registry`, which therefore takes one engine.
  ///
  /// - Parameters:
  ///   - chartScript: what the live page draws with; nil for a page of tables.
  ///   - momentMilliseconds: how old the newest window may be when it is answered.
  ///   - nowMilliseconds: the wall clock.
  public init(
    _ view: any EngineView, registry: MetricRegistry, chartScript: ChartScript? = nil, momentMilliseconds: Int = 5,
    nowMilliseconds: @escaping @Sendable () -> Int64 = { WallClock.nowMilliseconds() }
  ) {
    self.view = view
    self.registry = registry
    self.chartScript = chartScript
    self.nowMilliseconds = nowMilliseconds
    stored = StoredData(view)
    moments = AnswerCache(lifetimeMilliseconds: momentMilliseconds)
    streams = KpiStreams(view)
    registry.reading("http_stream_clients", "Clients that listen to a stream of windows.") { [streams] in
      Double(streams.count)
    }
    EngineMetrics.register(view, in: registry, nowMilliseconds: nowMilliseconds)
  }

  /// All routes; `documented` adds what documents them.
  public var all: [Route] {
    pages + health + kpis + sessions + [funnel, query] + exports + rankings + [journey, deadLetters] + catalogs
  }
}

/// What the engine knew when a request came.
struct Moment {
  static let nowParameter = HTTPParameter(
    "now", "What 'now' is: event (default: the newest event time) or wall.", .choice(["event", "wall"]))

  let status: EngineStatus
  let hot: HotSnapshot
  /// "Now"; nil before the first event.
  let asOf: Int64?
  let completeness: Completeness

  /// Of all that is known.
  init(_ routes: EngineRoutes, _ query: HTTPQuery) throws(HTTPFailure) {
    let isWall = try Moment.isWall(query)
    status = routes.view.status
    hot = routes.view.hot
    asOf = isWall ? routes.nowMilliseconds() : hot.now
    completeness = Completeness(status, hot)
  }

  /// Of a commit alone.
  init(_ snapshot: Snapshot, _ routes: EngineRoutes, _ query: HTTPQuery) throws {
    let isWall = try Moment.isWall(query)
    let newest = try snapshot.asOf()
    status = routes.view.status
    completeness = Completeness(status, snapshot, asOf: newest)
    hot = HotSnapshot(watermark: completeness.watermark, newestEventTime: newest)
    asOf = isWall ? routes.nowMilliseconds() : newest
  }

  private static func isWall(_ query: HTTPQuery) throws(HTTPFailure) -> Bool {
    try query.choice("now", default: "event", of: ["event", "wall"]) == "wall"
  }
}
