internal import Columns
internal import Commerce
internal import Windows

extension EngineRoutes {
  /// Windows that the page's charts show.
  private static let pageWindows: Int64 = 60

  /// `/`: how the shop does, for people; and the chart library, where there is one.
  var pages: [Route] {
    let chart = chartScript.map { [$0.route] } ?? []
    return [livePage] + chart
  }

  private var livePage: Route {
    Route(
      .get, "/", "A live page: the newest KPIs and their last hour, the funnel, how the engine is.", scope: nil
    ) { _ in
      .now(LivePage.response(rollup: pageRollup, minutesBack: pageMinutes, chart: chartScript))
    }.answering(.text("text/html", "The page."))
  }

  /// The first rollup whose windows are one row each.
  private var pageRollup: Rollup? {
    let rollups = view.job.rollupTables.map(\.rollup)
    return rollups.first { $0.groupBy.isEmpty } ?? rollups.first
  }

  private var pageMinutes: Int64 {
    let length = EngineRoutes.pageWindows * (pageRollup?.shape.paneMilliseconds ?? EventTime.minute)
    return min(max(1, length / EventTime.minute), HistoryRequest.minutesMax)
  }
}

/// The live page: numbers in tables and, where the chart library is, drawn as well.
enum LivePage {
  static func response(rollup: Rollup?, minutesBack: Int64, chart: ChartScript?) -> HTTPResponse {
    PageFrame(
      title: "Riffle", style: PageStyle.common + "\n" + style, body: body,
      script: [PageKey.script, format, windows, charts, panels, engine, feed].joined(separator: "\n"),
      data: [("rollup", rollup?.name ?? ""), ("minutes", "\(minutesBack)")],
      scripts: chart.map { [$0.path] } ?? []
    ).response()
  }

  /// A table whose head is given; scripts fill its body.
  private static func table(_ id: String, _ title: String, _ columns: [(text: String, isNumber: Bool)]) -> String {
    let head = columns.map { "<th scope=\"col\"\($0.isNumber ? " class=\"number\"" : "")>\($0.text)</th>" }.joined()
    return """
      <section aria-labelledby="\(id)-title" id="\(id)-section">
      <div class="line"><h2 id="\(id)-title">\(title)</h2><p id="\(id)-note" class="quiet"></p></div>
      <div class="scroll" role="region" aria-labelledby="\(id)-title" tabindex="0">
      <table><thead><tr id="\(id)-head">\(head)</tr></thead><tbody id="\(id)"></tbody></table>
      </div>
      </section>
      """
  }

  private static func chart(_ id: String, _ title: String) -> String {
    """
    <section aria-labelledby="\(id)-title" class="chart" hidden>
    <h2 id="\(id)-title">\(title)</h2>
    <div class="plot"><canvas id="\(id)" role="img" aria-labelledby="\(id)-title"></canvas></div>
    </section>
    """
  }

  private static let body = """
    <a class="skip" href="#main">To the numbers</a>
    <header>
    <h1>Riffle</h1>
    <nav class="quiet"><a href="/docs">API</a></nav>
    <p id="state" class="pill" role="status" aria-live="polite">Connecting</p>
    </header>
    <p id="news" class="unseen" aria-live="polite"></p>
    \(PageKey.form)
    <main id="main">
    <noscript><p class="notice">This page needs scripts; the numbers are at <code>/kpis/latest</code>.</p></noscript>
    <section aria-labelledby="now-title">
    <div class="line"><h2 id="now-title">Newest window</h2><p id="window" class="quiet">None yet</p></div>
    <dl id="tiles" class="tiles"></dl>
    </section>
    <section aria-labelledby="engine-title">
    <div class="line"><h2 id="engine-title">Engine</h2><p id="engine-note" class="quiet"></p></div>
    <dl id="engine" class="tiles few"></dl>
    </section>
    <div class="pair">
    \(chart("revenue-chart", "Revenue by window"))
    \(chart("events-chart", "Events by window"))
    </div>
    <div class="pair">
    \(table("funnel", "Funnel", [("Step", false), ("Users", true), ("Of first", true), ("Of last step", true)]))
    \(table("latency", "Latency", [("What", false), ("p50", true), ("p95", true), ("p99", true)]))
    </div>
    <div class="pair">
    \(table(
      "products", "Top products", [("Product", false), ("Revenue", true), ("Purchases", true), ("Views", true)]))
    \(table(
      "countries", "Countries",
      [("Country", false), ("Sessions", true), ("Revenue", true), ("Conversion", true)]))
    </div>
    \(table("windows", "Last windows", []))
    <div class="pair">
    \(table("letters", "Dead letters", [("Reason", false), ("Messages", true), ("Of all", true)]))
    \(table(
      "partitions", "Partitions",
      [("Partition", false), ("State", false), ("Offset", true), ("Lag", true), ("Watermark", true)]))
    </div>
    </main>
    <footer id="footer" class="quiet"></footer>
    """
}
