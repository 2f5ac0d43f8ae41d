import Serving
import Synchronization
import Testing

/// What an attacker tries first, over a socket.
@Suite struct RudeClientTests {
  /// Counts the requests that reach a handler.
  private static func counting(_ limits: HTTPLimits = HTTPLimits()) throws -> (TestServer, Box<Int>) {
    let count = Box(0)
    let routes = [
      Route(.get, "/secret", "Counted.") { _ in
        count.add(1)
        return .now(.text("secret"))
      },
      Route(.post, "/track", "Takes a body.", body: .upTo(bytesMax: 1000, types: ["text/plain"])) { _ in
        .now(.text("taken"))
      },
    ]
    return (try TestServer(routes, limits: limits), count)
  }

  private static let smuggled = "GET /secret HTTP/1.1\r\nHost: test\r\n\r\n"

  /// What one of two readers would take for the next request is never answered.
  @Test(arguments: [
    "Content-Length: 4\r\nTransfer-Encoding: chunked", "Transfer-Encoding: chunked\r\nContent-Length: 4",
    "Content-Length: 0\r\nContent-Length: \(smuggled.utf8.count)", "Transfer-Encoding: identity, chunked",
    "Transfer-Encoding: xchunked", "Transfer-Encoding: chunked\r\nTransfer-Encoding: x", "Content-Length: +0",
    "Content-Length: 0, \(smuggled.utf8.count)", "Content-Length: 0x0", "Transfer-Encoding : chunked",
    "X-Note: a\nTransfer-Encoding: chunked",
  ])
  func aRequestIsNotSmuggled(_ framing: String) throws {
    let (server, count) = try Self.counting()
    let client = try server.client()
    client.send("POST /track HTTP/1.1\r\nHost: test\r\n\(framing)\r\n\r\n0\r\n\r\n" + Self.smuggled)
    _ = try? client.readAnswer()
    #expect(client.isClosedByServer())
    #expect(count.value == 0)
  }

  @Test(arguments: [
    "/../etc/passwd", "/%2e%2e/etc/passwd", "/..%2fetc%2fpasswd", "/..\\etc\\passwd", "/%252e%252e/etc/passwd",
    "/secret/../../etc/passwd", "/./secret", "//etc/passwd", "/secret%00.html", "/secret;/../x", "file:///etc/passwd",
    "/%c0%ae%c0%ae/etc/passwd", "http://test/../etc/passwd",
  ])
  func noPathLeadsOutside(_ target: String) throws {
    let (server, count) = try Self.counting()
    let answer = try server.get(target)
    #expect([400, 404].contains(answer.status))
    #expect(!answer.text.contains("root:") && count.value == 0)
  }

  /// Many who send a byte now and then keep nobody else from being answered, and are gone after the deadline.
  @Test func manySlowClientsHoldUpNobody() throws {
    var limits = HTTPLimits()
    limits.requestMilliseconds = 300
    let (server, count) = try Self.counting(limits)
    let slow = try (0..<50).map { _ in try server.client(patienceMilliseconds: 5000) }
    for client in slow { client.send("GET /secret HTTP/1.1\r\nHost: te") }
    for _ in 0..<10 { #expect(try server.get("/secret").status == 200) }
    for client in slow {
      client.send("s")
      #expect(client.isClosedByServer())
    }
    #expect(count.value == 10)
  }

  @Test func tooManyHeadersAreRefused() throws {
    let (server, count) = try Self.counting()
    let many = (0..<2000).map { "X-\($0): a\r\n" }.joined()
    #expect(try server.ask("GET /secret HTTP/1.1\r\nHost: test\r\n\(many)\r\n").status == 431)
    #expect(count.value == 0)
  }

  /// A body of which too much is announced is refused before it is read, even by those who lie about it.
  @Test(arguments: ["1001", "99999999999", "9223372036854775807", "18446744073709551615"])
  func anAnnouncedBodyIsNotWaitedFor(_ length: String) throws {
    let (server, _) = try Self.counting()
    let client = try server.client()
    client.send("POST /track HTTP/1.1\r\nHost: test\r\nContent-Length: \(length)\r\n\r\nx")
    #expect([400, 413].contains(try client.readAnswer().status))
    #expect(client.isClosedByServer())
  }
}
