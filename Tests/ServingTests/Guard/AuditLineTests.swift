import Dispatch
import Serving
import Synchronization
import Testing

@Suite struct AuditLineTests {
  private static let key = NewAPIKey()

  private static func server(trusting proxies: [String] = []) throws -> TestServer {
    let queue = DispatchQueue(label: "test.audit")
    let routes = [
      Route(.get, "/export", "Takes away.", parameters: [HTTPParameter("day", "A day.")], scope: .export) { _ in
        .now(.text("twelve bytes"))
      },
      Route(.get, "/export/all", "Takes away more.", scope: .export) { _ in
        let rest = Mutex(3)
        let body = PulledBody(on: queue) {
          rest.withLock { rest in
            rest -= 1
            return rest >= 0 ? [1, 2, 3, 4] : nil
          }
        }
        return .now(HTTPResponse(body: .stream(body)))
      },
      Route(.post, "/compact", "Changes the server.", scope: .admin) { _ in .now(.noContent) },
      Route(.get, "/read", "Reads.") { _ in .now(.text("read")) },
    ]
    var rules = Gatekeeper.Rules()
    rules.keys = [APIKey(name: "ops", digestText: key.digestText, scopes: [.export, .read])].compactMap(\.self)
    rules.anonymousScopes = []
    rules.trustedProxies = proxies.compactMap { AddressRange($0) }
    return try TestServer(routes, gatekeeper: Gatekeeper(rules))
  }

  private static func ask(_ server: TestServer, _ start: String, key: String?, _ more: String = "") throws -> Int {
    let header = more + (key.map { "X-API-Key: \($0)\r\n" } ?? "")
    return try server.ask("\(start) HTTP/1.1\r\nHost: test\r\n\(header)\r\n").status
  }

  /// The line of the only request that is told, without its time.
  private static func line(_ server: TestServer) -> String {
    _ = eventually { server.logLines.all.contains { $0.contains(" audit ") } }
    let lines = server.logLines.all.filter { $0.contains(" audit ") }
    #expect(lines.count == 1)
    return lines.first.map { String($0.drop { $0 != " " }.dropFirst().dropLast()) } ?? ""
  }

  @Test func anExportIsTold() throws {
    let server = try Self.server()
    #expect(try Self.ask(server, "GET /export?day=2026-01-01", key: Self.key.text) == 200)
    #expect(
      Self.line(server)
        == "info audit key=ops address=127.0.0.1 method=GET route=/export target=\"/export?day=2026-01-01\" status=200 "
        + "bytes=12")
  }

  @Test(arguments: [([], "127.0.0.1"), (["127.0.0.1"], "198.51.100.1")])
  func theAddressIsThatOfTheClientBehindATrustedProxy(_ proxies: [String], _ address: String) throws {
    let server = try Self.server(trusting: proxies)
    let more = "X-Forwarded-For: 8.8.8.8, 198.51.100.1\r\n"
    #expect(try Self.ask(server, "GET /export", key: Self.key.text, more) == 200)
    #expect(Self.line(server).hasPrefix("info audit key=ops address=\(address) "))
  }

  @Test func aStreamIsToldWithItsBytes() throws {
    let server = try Self.server()
    #expect(try Self.ask(server, "GET /export/all", key: Self.key.text) == 200)
    #expect(Self.line(server).hasSuffix("route=/export/all target=/export/all status=200 bytes=12"))
  }

  @Test(arguments: [
    ("GET /export", nil, 401, "key=none"), ("POST /compact", key.text, 403, "key=ops"),
    ("GET /export", "riffle_guess", 401, "key=none"), ("GET /export?key=riffle_guess", key.text, 400, "key=ops"),
  ])
  func aRefusalIsToldWithoutWhatWasSent(_ start: String, _ key: String?, _ status: Int, _ who: String) throws {
    let server = try Self.server()
    #expect(try Self.ask(server, start, key: key) == status)
    let line = Self.line(server)
    #expect(line.contains(who) && line.contains("status=\(status)"))
    #expect(!server.logLines.all.contains { $0.contains("riffle_") || $0.contains(Self.key.digestText) })
  }

  @Test func whoReadsIsNotTold() throws {
    let server = try Self.server()
    #expect(try Self.ask(server, "GET /read", key: Self.key.text) == 200)
    #expect(try Self.ask(server, "GET /nothing", key: Self.key.text) == 404)
    server.server.stop()
    #expect(server.logLines.all.isEmpty)
  }
}
