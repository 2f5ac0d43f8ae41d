import Serving
import Testing

@Suite struct CrossOriginTests {
  private static let preflight = "Access-Control-Request-Method: POST"

  private static func server(_ origins: String...) throws -> TestServer {
    var rules = Gatekeeper.Rules()
    rules.origins = origins
    return try TestServer(gatekeeper: Gatekeeper(rules))
  }

  private static func request(_ start: String, _ headers: String...) -> String {
    ([start + " HTTP/1.1", "Host: test"] + headers + ["", ""]).joined(separator: "\r\n")
  }

  @Test func aPageOfAnAllowedOriginMayAskAndSend() throws {
    let server = try Self.server("https://shop.example")
    let origin = "Origin: https://shop.example"
    let preflight = try server.ask(Self.request("OPTIONS /track", origin, Self.preflight))
    #expect(preflight.status == 204)
    #expect(preflight["access-control-allow-origin"] == "https://shop.example")
    #expect(preflight["access-control-allow-methods"] == "POST, OPTIONS")
    #expect(preflight["access-control-allow-headers"]?.contains("X-API-Key") == true)
    #expect(preflight["access-control-allow-headers"]?.contains("Content-Type") == true)
    #expect(preflight["access-control-max-age"] == "600")
    #expect(preflight["access-control-allow-credentials"] == "true")
    let sent = try server.ask(Self.request("POST /track", origin))
    #expect(sent.status == 202)
    #expect(sent["access-control-allow-origin"] == "https://shop.example")
    #expect(sent["vary"] == "Origin")
    let refused = try server.ask(Self.request("GET /nothing", origin))
    #expect(refused.status == 404)
    #expect(refused["access-control-allow-origin"] == "https://shop.example", "its page may read why")
  }

  @Test(arguments: [
    "https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null", "https://test:1",
  ])
  func aPageOfAnotherOriginMayNot(_ origin: String) throws {
    let server = try Self.server("https://shop.example")
    let preflight = try server.ask(Self.request("OPTIONS /track", "Origin: \(origin)", Self.preflight))
    #expect(preflight["access-control-allow-origin"] == nil)
    let sent = try server.ask(Self.request("POST /track", "Origin: \(origin)"))
    #expect(sent.status == 403)
    #expect(sent["access-control-allow-origin"] == nil)
    #expect(try server.ask(Self.request("GET /hello", "Origin: \(origin)"))["access-control-allow-origin"] == nil)
  }

  @Test func ourOwnPagesNeedNoRule() throws {
    let server = try Self.server()
    #expect(try server.ask(Self.request("POST /track", "Origin: http://test")).status == 202)
    #expect(try server.ask(Self.request("POST /track", "Origin: https://TEST")).status == 202)
    #expect(try server.ask(Self.request("POST /track")).status == 202, "no browser")
    #expect(try server.ask(Self.request("GET /hello"))["vary"] == nil)
  }

  @Test func allOriginsMayBeAllowed() throws {
    let server = try Self.server("*")
    let sent = try server.ask(Self.request("POST /track", "Origin: https://any.example"))
    #expect(sent.status == 202)
    #expect(sent["access-control-allow-origin"] == "*")
    #expect(sent["access-control-allow-credentials"] == nil)
  }
}
