import Foundation
import Serving
import TestSupport
import Testing

/// TLS as curl speaks it, with certificates that openssl makes for the test.
@Suite(.enabled(if: TestCertificate.canBeMade && Curl.isInstalled, "needs openssl and curl"))
struct ServerCertificateTests {
  private let certificate: TestCertificate

  init() throws { certificate = try TestCertificate() }

  private func server(_ certificate: ServerCertificate) throws -> HTTPServer {
    let server = HTTPServer(
      listen: HTTPAddress(port: 0), router: Router(TestServer.routes), certificate: certificate)
    try server.start()
    return server
  }

  @Test func aClientThatTrustsTheCertificateIsAnswered() throws {
    let server = try server(ServerCertificate(certificate: certificate.text, key: certificate.key))
    defer { server.stop() }
    let place = "https://localhost:\(server.port ?? 0)"
    let trust = ["--cacert", certificate.path]
    let answer = try Curl.ask(trust + ["--include", "\(place)/hello"])
    #expect(answer.status == 200)
    #expect(answer.text.hasSuffix("hello"))
    #expect(answer.text.lowercased().contains("strict-transport-security: max-age=31536000"))
    #expect(try Curl.ask(trust + ["\(place)/later"]).text == "later", "put aside and gone on with")
    #expect(
      try Curl.ask(trust + ["-d", "{\"a\":1}", "-H", "Content-Type: application/json", "\(place)/track"]).text
        == "{\"a\":1}")
    #expect(try Curl.ask(["\(place)/hello"]).status == 0, "nobody else is trusted by chance")
    #expect(try Curl.ask(trust + ["--tls-max", "1.1", "\(place)/hello"]).status == 0)
    #expect(try Curl.ask(["http://localhost:\(server.port ?? 0)/hello"]).status == 0, "no plain text beside it")
  }

  /// Who connects is shown the newer one; who is connected goes on.
  @Test func aRenewedCertificateIsShownToNewConnections() throws {
    let server = try server(ServerCertificate(certificate: certificate.text, key: certificate.key))
    defer { server.stop() }
    let place = "https://localhost:\(server.port ?? 0)/hello"
    let (newer, last) = (try TestCertificate(), try TestCertificate())
    func trusted() throws -> [Int] {
      try [certificate, newer, last].map { try Curl.ask(["--cacert", $0.path, place]).status }
    }
    #expect(try trusted() == [200, 0, 0])
    server.renew(try ServerCertificate(certificate: newer.text, key: newer.key))
    #expect(try trusted() == [0, 200, 0])
    server.renew(try ServerCertificate(certificate: last.text, key: last.key))
    #expect(try trusted() == [0, 0, 200])
  }

  @Test func aConnectionGoesOnWithTheCertificateThatItWasShown() throws {
    let server = try server(ServerCertificate(certificate: certificate.text, key: certificate.key))
    defer { server.stop() }
    let port = server.port ?? 0
    let client = try SecureClient(port: port, trusting: certificate.path)
    defer { client.end() }
    #expect(try client.get("/hello").hasPrefix("HTTP/1.1 200"))
    let newer = try TestCertificate()
    server.renew(try ServerCertificate(certificate: newer.text, key: newer.key))
    #expect(try client.get("/hello").hasPrefix("HTTP/1.1 200"))
    #expect(try Curl.ask(["--cacert", newer.path, "https://localhost:\(port)/hello"]).status == 200)
  }

  @Test func plainTextHasNoTransportSecurity() throws {
    #expect(try TestServer().get("/hello")["strict-transport-security"] == nil)
  }

  /// A client that never finishes its handshake is cut off like any other that is slow.
  @Test func aHandshakeThatDoesNotComeIsCutOff() throws {
    var limits = HTTPLimits()
    limits.requestMilliseconds = 200
    let server = HTTPServer(
      listen: HTTPAddress(port: 0), router: Router(TestServer.routes), limits: limits,
      certificate: try ServerCertificate(certificate: certificate.text, key: certificate.key))
    try server.start()
    defer { server.stop() }
    #expect(try RawClient(port: server.port ?? 0).isClosedByServer())
    let plain = try RawClient(port: server.port ?? 0)
    plain.send("GET /hello HTTP/1.1\r\nHost: test\r\n\r\n")
    #expect(plain.isClosedByServer())
  }

  @Test func aKeyOfAnotherCertificateIsRefused() throws {
    let other = try TestCertificate()
    #expect(throws: ServerCertificate.Problem.mismatch) {
      try ServerCertificate(certificate: certificate.text, key: other.key)
    }
  }

  @Test func whatIsNoneIsNamed() throws {
    let noCertificate = #expect(throws: ServerCertificate.Problem.self) {
      try ServerCertificate(certificate: certificate.key, key: certificate.key)
    }
    #expect("\(noCertificate.map { "\($0)" } ?? "")".hasPrefix("the certificate is not readable: "))
    for key in ["", certificate.text, "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"] {
      let noKey = #expect(throws: ServerCertificate.Problem.self) {
        try ServerCertificate(certificate: certificate.text, key: key)
      }
      #expect("\(noKey.map { "\($0)" } ?? "")".hasPrefix("the private key is not readable: "))
    }
  }
}
