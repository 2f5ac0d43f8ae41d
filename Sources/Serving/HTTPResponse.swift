public import Telemetry

/// An answer. Security headers, `Date`, `Server` and the length are added when it is sent.
public struct HTTPResponse: Sendable {
  public enum Body: Sendable {
    case bytes([UInt8])
    /// Sent in chunks, as the stream has them and the client takes them.
    case stream(any HTTPBodyStream)
  }

  public var status: Int
  public var headers: HTTPHeaders
  public var body: Body

  public init(status: Int = 200, contentType: String? = nil, body: Body = .bytes([])) {
    self.status = status
    self.body = body
    headers = [:]
    if let contentType { headers.append("Content-Type", contentType) }
  }

  /// A JSON answer that `write` writes.
  public static func json<Failure: Error>(
    status: Int = 200, _ write: (inout JSONWriter) throws(Failure) -> Void
  ) throws(Failure) -> HTTPResponse {
    var json = JSONWriter()
    try write(&json)
    return HTTPResponse(status: status, contentType: "application/json", body: .bytes(json.bytes))
  }

  /// An answer in plain text.
  public static func text(_ text: String, contentType: String = "text/plain; charset=utf-8") -> HTTPResponse {
    HTTPResponse(contentType: contentType, body: .bytes(Array(text.utf8)))
  }

  /// A page for browsers; its scripts and styles come from this server.
  public static func page(_ html: [UInt8]) -> HTTPResponse {
    HTTPResponse(contentType: "text/html; charset=utf-8", body: .bytes(html))
  }

  public static var noContent: HTTPResponse { HTTPResponse(status: 204) }

  /// What every answer carries unless the handler said otherwise.
  ///
  /// Nothing is guessed from content, nothing is kept by caches, no page frames us, and a page loads only what this
  /// server has (OWASP's headers for APIs and for pages).
  ///
  /// - Parameter isSecure: whether it goes over TLS: browsers are then told to come no other way for a year.
  mutating func addStandardHeaders(isSecure: Bool = false) {
    let isPage = headers["Content-Type"]?.hasPrefix("text/html") == true
    headers.setDefault("Server", "riffle")
    headers.setDefault("X-Content-Type-Options", "nosniff")
    headers.setDefault("X-Frame-Options", "DENY")
    if isSecure { headers.setDefault("Strict-Transport-Security", "max-age=31536000") }
    headers.setDefault("Referrer-Policy", "no-referrer")
    headers.setDefault("Cross-Origin-Resource-Policy", "same-origin")
    if isPage { headers.setDefault("Cross-Origin-Opener-Policy", "same-origin") }
    headers.setDefault("Cache-Control", "no-store")
    headers.setDefault(
      "Content-Security-Policy",
      isPage
        ? "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
        : "default-src 'none'; frame-ancestors 'none'")
  }
}
