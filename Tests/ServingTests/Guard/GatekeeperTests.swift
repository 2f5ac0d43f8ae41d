import Telemetry
import Testing

@testable import Serving

/// Who may ask, asked over a socket.
@Suite struct GatekeeperTests {
  private static let routes = [
    Route(.get, "/open", "For all.", scope: nil) { _ in .now(.text("open")) },
    Route(.get, "/read", "For readers.") { _ in .now(.text("read")) },
    Route(.get, "/export", "For those who take away.", scope: .export) { _ in .now(.text("export")) },
    Route(.post, "/track", "For senders.", body: .upTo(bytesMax: 10, types: ["text/plain"]), scope: .ingest) { _ in
      .now(.text("sent"))
    },
  ]

  private static let keys = [HTTPScope.read, .export, .ingest].map { ($0, NewAPIKey()) }

  private static func key(_ scope: HTTPScope) -> String { keys.first { $0.0 == scope }?.1.text ?? "" }

  private static func rules(perSecond: Int? = nil) -> Gatekeeper.Rules {
    var rules = Gatekeeper.Rules()
    rules.keys = keys.compactMap { scope, key in
      APIKey(
        name: "\(scope)er", digestText: key.digestText, scopes: [scope, .read], requestsPerSecond: perSecond)
    }
    rules.anonymousScopes = []
    return rules
  }

  private static func server(_ rules: Gatekeeper.Rules) throws -> TestServer {
    try TestServer(routes, gatekeeper: Gatekeeper(rules))
  }

  private static func request(_ target: String, _ headers: String..., method: String = "GET", host: String = "test")
    -> String
  {
    (["\(method) \(target) HTTP/1.1", "Host: \(host)"] + headers + ["", ""]).joined(separator: "\r\n")
  }

  @Test(arguments: ["X-API-Key: ", "X-ANALYTICS-KEY: ", "Authorization: Bearer ", "authorization: bearer "])
  func aKeyComesInAnyOfItsHeaders(_ header: String) throws {
    let server = try Self.server(Self.rules())
    let answer = try server.ask(Self.request("/read", header + Self.key(.read)))
    #expect(answer.status == 200)
    #expect(answer.text == "read")
  }

  @Test(arguments: ["X-API-Key: riffle_guess", "Authorization: Bearer x", "X-API-Key: "])
  func aWrongKeyIsRefusedEverywhere(_ header: String) throws {
    let server = try Self.server(Self.rules())
    for target in ["/read", "/open"] {
      let answer = try server.ask(Self.request(target, header))
      #expect(answer.status == 401)
      #expect(answer["www-authenticate"] == "Bearer realm=\"riffle\"")
      #expect(answer["content-type"] == "application/problem+json")
      #expect(!answer.text.contains("guess"))
    }
  }

  @Test func withoutAKeyOnlyOpenRoutesAnswer() throws {
    let server = try Self.server(Self.rules())
    #expect(try server.get("/open").status == 200)
    let answer = try server.get("/read")
    #expect(answer.status == 401)
    #expect(answer.text.contains("scope 'read'"))
    #expect(try server.ask(Self.request("/read", "Authorization: Basic cmlmZmxl")).status == 401)
    #expect(try server.get("/nothing").status == 404)
  }

  @Test func aMissingScopeIsNamed() throws {
    let server = try Self.server(Self.rules())
    let answer = try server.ask(Self.request("/export", "X-API-Key: " + Self.key(.read)))
    #expect(answer.status == 403)
    #expect(answer.text.contains("key 'reader' has not the scope 'export'"))
    #expect(try server.ask(Self.request("/export", "X-API-Key: " + Self.key(.export))).status == 200)
  }

  @Test func everyScopeMeetsEveryRoute() throws {
    let server = try Self.server(Self.rules())
    for (scope, key) in Self.keys {
      for (target, needed) in [("/read", HTTPScope.read), ("/export", .export), ("/track", .ingest)] {
        let method = needed == .ingest ? "POST" : "GET"
        let answer = try server.ask(Self.request(target, "X-API-Key: " + key.text, method: method))
        #expect((answer.status == 200) == (scope == needed || needed == .read), "\(scope) asks \(target)")
      }
    }
  }

  @Test func aRefusedBodyIsNotRead() throws {
    let server = try Self.server(Self.rules())
    let client = try server.client()
    client.send(Self.request("/track", "Content-Length: 5", "Expect: 100-continue", method: "POST"))
    #expect(try client.readAnswer().status == 401)
    #expect(client.isClosedByServer())
  }

