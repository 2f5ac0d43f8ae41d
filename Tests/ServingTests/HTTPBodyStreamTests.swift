import Dispatch
import Serving
import Synchronization
import Telemetry
import Testing

@Suite struct HTTPBodyStreamTests {
  private static let queue = DispatchQueue(label: "test.stream")

  /// A body of numbered pieces; counts how many were pulled.
  private static func pieces(_ count: Int, byteCount: Int, pulled: Box<Int>, closed: Box<Int> = Box(0)) -> PulledBody {
    PulledBody(
      on: queue,
      pull: {
        let number = pulled.add(1)
        return number <= count ? Array(repeating: UInt8(truncatingIfNeeded: number), count: byteCount) : nil
      }, whenClosed: { closed.add(1) })
  }

  private static func route(_ make: @escaping @Sendable () -> any HTTPBodyStream) -> Route {
    Route(.get, "/", "A stream.") { _ in .now(HTTPResponse(contentType: "text/plain", body: .stream(make()))) }
  }

  @Test(arguments: [(0, 1), (1, 1), (3, 100_000), (500, 1)]) func aPulledBodyArrivesWhole(_ count: Int, _ bytes: Int)
    throws
  {
    let closed = Box(0)
    let server = try TestServer([
      Self.route { Self.pieces(count, byteCount: bytes, pulled: Box(0), closed: closed) }
    ])
    let client = try server.client()
    for round in 1...2 {
      client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
      let answer = try client.readAnswer()
      #expect(answer["transfer-encoding"] == "chunked")
      #expect(answer.body == (0..<count).flatMap { Array(repeating: UInt8(truncatingIfNeeded: $0 + 1), count: bytes) })
      #expect(eventually { closed.value == round })
    }
  }

  @Test func aClientThatDoesNotReadIsNotPulledFor() throws {
    let pulled = Box(0)
    let closed = Box(0)
    let server = try TestServer([
      Self.route { Self.pieces(10_000, byteCount: 100_000, pulled: pulled, closed: closed) }
    ])
    do {
      let client = try server.client()
      client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(try client.read(through: "\r\n\r\n").contains("200 OK"))
      // Sockets hold some megabytes; a gigabyte was asked for.
      var before = -1
      #expect(
        eventually {
          defer { before = pulled.value }
          _ = DispatchSemaphore(value: 0).wait(timeout: .now() + .milliseconds(100))
          return before == pulled.value
        })
      #expect(pulled.value < 500)
    }
    #expect(eventually { closed.value == 1 })
  }

  @Test func anErrorBreaksTheBodyOff() throws {
    let server = try TestServer([
      Self.route {
        let pulled = Box(0)
        return PulledBody(on: Self.queue) {
          if pulled.add(1) > 1 { throw TestServer.Broken() }
          return Array("first".utf8)
        }
      }
    ])
    let client = try server.client()
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(throws: RawClient.ClientError.closed, "without the chunk that ends a body") { try client.readAnswer() }
    #expect(eventually { server.logLines.all.contains { $0.contains("body broke off") } })
  }

  @Test func pushedEventsArriveAsTheyAreSent() throws {
    let body = PushedBody()
    let server = try TestServer([Self.route { body }])
    let client = try server.client()
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    _ = try client.read(through: "\r\n\r\n")
    for number in 0..<100 {
      #expect(body.push(Array("data: \(number)\n\n".utf8)))
      #expect(try client.read(through: "data: \(number)\n\n").contains("data"))
    }
    body.end()
    #expect(try client.read(through: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
    #expect(!body.push([1]))
  }

  @Test func whoFallsBehindIsLetGo() throws {
    let body = PushedBody(bytesMax: 1_000_000)
    let server = try TestServer([Self.route { body }])
    let client = try server.client()
    client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    _ = try client.read(through: "\r\n\r\n")
    let piece = [UInt8](repeating: 0x61, count: 100_000)
    #expect(eventually { !body.push(piece) })
  }

  @Test func aClientThatLeftIsNoticedByTheNextEvent() throws {
    let body = PushedBody()
    let server = try TestServer([Self.route { body }])
    do {
      let client = try server.client()
      client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
      _ = try client.read(through: "\r\n\r\n")
    }
    #expect(eventually { !body.push(Array(": still there?\n\n".utf8)) })
    #expect(eventually { server.registry.exposition().contains("riffle_http_connections 0\n") })
  }

  @Test func manyPublishersAndClientsDoNotGetInEachOthersWay() throws {
    let bodies = Mutex<[PushedBody]>([])
    let server = try TestServer([
      Self.route {
        let body = PushedBody()
        bodies.withLock { $0.append(body) }
        return body
      }
    ])
    let clients = try (0..<20).map { _ in try server.client() }
    for client in clients {
      client.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
      _ = try client.read(through: "\r\n\r\n")
    }
    let all = bodies.withLock { $0 }
    DispatchQueue.concurrentPerform(iterations: all.count) { index in
      for number in 0..<200 { all[index].push(Array("data: \(number)\n\n".utf8)) }
      all[index].end()
    }
    for client in clients {
      let text = try client.read(through: "\r\n0\r\n\r\n")
      #expect(text.contains("data: 0\n\n"))
      #expect(text.contains("data: 199\n\n"))
    }
  }

  @Test func headOfAStreamDoesNotReadIt() throws {
    let pulled = Box(0)
    let closed = Box(0)
    let server = try TestServer([Self.route { Self.pieces(100, byteCount: 10, pulled: pulled, closed: closed) }])
    #expect(try server.ask("HEAD / HTTP/1.1\r\nHost: test\r\n\r\n").status == 200)
    #expect(eventually { closed.value == 1 })
    #expect(pulled.value <= 1)
  }

  @Test func stoppingEndsEventsAndInterruptsExports() throws {
    let body = PushedBody()
    let server = try TestServer([
      Self.route { body },
      Route(.get, "/export", "Never ends.") { _ in
        .now(HTTPResponse(body: .stream(PushedBodyThatStays())))
      },
    ])
    let events = try server.client()
    events.send("GET / HTTP/1.1\r\nHost: test\r\n\r\n")
    _ = try events.read(through: "\r\n\r\n")
    let export = try server.client()
    export.send("GET /export HTTP/1.1\r\nHost: test\r\n\r\n")
    _ = try export.read(through: "\r\n\r\n")
    server.server.stop(deadlineMilliseconds: 100)
    #expect(try events.read(through: "0\r\n\r\n").hasSuffix("0\r\n\r\n"))
    #expect(throws: RawClient.ClientError.closed) { try export.read(through: "0\r\n\r\n") }
  }
}

/// A stream that never has anything and does not end when asked to.
private final class PushedBodyThatStays: HTTPBodyStream {
  func open(wake: @escaping @Sendable () -> Void) {}
  func read() -> HTTPBodyRead { .pending }
  func stop() {}
  func close() {}
}

/// A number that closures share.
final class Box<Value: FixedWidthInteger & Sendable>: Sendable {
  private let content: Mutex<Value>

  init(_ value: Value) { content = Mutex(value) }

  var value: Value { content.withLock { $0 } }

  @discardableResult func add(_ difference: Value) -> Value {
    content.withLock {
      $0 += difference
      return $0
    }
  }
}
