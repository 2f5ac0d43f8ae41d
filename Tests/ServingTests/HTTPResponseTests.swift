import Serving
import Telemetry
import Testing

@Suite struct HTTPResponseTests {
  @Test(arguments: ["/hello", "/nothing", "/later", "/page", "/broken"])
  func everyAnswerHasTheStandardHeaders(_ path: String) throws {
    let answer = try TestServer().get(path)
    #expect(answer["server"] == "riffle")
    #expect(answer["x-content-type-options"] == "nosniff")
    #expect(answer["referrer-policy"] == "no-referrer")
    #expect(answer["cache-control"] == "no-store")
    #expect(answer["date"]?.hasSuffix("GMT") == true)
    #expect(answer["content-security-policy"]?.contains("frame-ancestors 'none'") == true)
    #expect(answer.headers.filter { $0.name == "cache-control" }.count == 1)
  }

  @Test func aPageMayLoadWhatThisServerHas() throws {
    let server = try TestServer()
    #expect(try server.get("/page")["content-security-policy"]?.hasPrefix("default-src 'self'") == true)
    #expect(try server.get("/hello")["content-security-policy"]?.hasPrefix("default-src 'none'") == true)
  }

  @Test func aHandlersOwnHeadersWin() throws {
    let server = try TestServer([
      Route(.get, "/", "Cached.") { _ in
        var response = HTTPResponse.text("a")
        response.headers.append("cache-control", "max-age=60")
        return .now(response)
      }
    ])
    let answer = try server.get("/")
    #expect(answer.headers.filter { $0.name == "cache-control" }.map(\.value) == ["max-age=60"])
  }

  @Test func jsonAndNothingAreAnswersToo() throws {
    let server = try TestServer([
      Route(.get, "/json", "JSON.") { _ in .now(HTTPResponse.json { $0.object { $0.field("ok", true) } }) },
      Route(.get, "/nothing", "Nothing.") { _ in .now(.noContent) },
      Route(.get, "/large", "Large.") { _ in .now(HTTPResponse(body: .bytes(Array(repeating: 7, count: 3_000_000)))) },
    ])
    let answer = try server.get("/json")
    #expect(answer.text == "{\"ok\":true}")
    #expect(answer["content-type"] == "application/json")
    #expect(try server.get("/nothing").status == 204)
    #expect(try server.get("/large").body == Array(repeating: 7, count: 3_000_000))
  }
}
