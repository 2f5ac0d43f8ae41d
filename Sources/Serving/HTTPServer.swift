internal import Synchronization
public import Telemetry

/// An HTTP/1.1 server on libmicrohttpd: one thread that answers from memory, and a way to put aside what cannot.
///
///     let server = HTTPServer(listen: HTTPAddress(port: 8000), router: Router([
///       Route(.get, "/health", "Whether the server runs.") { _ in .now(.json { $0.object { $0.field("ok", true) } }) }
///     ]))
///     try server.start()
///
/// Handlers run on that thread and must never block it: what reads files or streams answers `later`. The server
/// listens on the loopback unless told otherwise, and speaks TLS if it has a certificate. It starts and stops once.
public final class HTTPServer: Sendable {
  private struct Running: Sendable {
    let socket: ListeningSocket
    let daemon: Daemon
    let sweeper: Sweeper
    let renewal: CertificateRenewal?
  }

  private enum State: Sendable {
    case new
    case running(Running)
    case stopped
  }

  /// What interrupted requests get to send their answers.
  private static let graceMilliseconds = 1000

  private let address: HTTPAddress
  private let core: ServerCore
  private let newerCertificate: (@Sendable () -> ServerCertificate?)?
  private let state = Mutex(State.new)

  /// With a `certificate` it speaks TLS alone. Requests are counted in `registry`; what handlers throw by mistake goes
  /// to `log`, and so does who asked a query or for an export, or changed the server.
  ///
  /// - Parameters:
  ///   - newerCertificate: asked every few seconds whether there is one; who connects from then on is shown it.
  ///   - audit: also gets who asked a query or for an export, or changed the server.
  public init(
    listen address: HTTPAddress, router: Router, limits: HTTPLimits = HTTPLimits(),
    gatekeeper: Gatekeeper = Gatekeeper(), certificate: ServerCertificate? = nil,
    newerCertificate: (@Sendable () -> ServerCertificate?)? = nil, registry: MetricRegistry = MetricRegistry(),
    log: Log = Log(), audit: AuditTrail? = nil
  ) {
    self.address = address
    self.newerCertificate = newerCertificate
    core = ServerCore(
      router: router, limits: limits, gatekeeper: gatekeeper, certificate: certificate, registry: registry, log: log,
      audit: audit)
  }

  deinit { stop(deadlineMilliseconds: 0) }

  /// Listens and answers from here on.
  public func start() throws(HTTPServerError) {
    let result = state.withLock { state -> Result<Void, HTTPServerError> in
      guard case .new = state else { return .failure(.alreadyStarted(address)) }
      return Result { () throws(HTTPServerError) in state = .running(try run()) }
    }
    try result.get()
  }

  /// Shows `certificate` to whoever connects from now on; who is connected goes on as before. Only for a server that
  /// was made with one.
  public func renew(_ certificate: ServerCertificate) { core.renew(certificate) }

  /// The port that is listened on, which the system chose if the address has port 0; nil unless the server runs.
  public var port: UInt16? {
    state.withLock { if case .running(let running) = $0 { running.socket.port } else { nil } }
  }

  /// Takes no new connections, waits for the answers that are under way, closes everything. At the deadline, promises
  /// that are not kept answer 503 and streams break off. Blocks; never call it from a handler. Again: does nothing.
  public func stop(deadlineMilliseconds: Int = 5000) {
    let running = state.withLock { state -> Running? in
      defer { state = .stopped }
      return if case .running(let running) = state { running } else { nil }
    }
    guard let running else { return }
    running.sweeper.cancel()
    running.renewal?.cancel()
    running.daemon.quiesce()
    core.inFlight.drain(deadlineMilliseconds: deadlineMilliseconds, graceMilliseconds: HTTPServer.graceMilliseconds)
    core.inFlight.interruptAll()
    running.daemon.stop()
    running.socket.close()
    core.audit?.finish()
  }

  private func run() throws(HTTPServerError) -> Running {
    guard core.certificate == nil || ServerCertificate.isSupported else { throw .hasNoTLS(address) }
    let socket = try ListeningSocket(address)
    // On failure the socket is not closed here: the library may have done so, and its number may be another's by now.
    guard let daemon = Daemon(socket, core) else { throw .cannotStart(address) }
    let interval = max(20, min(1000, core.limits.requestMilliseconds / 4))
    let sweeper = Sweeper(connections: core.connections, intervalMilliseconds: interval)
    let renewal = core.certificate == nil ? nil : newerCertificate.map { CertificateRenewal(core, $0) }
    return Running(socket: socket, daemon: daemon, sweeper: sweeper, renewal: renewal)
  }
}
