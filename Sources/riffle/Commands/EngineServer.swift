import Commerce
import Serving
import Telemetry

/// The HTTP server of a running engine.
enum EngineServer {
  /// Where `server` answers, with the port that the system gave it.
  static func place(_ server: HTTPServer, _ settings: Settings) -> String {
    let host = HTTPAddress(settings.httpListen)?.host ?? settings.httpListen
    return "http://\(HTTPAddress(host: host, port: server.port ?? 0))"
  }

  /// Starts answering for `engine`.
  ///
  /// - Throws: an error that names the address, for instance because it is taken.
  static func start(_ engine: LiveEngine, _ settings: Settings) throws(CommandError) -> HTTPServer {
    guard let address = HTTPAddress(settings.httpListen) else {
      throw .usage("http.listen: '\(settings.httpListen)' is no address; write HOST:PORT")
    }
    let registry = MetricRegistry()
    let routes = EngineRoutes(engine, registry: registry, chartScript: chartScript(settings))
    let router = Router(routes.all.documented)
    let server = HTTPServer(listen: address, router: router, registry: registry)
    do throws(HTTPServerError) {
      try server.start()
    } catch {
      throw .unavailable("\(error)")
    }
    return server
  }

  /// Nil where there is no such file: the page does without.
  private static func chartScript(_ settings: Settings) -> ChartScript? {
    guard !settings.pageChartScript.isEmpty, let text = try? TextFile.read(settings.pageChartScript) else { return nil }
    return ChartScript(Array(text.utf8))
  }
}
