import Commerce
import Kafka
import Serving
import Telemetry

/// The HTTP server of a running engine.
enum EngineServer {
  /// Where `server` answers, with the port that the system gave it.
  static func place(_ server: HTTPServer, _ settings: Settings) -> String {
    let host = HTTPAddress(settings.httpListen)?.host ?? settings.httpListen
    let scheme = settings.httpCertificatePath.isEmpty ? "http" : "https"
    return "\(scheme)://\(HTTPAddress(host: host, port: server.port ?? 0))"
  }

  /// Refuses settings with which no server would start, before anything else does.
  static func check(_ settings: Settings) throws(CommandError) {
    _ = try Gatekeeper.Rules(settings)
    _ = try ServerCertificate(settings)
  }

  /// What whoever starts a server should know, though nothing is wrong; nil where there is nothing.
  static func advice(_ settings: Settings) -> String? {
    guard !settings.httpKeys.isEmpty, settings.httpCertificatePath.isEmpty,
      HTTPAddress(settings.httpListen)?.isLoopback == false
    else { return nil }
    return "keys come in the clear to \(settings.httpListen); set http.tls.certificate, or have a proxy that speaks TLS"
  }

  /// Starts answering for `engine`.
  ///
  /// - Throws: an error that names the address, for instance because it is taken.
  static func start(_ engine: LiveEngine, _ settings: Settings) throws(CommandError) -> HTTPServer {
    guard let address = HTTPAddress(settings.httpListen) else {
      throw .usage("http.listen: '\(settings.httpListen)' is no address; write HOST:PORT")
    }
    let gatekeeper = Gatekeeper(try Gatekeeper.Rules(settings))
    var limits = HTTPLimits()
    if !address.isLoopback { limits.connectionsPerAddressMax = settings.httpAddressConnections }
    let registry = MetricRegistry()
    ProcessMetrics.register(in: registry)
    registry.information(
      "build_info", "What this program is made of.",
      [
        MetricLabel("version", VersionCommand.version), MetricLabel("librdkafka", KafkaLibrary.version),
        MetricLabel("mimalloc", ProcessMemory.allocatorVersion),
      ])
    let intake = IntakeRoutes(
      job: engine.job, publisher: EventProducer(KafkaPlace(settings), log: Log(settings)), registry: registry,
      collectBytesMax: settings.httpCollectBytes)
    let routes = EngineRoutes(engine, registry: registry, chartScript: chartScript(settings))
    let router = Router((routes.all + intake.all).documented)
    let files = CertificateFiles(settings, log: Log(settings))
    let server = HTTPServer(
      listen: address, router: router, limits: limits, gatekeeper: gatekeeper,
      certificate: try ServerCertificate(settings), newerCertificate: files.newer, registry: registry,
      log: Log(settings), audit: try auditTrail(settings))
    do throws(HTTPServerError) {
      try server.start()
    } catch {
      throw .unavailable("\(error)")
    }
    if let advice = advice(settings) { Terminal.note("riffle: \(advice)") }
    return server
  }

  private static func auditTrail(_ settings: Settings) throws(CommandError) -> AuditTrail? {
    guard !settings.httpAuditPath.isEmpty else { return nil }
    do {
      return try AuditTrail(settings.httpAuditPath, log: Log(settings))
    } catch let error as AuditError {
      throw .badData("http.audit_file: \(error)")
    } catch {
      throw .inputOutput("http.audit_file: \(error)")
    }
  }

  /// Nil where there is no such file: the page does without.
  private static func chartScript(_ settings: Settings) -> ChartScript? {
    guard !settings.pageChartScript.isEmpty, let text = try? TextFile.read(settings.pageChartScript) else { return nil }
    return ChartScript(Array(text.utf8))
  }
}