  /// Browsers ask first, and cannot show a key then.
  @Test func aPreflightNeedsNoKey() throws {
    var rules = Self.rules()
    rules.origins = ["https://shop.example"]
    let server = try Self.server(rules)
    let answer = try server.ask(
      Self.request(
        "/track", "Origin: https://shop.example", "Access-Control-Request-Method: POST", method: "OPTIONS"))
    #expect(answer.status == 204)
    #expect(answer["access-control-allow-origin"] == "https://shop.example")
    let refused = try server.ask(Self.request("/track", "Origin: https://shop.example", method: "POST"))
    #expect(refused.status == 401)
    #expect(refused["access-control-allow-origin"] == "https://shop.example", "its page may read why")
  }

  @Test func anonymousScopesNeedNoKey() throws {
    var rules = Self.rules()
    rules.anonymousScopes = [.ingest]
    let server = try Self.server(rules)
    #expect(try server.ask(Self.request("/track", method: "POST")).status == 200)
    #expect(try server.get("/read").status == 401)
  }

  @Test func aKeyHasItsQuota() throws {
    let server = try Self.server(Self.rules(perSecond: 3))
    let answers = try (0..<20).map { _ in try server.ask(Self.request("/read", "X-API-Key: " + Self.key(.read))) }
    #expect(answers[..<3].allSatisfy { $0.status == 200 })
    let refused = try #require(answers.first { $0.status == 429 })
    #expect(refused["retry-after"] == "1")
    #expect(refused.text.contains("3 requests per second"))
    #expect(try server.ask(Self.request("/read", "X-API-Key: " + Self.key(.export))).status == 200)
    #expect(try server.get("/open").status == 200, "others are not held up")
  }

  @Test func whoGuessesKeysIsSlowedDown() throws {
    var rules = Self.rules()
    rules.addressRequestsPerSecond = 2
    rules.limitsLoopback = true
    let server = try Self.server(rules)
    let statuses = try (0..<10).map { try server.ask(Self.request("/read", "X-API-Key: \($0)")).status }
    #expect(statuses.prefix(2) == [401, 401])
    #expect(statuses.contains(429))
    #expect(try server.ask(Self.request("/read", "X-API-Key: " + Self.key(.read))).status == 200)
  }

  @Test func loopbackIsNotLimitedUnlessToldSo() throws {
    var rules = Gatekeeper.Rules()
    rules.addressRequestsPerSecond = 1
    let server = try Self.server(rules)
    #expect(try (0..<5).allSatisfy { _ in try server.get("/read").status == 200 })
  }

  /// Each client of a proxy has a rate of its own; without trust in the proxy they share its own.
  @Test func theRateIsOfTheClientBehindATrustedProxy() throws {
    var rules = Gatekeeper.Rules()
    rules.addressRequestsPerSecond = 1
    rules.limitsLoopback = true
    func statuses(_ clients: [String]) throws -> [Int] {
      let server = try Self.server(rules)
      return try clients.map { try server.ask(Self.request("/read", "X-Forwarded-For: \($0)")).status }
    }
    let clients = ["198.51.100.1", "198.51.100.2", "198.51.100.3", "198.51.100.1", "1.2.3.4, 198.51.100.2"]
    #expect(try statuses(clients) == [200, 429, 429, 429, 429])
    rules.trustedProxies = [AddressRange("127.0.0.0/8")].compactMap(\.self)
    #expect(try statuses(clients) == [200, 200, 200, 429, 429])
  }

  @Test(arguments: [
    ("localhost", 200), ("LOCALHOST:8000", 200), ("127.0.0.1:1", 200), ("[::1]:8000", 200), ("shop.example.", 200),
    ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example:8000", 421), ("10.0.0.1", 421),
  ])
  func aServerAnswersToItsNames(_ host: String, _ status: Int) throws {
    var rules = Gatekeeper.Rules()
    rules.hosts = ["localhost", "127.0.0.1", "[::1]:8000", "Shop.Example"]
    let server = try Self.server(rules)
    #expect(try server.ask(Self.request("/open", host: host)).status == status)
  }

  @Test func keysAreNotLogged() throws {
    let server = try Self.server(Self.rules())
    for target in ["/read", "/export", "/nothing"] {
      _ = try server.ask(Self.request(target, "X-API-Key: " + Self.key(.read)))
      _ = try server.ask(Self.request(target, "X-API-Key: riffle_guess"))
    }
    let texts = server.logLines.all + [server.registry.exposition()]
    for secret in Self.keys.flatMap({ [$0.1.text, $0.1.digestText] }) + ["riffle_guess"] {
      #expect(!texts.contains { $0.contains(secret) })
    }
  }
}
