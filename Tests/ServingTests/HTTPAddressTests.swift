import Serving
import Testing

@Suite struct HTTPAddressTests {
  @Test(
    arguments: [
      ("127.0.0.1:8000", "127.0.0.1", 8000), ("[::1]:0", "::1", 0), ("localhost:65535", "localhost", 65535),
    ] as [(String, String, UInt16)])
  func anAddressIsReadAndWritten(_ text: String, _ host: String, _ port: UInt16) throws {
    let address = try #require(HTTPAddress(text))
    #expect(address == HTTPAddress(host: host, port: port))
    #expect(address.description == text)
  }

  @Test(arguments: ["", "8000", "localhost", ":8000", "localhost:", "localhost:65536", "::1:80", "a:-1"])
  func whatIsNoAddressIsNone(_ text: String) { #expect(HTTPAddress(text) == nil) }

  @Test(arguments: ["::1", "localhost", "0.0.0.0"]) func everyAddressOfThisMachineCanBeListenedOn(_ host: String)
    throws
  {
    let server = HTTPServer(listen: HTTPAddress(host: host, port: 0), router: Router(TestServer.routes))
    let result = Result { try server.start() }
    if case .failure(HTTPServerError.cannotListen(_, _)) = result, host == "::1" { return }  // No IPv6 here.
    try result.get()
    #expect((server.port ?? 0) > 0)
    if host != "::1" {
      let client = try RawClient(port: try #require(server.port))
      client.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
      #expect(try client.readAnswer().status == 200)
    }
    server.stop()
  }
}
