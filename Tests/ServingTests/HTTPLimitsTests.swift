import Dispatch
import Serving
import Telemetry
import Testing

@Suite struct HTTPLimitsTests {
  private static func track(_ headers: String, _ body: String) -> String {
    "POST /track HTTP/1.1\r\nHost: test\r\n\(headers)\r\n\r\n\(body)"
  }

  private static func chunk(_ count: Int) -> String {
    "\(String(count, radix: 16))\r\n\(String(repeating: "x", count: count))\r\n"
  }

  @Test func aBodyOfTheLimitIsTaken() throws {
    let server = try TestServer()
    let body = String(repeating: "x", count: 1000)
    #expect(try server.ask(Self.track("Content-Length: 1000", body)).text == body)
    let chunks = Self.chunk(999) + Self.chunk(1) + "0\r\n\r\n"
    #expect(try server.ask(Self.track("Transfer-Encoding: chunked", chunks)).body.count == 1000)
  }

  @Test func aLongerBodyIsRefusedBeforeItIsSent() throws {
    let server = try TestServer()
    let client = try server.client()
    client.send(Self.track("Content-Length: 1001\r\nExpect: 100-continue", ""))
    let answer = try client.readAnswer()
    #expect(answer.status == 413)
    #expect(answer.text.contains("at most 1000 bytes"))
    #expect(client.isClosedByServer())
  }

  @Test func aLongerChunkedBodyIsRefusedAtItsEnd() throws {
    let server = try TestServer()
    let client = try server.client()
    client.send(Self.track("Transfer-Encoding: chunked", Self.chunk(600) + Self.chunk(401) + "0\r\n\r\n"))
    #expect(try client.readAnswer().status == 413)
    #expect(client.isClosedByServer())
  }

  @Test func aChunkedBodyWithoutEndIsCutOff() throws {
    var limits = HTTPLimits()
    limits.excessBytesMax = 10_000
    let server = try TestServer(limits: limits)
    let client = try server.client()
    client.send(Self.track("Transfer-Encoding: chunked", String(repeating: Self.chunk(1000), count: 100)))
    #expect(client.isClosedByServer())
    #expect(try server.get("/hello").status == 200)
  }

  @Test func aRouteWithoutBodyTakesNone() throws {
    let server = try TestServer()
    let client = try server.client()
    client.send("GET /hello HTTP/1.1\r\nHost: test\r\nContent-Length: 1\r\n\r\nx")
    let answer = try client.readAnswer()
    #expect(answer.status == 413)
    #expect(answer.text.contains("takes no body"))
    #expect(client.isClosedByServer())
  }

  @Test(arguments: ["Content-Type: text/csv", "Content-Encoding: gzip"])
  func aBodyOfAnotherTypeIsRefused(_ header: String) throws {
    let server = try TestServer()
    let answer = try server.ask(Self.track("\(header)\r\nContent-Length: 2", "{}"))
    #expect(answer.status == 415)
    #expect(answer["accept"] == "application/json")
  }

  @Test func aTypeMayHaveParameters() throws {
    let server = try TestServer()
    let headers = "Content-Type: Application/JSON; charset=utf-8\r\nContent-Length: 2"
    #expect(try server.ask(Self.track(headers, "{}")).status == 202)
  }

  @Test func aTargetOfTheLimitIsAnsweredAndALongerOneIsNot() throws {
    var limits = HTTPLimits()
    limits.targetBytesMax = 100
    let server = try TestServer(limits: limits)
    #expect(try server.get("/echo/" + String(repeating: "x", count: 94)).status == 200)
    let answer = try server.get("/echo/" + String(repeating: "x", count: 95))
    #expect(answer.status == 414)
    #expect(answer["content-type"] == "application/problem+json")
  }

  @Test func longHeadersAreRefused() throws {
    var limits = HTTPLimits()
    limits.headerBytesMax = 500
    let server = try TestServer(limits: limits)
    let client = try server.client()
    client.send("GET /hello HTTP/1.1\r\nHost: test\r\nX-Long: \(String(repeating: "x", count: 500))\r\n\r\n")
    #expect(try client.readAnswer().status == 431)
    #expect(client.isClosedByServer())
  }

  @Test func whatIsTooLongForTheLibraryIsRefusedByIt() throws {
    let server = try TestServer()
    let long = String(repeating: "x", count: 200_000)
    #expect(try server.get("/echo/\(long)").status == 414)
    let answer = try server.ask("GET /hello HTTP/1.1\r\nHost: test\r\nX-Long: \(long)\r\n\r\n")
    #expect(answer.status == 431)
  }

  @Test(arguments: [
    "GET /hel", "GET /hello HTTP/1.1\r\nHost: te", "POST /track HTTP/1.1\r\nHost: a\r\nContent-Length: 999",
  ])
  func aRequestThatTricklesInIsCutOff(_ start: String) throws {
    var limits = HTTPLimits()
    limits.requestMilliseconds = 200
    let server = try TestServer(limits: limits)
    let client = try server.client(patienceMilliseconds: 20)
    let began = DispatchTime.now()
    client.send(start + (start.hasPrefix("POST") ? "\r\n\r\n" : ""))
    // A byte every now and then keeps the library's own time-out from ever passing.
    let isClosed = eventually {
      client.send("x")
      return client.isClosedByServer()
    }
    #expect(isClosed)
    #expect(DispatchTime.now().uptimeNanoseconds - began.uptimeNanoseconds >= 200_000_000)
  }

  @Test func aSlowHandlerIsNotCutOff() throws {
    var limits = HTTPLimits()
    limits.requestMilliseconds = 50
    let route = Route(.get, "/", "Takes its time.") { _ in
      .later { promise in
        TestServer.queue.asyncAfter(deadline: .now() + .milliseconds(300)) { promise.fulfill(.text("done")) }
      }
    }
    #expect(try TestServer([route], limits: limits).get("/").text == "done")
  }

  @Test func connectionsBeyondTheLimitWait() throws {
    var limits = HTTPLimits()
    limits.connectionCountMax = 2
    let server = try TestServer(limits: limits)
    let client = try server.client(patienceMilliseconds: 200)
    do {
      let first = try server.client()
      let second = try server.client()
      for each in [first, second] {
        each.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
        _ = each
      }
      client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
      let answered = [first, second, client].filter { (try? $0.readAnswer()) != nil }.count
      #expect(answered >= 1)
      #expect(answered <= 2)
    }
    #expect(eventually { (try? server.get("/hello").status) == 200 })
  }

  @Test func anAddressHasALimitOfItsOwn() throws {
    var limits = HTTPLimits()
    limits.connectionsPerAddressMax = 1
    let server = try TestServer(limits: limits)
    let first = try server.client()
    first.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(try first.readAnswer().status == 200)
    let second = try server.client()
    second.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(second.isClosedByServer())
  }
}
