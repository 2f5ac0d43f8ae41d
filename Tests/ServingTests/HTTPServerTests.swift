import Dispatch
import Serving
import Telemetry
import Testing

@Suite struct HTTPServerTests {
  @Test func answersAGet() throws {
    let server = try TestServer()
    let answer = try server.get("/hello")
    #expect(answer.status == 200)
    #expect(answer.text == "hello")
    #expect(answer["content-length"] == "5")
    #expect(answer["content-type"] == "text/plain; charset=utf-8")
  }

  @Test func aConnectionIsUsedAgain() throws {
    let server = try TestServer()
    let client = try server.client()
    for _ in 0..<3 {
      client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(try client.readAnswer().text == "hello")
    }
    client.send("GET /nothing HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(try client.readAnswer().status == 404)
    client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(try client.readAnswer().status == 200)
  }

  @Test func pipelinedRequestsAreAnsweredInOrder() throws {
    let server = try TestServer()
    let client = try server.client()
    let words = ["a", "b", "c", "d"]
    client.send(words.map { "GET /echo/\($0) HTTP/1.1\r\nHost: test\r\n\r\n" }.joined())
    for word in words { #expect(try client.readAnswer().text == word) }
  }

  @Test func headIsAGetWithoutItsBody() throws {
    let server = try TestServer()
    let client = try server.client()
    client.send("HEAD /hello HTTP/1.1\r\nHost: test\r\n\r\nGET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
    let head = try client.readAnswer(isHead: true)
    #expect(head.status == 200)
    #expect(head["content-length"] == "5")
    #expect(try client.readAnswer().text == "hello")
  }

  @Test func http10IsAnsweredAndClosed() throws {
    let server = try TestServer()
    let client = try server.client()
    client.send("GET /hello HTTP/1.0\r\n\r\n")
    #expect(try client.readAnswer().text == "hello")
    #expect(client.isClosedByServer())
  }

  @Test func aBodyReachesItsHandler() throws {
    let server = try TestServer()
    let plain = "POST /track HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    #expect(try server.ask(plain).text == "{}")
    let chunked =
      "POST /track HTTP/1.1\r\nHost: test\r\nTransfer-Encoding: chunked\r\n\r\n"
      + "3\r\n[1,\r\n2\r\n2]\r\n0\r\n\r\n"
    let answer = try server.ask(chunked)
    #expect(answer.status == 202)
    #expect(answer.text == "[1,2]")
  }

  @Test func aClientThatAsksBeforeSendingIsToldToGoOn() throws {
    let server = try TestServer()
    let client = try server.client()
    client.send("POST /track HTTP/1.1\r\nHost: test\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
    #expect(try client.readAnswer().status == 100)
    client.send("{}")
    #expect(try client.readAnswer().text == "{}")
  }

  @Test func aPortInUseIsNamed() throws {
    let server = try TestServer()
    let address = HTTPAddress(port: try #require(server.server.port))
    let second = HTTPServer(listen: address, router: Router([]))
    #expect(throws: HTTPServerError.addressInUse(address)) { try second.start() }
    #expect(HTTPServerError.addressInUse(address).description.contains("\(address)"))
    #expect(HTTPServerError.addressInUse(address).description.contains("--listen"))
  }

  @Test func anAddressThatIsNoneIsRefused() {
    let address = HTTPAddress(host: "example", port: 0)
    #expect(throws: HTTPServerError.notAnAddress(address)) {
      try HTTPServer(listen: address, router: Router([])).start()
    }
  }

  @Test func aServerStartsOnce() throws {
    let server = try TestServer()
    #expect(throws: HTTPServerError.self) { try server.server.start() }
    server.server.stop()
    #expect(server.server.port == nil)
    #expect(throws: HTTPServerError.self) { try server.server.start() }
  }

  @Test func aStoppedServerTakesNoConnections() throws {
    let server = try TestServer()
    let port = try #require(server.server.port)
    let idle = try server.client()
    server.server.stop()
    server.server.stop()
    #expect(throws: RawClient.ClientError.self) { try RawClient(port: port) }
    #expect(idle.isClosedByServer())
  }

  @Test func stoppingWaitsForAnswersUnderWay() throws {
    let started = DispatchSemaphore(value: 0)
    let release = DispatchSemaphore(value: 0)
    let route = Route(.get, "/slow", "Waits.") { _ in
      .later(on: TestServer.queue) {
        started.signal()
        release.wait()
        return .text("done")
      }
    }
    let server = try TestServer([route])
    let client = try server.client()
    client.send("GET /slow HTTP/1.1\r\nHost: test\r\n\r\n")
    started.wait()
    let stopped = DispatchSemaphore(value: 0)
    let http = server.server
    DispatchQueue.global().async {
      http.stop(deadlineMilliseconds: 10_000)
      stopped.signal()
    }
    #expect(eventually { http.port == nil })
    release.signal()
    let answer = try client.readAnswer()
    #expect(answer.text == "done")
    #expect(stopped.wait(timeout: .now() + .seconds(5)) == .success)
    #expect(client.isClosedByServer())
  }

  @Test func stoppingInterruptsWhatTakesTooLong() throws {
    let route = Route(.get, "/never", "Never answers.") { _ in .later { promise in Forgotten.keep(promise) } }
    let server = try TestServer([route])
    let client = try server.client()
    client.send("GET /never HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(eventually { server.registry.exposition().contains("riffle_http_requests_in_flight 1\n") })
    server.server.stop(deadlineMilliseconds: 50)
    let answer = try client.readAnswer()
    #expect(answer.status == 503)
    #expect(answer["retry-after"] == "5")
  }

  @Test func stoppingUnderLoadLosesNoPromise() throws {
    for _ in 0..<5 {
      let server = try TestServer()
      let port = try #require(server.server.port)
      let answered = Box(0)
      let finished = DispatchGroup()
      for worker in 0..<4 {
        DispatchQueue(label: "test.load").async(group: finished) {
          let path = worker % 2 == 0 ? "/later" : "/hello"
          while let client = try? RawClient(port: port), ask(client, path) { answered.add(1) }
        }
      }
      #expect(eventually { answered.value > 100 })
      server.server.stop(deadlineMilliseconds: 2000)
      #expect(finished.wait(timeout: .now() + .seconds(10)) == .success)
      #expect(server.registry.exposition().contains("riffle_http_requests_in_flight 0\n"))
      #expect(server.registry.exposition().contains("riffle_http_connections 0\n"))
    }
  }
}

/// Asks a few times on one connection; false once it does not answer.
private func ask(_ client: RawClient, _ path: String) -> Bool {
  (0..<3).allSatisfy { _ in
    client.send("GET \(path) HTTP/1.1\r\nHost: test\r\n\r\n")
    return (try? client.readAnswer().status) == 200
  }
}
