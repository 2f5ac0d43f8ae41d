internal import Columns
internal import Commerce
internal import Windows

extension EngineRoutes {
  /// Windows that the page shows.
  private static let pageWindows: Int64 = 15

  /// `/`: the newest KPIs, the last windows and the partitions, for people.
  var livePage: Route {
    Route(.get, "/", "A live page: the newest KPIs, the last windows, the partitions.", scope: nil) { _ in
      .now(LivePage.response(rollup: pageRollup, minutesBack: pageMinutes))
    }
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

/// The page as one answer: style and script are inside it, allowed by a number that nobody can guess; it loads nothing
/// from anywhere else.
enum LivePage {
  static func response(rollup: Rollup?, minutesBack: Int64) -> HTTPResponse {
    let nonce = makeNonce()
    var response = HTTPResponse.page(Array(html(rollup?.name ?? "", minutesBack, nonce: nonce).utf8))
    response.headers.append(
      "Content-Security-Policy",
      "default-src 'none'; script-src 'nonce-\(nonce)'; style-src 'nonce-\(nonce)'; connect-src 'self'; "
        + "img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'")
    return response
  }

  /// 128 random bits of the system.
  private static func makeNonce() -> String {
    var random = SystemRandomNumberGenerator()
    return String(random.next(), radix: 16) + String(random.next(), radix: 16)
  }

  /// Text as the value of an attribute in double quotes.
  static func escaped(_ text: String) -> String {
    text.replacing("&", with: "&amp;").replacing("\"", with: "&quot;").replacing("<", with: "&lt;")
  }

  private static func html(_ rollup: String, _ minutesBack: Int64, nonce: String) -> String {
    """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Riffle</title>
    <link rel="icon" href="data:,">
    <style nonce="\(nonce)">
    \(style)
    </style>
    </head>
    <body data-rollup="\(escaped(rollup))" data-minutes="\(minutesBack)">
    \(body)
    <script nonce="\(nonce)">
    \(script)
    </script>
    </body>
    </html>

    """
  }

  private static let body = """
    <header>
    <h1>Riffle</h1>
    <p id="state" class="pill" role="status" aria-live="polite">Connecting</p>
    </header>
    <main>
    <noscript><p class="notice">This page needs scripts; the numbers are at <code>/kpis/latest</code>.</p></noscript>
    <section aria-labelledby="now-title">
    <div class="line"><h2 id="now-title">Newest window</h2><p id="window" class="quiet">None yet</p></div>
    <dl id="tiles" class="tiles"></dl>
    </section>
    <section aria-labelledby="windows-title">
    <div class="line"><h2 id="windows-title">Last windows</h2><p id="rollup" class="quiet"></p></div>
    <div class="scroll" role="region" aria-labelledby="windows-title" tabindex="0">
    <table><thead><tr id="columns"></tr></thead><tbody id="windows"></tbody></table>
    </div>
    </section>
    <section aria-labelledby="partitions-title">
    <div class="line"><h2 id="partitions-title">Partitions</h2><p id="watermark" class="quiet"></p></div>
    <div class="scroll" role="region" aria-labelledby="partitions-title" tabindex="0">
    <table>
    <thead><tr><th scope="col">Topic</th><th scope="col" class="number">Partition</th><th scope="col">State</th>
    <th scope="col" class="number">Offset</th><th scope="col" class="number">Lag</th>
    <th scope="col" class="number">Watermark</th></tr></thead>
    <tbody id="partitions"></tbody>
    </table>
    </div>
    </section>
    </main>
    <footer id="footer" class="quiet"></footer>
    """
}
