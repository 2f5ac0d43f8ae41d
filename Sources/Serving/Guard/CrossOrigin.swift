/// What pages of other origins may do here (the Fetch standard's CORS). Without a rule for them browsers show them no
/// answer, and what would change something is refused, since a browser sends some of it unasked.
struct CrossOrigin: Sendable {
  private static let preflightSeconds = 600
  private static let requestHeaders = "Authorization, Content-Type, Last-Event-ID, X-API-Key, X-Analytics-Key"
  private static let answerHeaders = "Retry-After, Riffle-Epoch, Riffle-Read"
  private static let safeMethods = ["GET", "HEAD", "OPTIONS"]

  private let origins: Set<String>
  private let isForAll: Bool

  /// `origins` are such as `https://shop.example`; `*` is all of them.
  init(origins: Set<String>) {
    self.origins = Set(origins.map { $0.lowercased() })
    isForAll = origins.contains("*")
  }

  /// Refuses what a page of a foreign origin would change. Who is no browser says no origin.
  func check(_ head: RequestHead) throws(HTTPFailure) {
    guard !CrossOrigin.safeMethods.contains(head.method), let origin = head.headers["Origin"] else { return }
    guard allows(origin) || CrossOrigin.isOwn(origin, host: head.headers["Host"]) else {
      throw .forbidden("pages of this origin must not send here; http.cors.origins lists those that may")
    }
  }

  /// Tells the browser that a page of an allowed origin may read `response`.
  func addHeaders(to response: inout HTTPResponse, for head: RequestHead) {
    guard !origins.isEmpty else { return }
    response.headers.append("Vary", "Origin")
    guard let origin = head.headers["Origin"], allows(origin) else { return }
    response.headers.append("Access-Control-Allow-Origin", isForAll ? "*" : origin)
    // Beacons are sent with credentials, which we have none of; with `*` browsers refuse them.
    if !isForAll { response.headers.append("Access-Control-Allow-Credentials", "true") }
    response.headers.append("Access-Control-Expose-Headers", CrossOrigin.answerHeaders)
    guard head.method == "OPTIONS", head.headers["Access-Control-Request-Method"] != nil else { return }
    if let methods = response.headers["Allow"] { response.headers.append("Access-Control-Allow-Methods", methods) }
    response.headers.append("Access-Control-Allow-Headers", CrossOrigin.requestHeaders)
    response.headers.append("Access-Control-Max-Age", String(CrossOrigin.preflightSeconds))
  }

  private func allows(_ origin: String) -> Bool { isForAll || origins.contains(origin.lowercased()) }

  /// Whether a page of ours asks: the origin's host and port are those that were asked for. A proxy may have changed
  /// the scheme.
  private static func isOwn(_ origin: String, host: String?) -> Bool {
    guard let host, let range = origin.firstRange(of: "://") else { return false }
    return HTTPHeaders.isSame(String(origin[range.upperBound...]), host)
  }
}
