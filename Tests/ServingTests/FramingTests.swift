import Testing

@testable import Serving

/// Requests that two readers could understand in two ways, over real sockets: refused, and nothing behind them is read.
@Suite struct FramingTests {
  struct Malformed: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let request: String
    var status = 400
    /// Whether the library answers by itself, in its own words.
    var isLibrary = false
  }

  private static let next = "GET /hello HTTP/1.1\r\nHost: smuggled\r\n\r\n"

  private static func post(_ headers: String, _ body: String = "") -> String {
    "POST /track HTTP/1.1\r\nHost: test\r\n\(headers)\r\n\r\n\(body)"
  }

  private static func get(_ headers: String) -> String { "GET /hello HTTP/1.1\r\n\(headers)\r\n\r\n" }

  static let malformed: [Malformed] = [
    .init(
      testDescription: "both lengths",
      request: post("Content-Length: 5\r\nTransfer-Encoding: chunked", "0\r\n\r\n")),
    .init(
      testDescription: "both lengths, the other way around",
      request: post("Transfer-Encoding: chunked\r\nContent-Length: 5", "0\r\n\r\n")),
    .init(
      testDescription: "two lengths", request: post("Content-Length: 2\r\nContent-Length: 3", "{}x")),
    .init(testDescription: "two equal lengths", request: post("Content-Length: 2\r\nContent-Length: 2", "{}")),
    .init(testDescription: "a list of lengths", request: post("Content-Length: 2, 2", "{}"), isLibrary: true),
    .init(testDescription: "a signed length", request: post("Content-Length: +2", "{}"), isLibrary: true),
    .init(testDescription: "a negative length", request: post("Content-Length: -2", "{}"), isLibrary: true),
    .init(testDescription: "a hexadecimal length", request: post("Content-Length: 0x2", "{}"), isLibrary: true),
    .init(testDescription: "two codings", request: post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked")),
    .init(testDescription: "another coding", request: post("Transfer-Encoding: gzip, chunked"), status: 501),
    .init(testDescription: "a coding in disguise", request: post("Transfer-Encoding: \tchunked\u{B}")),
    .init(
      testDescription: "a coding for HTTP/1.0",
      request: "POST /track HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    .init(
      testDescription: "a chunk size that is none",
      request: post("Transfer-Encoding: chunked", "zz\r\n{}\r\n0\r\n\r\n"), isLibrary: true),
    .init(testDescription: "no host", request: get("X-Other: a")),
    .init(testDescription: "two hosts", request: get("Host: a\r\nHost: b")),
    .init(testDescription: "a host that is none", request: get("Host: a, b")),
    .init(testDescription: "an empty header line", request: get("Host: a\r\n: b")),
    .init(testDescription: "a header without colon", request: get("Host: a\r\nnothing"), isLibrary: true),
    .init(testDescription: "space before the colon", request: get("Host: a\r\nX-Other : b")),
    .init(testDescription: "space before the first header", request: get(" X-Other: b\r\nHost: a")),
    .init(testDescription: "a folded line", request: get("Host: a\r\nX-Other: b\r\n c")),
    .init(testDescription: "a folded coding", request: post("Transfer-Encoding:\r\n chunked", "0\r\n\r\n")),
    .init(testDescription: "bare line feeds", request: "GET /hello HTTP/1.1\nHost: a\n\n"),
    .init(testDescription: "one bare line feed", request: get("Host: a\nX-Other: b")),
    .init(testDescription: "a bare carriage return", request: get("Host: a\r\nX-Other: b\rX-More: c")),
    .init(testDescription: "a NUL in a value", request: get("Host: a\r\nX-Other: b\u{0}c")),
    .init(testDescription: "a NUL in the target", request: "GET /hello\u{0} HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init(testDescription: "a control character in a value", request: get("Host: a\r\nX-Other: b\u{1}")),
    .init(testDescription: "a method that is no word", request: "G@T /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init(testDescription: "a space in the target", request: "GET /hello x HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init(testDescription: "two spaces before the target", request: "GET  /hello HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init(testDescription: "two spaces behind the target", request: "GET /hello  HTTP/1.1\r\nHost: a\r\n\r\n"),
    .init(
      testDescription: "a space behind the version", request: "GET /hello HTTP/1.1 \r\nHost: a\r\n\r\n",
      isLibrary: true),
    .init(
      testDescription: "a version in lower case", request: "GET /hello http/1.1\r\nHost: a\r\n\r\n",
      isLibrary: true),
    .init(testDescription: "no version", request: "GET /hello\r\n\r\n", isLibrary: true),
    .init(
      testDescription: "a length beyond all numbers", request: post("Content-Length: 99999999999999999999", "{}"),
      status: 413, isLibrary: true),
    .init(
      testDescription: "a chunk size beyond all numbers",
      request: post("Transfer-Encoding: chunked", "fffffffffffffffff\r\n{}\r\n0\r\n\r\n"), status: 413,
      isLibrary: true),
    .init(testDescription: "another version", request: "GET /hello HTTP/1.2\r\nHost: a\r\n\r\n", status: 505),
    .init(
      testDescription: "another expectation", request: get("Host: a\r\nExpect: 200-maybe"), status: 417),
  ]

  @Test(arguments: malformed) func aMalformedRequestIsRefusedAndTheConnectionClosed(_ malformed: Malformed) throws {
    let server = try TestServer()
    let client = try server.client()
    client.send(malformed.request + Self.next)
    let answer = try client.readAnswer()
    #expect(answer.status == malformed.status)
    if !malformed.isLibrary { #expect(answer["content-type"] == "application/problem+json") }
    #expect(answer["connection"] == "close")
    #expect(client.isClosedByServer())
    #expect(throws: RawClient.ClientError.self, "what is behind is not answered") { try client.readAnswer() }
  }

  @Test(arguments: [
    "Host: a\r\nX-Empty:", "Host: a\r\nX-Empty: ", "host: a", "Host: a\r\nX-Latin: caf\u{E9}", "Host: a\r\nX-Tab: a\tb",
    "Host: [::1]:8000", "Host: a\r\nX-Trailing: b ", "Host:", "Host: a\r\nContent-Length: 0",
  ])
  func anUnusualRequestIsAnswered(_ headers: String) throws {
    let server = try TestServer()
    #expect(try server.ask(Self.get(headers)).status == 200)
  }

  @Test(arguments: ["2\r\n{}\r\n0\r\n\r\n", "2;name=value\r\n{}\r\n0\r\nX-Trailer: a\r\n\r\n", "02\r\n{}\r\n0\r\n\r\n"])
  func chunksMayHaveExtensionsAndTrailers(_ chunks: String) throws {
    let server = try TestServer()
    let client = try server.client()
    client.send(Self.post("Transfer-Encoding: chunked", chunks) + Self.next)
    #expect(try client.readAnswer().text == "{}")
    #expect(try client.readAnswer().text == "hello")
  }

  @Test func tabsForSpacesAreClosedWithoutAnswer() throws {
    let server = try TestServer()
    let client = try server.client()
    client.send("GET\t/hello\tHTTP/1.1\r\nHost: a\r\n\r\n")
    #expect(client.isClosedByServer())
  }

  @Test func emptyLinesBeforeARequestAreSkipped() throws {
    let server = try TestServer()
    #expect(try server.ask("\r\n\r\n" + Self.get("Host: a")).status == 200)
  }

  @Test func aRequestThatBreaksOffGetsNoAnswer() throws {
    // The library may overlook an end that comes together with data; the deadline does not.
    var limits = HTTPLimits()
    limits.requestMilliseconds = 200
    let server = try TestServer(limits: limits)
    let client = try server.client()
    client.send("POST /track HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\n{}")
    client.finishSending()
    #expect(client.isClosedByServer())
    #expect(try server.get("/hello").status == 200)
  }

  @Test func noBytesAtRandomStopTheServer() throws {
    let server = try TestServer()
    var generator = SystemRandomNumberGenerator()
    let seed = generator.next()
    var state = seed
    for _ in 0..<500 {
      let client = try server.client()
      var bytes = Array(
        "POST /track HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8)
      for _ in 0..<4 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        bytes[Int(state >> 33) % bytes.count] = UInt8(truncatingIfNeeded: state >> 20)
      }
      client.send(bytes)
    }
    #expect(try server.get("/hello").status == 200, "seed \(seed)")
  }
}
