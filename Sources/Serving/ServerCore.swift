internal import CMicrohttpd
internal import Synchronization
internal import Telemetry

/// What the library's callbacks call: turns its connections into exchanges and carries out what these decide.
final class ServerCore: Sendable {
  let router: Router
  let limits: HTTPLimits
  let gatekeeper: Gatekeeper
  /// The one that the daemon was started with; nil without TLS.
  let certificate: ServerCertificate?
  /// The one that new connections are shown.
  private let shownCertificate: Mutex<ServerCertificate?>
  let budget: BodyBudget
  let log: Log
  let audit: AuditTrail?
  let metrics: HTTPMetrics
  let inFlight = InFlight()
  let connections = ConnectionTable()

  init(
    router: Router, limits: HTTPLimits, gatekeeper: Gatekeeper, certificate: ServerCertificate?,
    registry: MetricRegistry, log: Log, audit: AuditTrail? = nil
  ) {
    self.audit = audit
    self.router = router
    self.limits = limits
    self.gatekeeper = gatekeeper
    self.certificate = certificate
    shownCertificate = Mutex(certificate)
    budget = BodyBudget(bytesMax: limits.bodyBytesInFlightMax)
    self.log = log
    metrics = HTTPMetrics(registry)
    registry.reading("http_connections", "Open connections.") { [connections] in Double(connections.count) }
  }

  // MARK: Connections

  func connectionOpened(_ library: LibraryConnection) -> Connection {
    let deadline = MonotonicClock.nowNanoseconds() + nanoseconds(limits.requestMilliseconds)
    let certificate = shownCertificate.withLock { $0 }
    if let certificate { library.show(certificate) }
    let connection = Connection(
      descriptor: library.descriptor, address: library.address, certificate: certificate,
      deadlineNanoseconds: deadline)
    connections.insert(connection)
    return connection
  }

  /// Shows `certificate` to whoever connects from now on.
  func renew(_ certificate: ServerCertificate) { shownCertificate.withLock { $0 = certificate } }

  func connectionClosed(_ connection: Connection) { connections.remove(connection) }

  // MARK: Exchanges

  func makeExchange(target: String) -> Exchange {
    Exchange(target: target, router: router, limits: limits, gatekeeper: gatekeeper, budget: budget, log: log)
  }

  /// The head has arrived: the first call for this request.
  func headArrived(_ exchange: Exchange, _ head: RequestHead, on connection: LibraryConnection) -> Bool {
    inFlight.enter()
    metrics.inFlight.add(1)
    let now = MonotonicClock.nowNanoseconds()
    let address = connection.context?.address ?? .unknown
    let action = exchange.headArrived(head, from: address, at: now, isStopping: inFlight.isStopping)
    return perform(action, exchange, connection)
  }

  /// A piece of the body has arrived.
  func bodyArrived(_ exchange: Exchange, _ bytes: UnsafeRawBufferPointer, on connection: LibraryConnection) -> Bool {
    perform(unsafe exchange.bodyArrived(bytes), exchange, connection)
  }

  /// The whole request has arrived, or its connection goes on.
  func requestArrived(_ exchange: Exchange, on connection: LibraryConnection) -> Bool {
    connection.context?.requestHasArrived()
    if let pending = exchange.pending { inFlight.remove(pending) }
    return perform(exchange.requestArrived(), exchange, connection)
  }

  /// The answer was sent, or the client is gone.
  func exchangeEnded(_ exchange: Exchange, on connection: LibraryConnection) {
    if let session = exchange.session {
      inFlight.remove(session)
      session.finish()
      if session.hasFailed { log.error("body broke off", ["target": .text(exchange.target)]) }
      metrics.countBody(route: exchange.routePath, byteCount: session.sentByteCount)
    }
    if let line = AuditLine(exchange, byteCount: exchange.session?.sentByteCount ?? exchange.sentByteCount) {
      log.info("audit", line.fields)
      audit?.add(line)
    }
    if exchange.isInFlight {
      metrics.inFlight.add(-1)
      inFlight.leave()
    }
    let patience = nanoseconds(limits.idleSeconds * 1000 + limits.requestMilliseconds)
    connection.context?.expectRequest(by: MonotonicClock.nowNanoseconds() + patience)
  }

  /// Does what an exchange has decided; false closes the connection.
  private func perform(_ action: Exchange.Action, _ exchange: Exchange, _ connection: LibraryConnection) -> Bool {
    switch action {
    case .proceed: return true
    case .abort: return false
    case .answer(let response): return send(response, exchange, connection)
    case .suspend(let work):
      let pending = PendingAnswer { connection.resume() }
      // Put aside before anybody can answer, so that `resume` always finds it so.
      connection.suspend()
      exchange.suspended(pending)
      if inFlight.insert(pending) { work(HTTPPromise(pending)) } else { pending.interrupt() }
      return true
    }
  }

  private func send(_ response: HTTPResponse, _ exchange: Exchange, _ connection: LibraryConnection) -> Bool {
    var response = response
    response.addStandardHeaders(isSecure: certificate != nil)
    if inFlight.isStopping { response.headers.setDefault("Connection", "close") }
    let duration = Double(MonotonicClock.nowNanoseconds() - exchange.startNanoseconds) / 1e9
    metrics.countAnswer(route: exchange.routePath, status: response.status, seconds: duration)
    switch response.body {
    case .bytes(let bytes):
      if exchange.sendsBody {
        exchange.sentByteCount = bytes.count
        metrics.countBody(route: exchange.routePath, byteCount: bytes.count)
      }
      return connection.queue(response, bytes)
    case .stream(let stream):
      let session = StreamSession(stream, connection: connection)
      exchange.session = session
      session.open()
      if !inFlight.insert(session) { session.interrupt() }
      return connection.queue(response, session)
    }
  }

  private func nanoseconds(_ milliseconds: Int) -> UInt64 { UInt64(max(0, milliseconds)) * 1_000_000 }
}
