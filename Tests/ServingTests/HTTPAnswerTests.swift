import Dispatch
import Serving
import Synchronization
import Telemetry
import Testing

@Suite struct HTTPAnswerTests {
  @Test func aPromiseIsKeptFromAQueue() throws {
    let server = try TestServer()
    let client = try server.client()
    client.send("GET /later HTTP/1.1\r\nHost: test\r\n\r\nGET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(try client.readAnswer().text == "later")
    #expect(try client.readAnswer().text == "hello")
  }

  @Test func aPromiseMayBeKeptAtOnce() throws {
    let server = try TestServer([
      Route(.get, "/", "At once.") { _ in
        .later { promise in
          promise.fulfill(.text("first"))
          promise.fulfill(.text("second"))
        }
      }
    ])
    #expect(try server.get("/").text == "first")
  }

  @Test func whatALaterAnswerThrowsBecomesAProblem() throws {
    let server = try TestServer([
      Route(.get, "/", "Fails.") { _ in
        .later(on: TestServer.queue) { throw HTTPFailure.unavailable("busy", retryAfterSeconds: 7) }
      }
    ])
    let answer = try server.get("/")
    #expect(answer.status == 503)
    #expect(answer["retry-after"] == "7")
    #expect(answer.text.contains("\"detail\":\"busy\""))
  }

  @Test func aDroppedPromiseAnswers500() throws {
    let server = try TestServer([Route(.get, "/", "Forgets.") { _ in .later { _ in } }])
    #expect(try server.get("/").status == 500)
  }

  @Test func manyConnectionsWaitAtTheSameTime() throws {
    let server = try TestServer()
    let clients = try (0..<50).map { _ in try server.client() }
    for _ in 0..<5 {
      for client in clients { client.send("GET /later HTTP/1.1\r\nHost: test\r\n\r\n") }
      for client in clients { #expect(try client.readAnswer().text == "later") }
    }
  }

  @Test func aClientThatLeavesDoesNoHarm() throws {
    let kept = Forgotten()
    let server = try TestServer([Route(.get, "/", "Waits.") { _ in .later { kept.promises.keep($0) } }])
    do {
      let client = try server.client()
      client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(eventually { kept.promises.count == 1 })
    }
    kept.promises.takeAll().forEach { $0.fulfill(.text("nobody is there")) }
    let metrics = server.registry
    #expect(eventually { metrics.exposition().contains("riffle_http_connections 0\n") })
    #expect(metrics.exposition().contains("riffle_http_requests_in_flight 0\n"))
  }
}

/// Promises that a test keeps or forgets.
struct Forgotten: Sendable {
  final class Box: Sendable {
    private let kept = Mutex<[HTTPPromise]>([])
    func keep(_ promise: HTTPPromise) { kept.withLock { $0.append(promise) } }
    var count: Int { kept.withLock { $0.count } }
    func takeAll() -> [HTTPPromise] {
      kept.withLock { kept in
        defer { kept = [] }
        return kept
      }
    }
  }

  let promises = Box()
  private static let forever = Box()
  static func keep(_ promise: HTTPPromise) { forever.keep(promise) }
}
