import Dispatch
import Serving
import Synchronization
import Telemetry

/// A server on a free port of the loopback with a few routes, and clients for it.
final class TestServer {
  let server: HTTPServer
  let registry: MetricRegistry
  let logLines = LogLines()

  init(
    _ routes: [Route] = TestServer.routes, limits: HTTPLimits = HTTPLimits(), gatekeeper: Gatekeeper = Gatekeeper(),
    registry: MetricRegistry = MetricRegistry()
  ) throws {
    self.registry = registry
    let lines = logLines
    server = HTTPServer(
      listen: HTTPAddress(port: 0), router: Router(routes), limits: limits, gatekeeper: gatekeeper,
      registry: registry,
      log: Log(write: { lines.append($0) }))
    try server.start()
  }

  deinit { server.stop(deadlineMilliseconds: 1000) }

  func client(patienceMilliseconds: Int = 5000) throws -> RawClient {
    try RawClient(port: server.port ?? 0, patienceMilliseconds: patienceMilliseconds)
  }

  /// Sends a request on a connection of its own and reads the answer.
  func ask(_ request: String) throws -> Answer {
    let client = try client()
    client.send(request)
    return try client.readAnswer(isHead: request.hasPrefix("HEAD"))
  }

  func get(_ target: String) throws -> Answer { try ask("GET \(target) HTTP/1.1\r\nHost: test\r\n\r\n") }

  static let queue = DispatchQueue(label: "test.later")

  static let routes = [
    Route(.get, "/hello", "Says hello.") { _ in .now(.text("hello")) },
    Route(
      .get, "/echo/{word}", "Gives a word back.",
      parameters: [
        HTTPParameter("times", "How often, 1 to 9."), HTTPParameter("tag", "Any text.", isRepeatable: true),
      ]
    ) { request in
      let times = try request.query.integer("times", default: 1, in: 1...9)
      let words = Array(repeating: request.pathParameters["word"] ?? "", count: Int(times))
      return .now(.text((words + request.query.values("tag")).joined(separator: " ")))
    },
    Route(
      .post, "/track", "Takes an event.", body: .upTo(bytesMax: 1000, types: ["application/json"])
    ) { request in .now(HTTPResponse(status: 202, contentType: "application/json", body: .bytes(request.body))) },
    Route(.get, "/later", "Answers from a queue.") { _ in .later(on: queue) { .text("later") } },
    Route(.get, "/page", "A page.") { _ in .now(.page(Array("<p>hello</p>".utf8))) },
    Route(.get, "/broken", "Fails.") { _ in throw Broken() },
    Route(.delete, "/hello", "Forgets.") { _ in .now(.noContent) },
  ]

  struct Broken: Error {}
}

/// The lines of a log, kept for assertions.
final class LogLines: Sendable {
  private let lines = Mutex<[String]>([])

  func append(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }

  var all: [String] { lines.withLock { $0 } }
}

/// Whether a condition holds before a deadline; looks again every few milliseconds.
func eventually(withinMilliseconds: Int = 5000, _ condition: () -> Bool) -> Bool {
  let deadline = DispatchTime.now() + .milliseconds(withinMilliseconds)
  let never = DispatchSemaphore(value: 0)
  while !condition() {
    guard DispatchTime.now() < deadline else { return false }
    _ = never.wait(timeout: .now() + .milliseconds(5))
  }
  return true
}
