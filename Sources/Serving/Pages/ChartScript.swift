/// The chart library of the distribution, served from here, so that a page loads nothing from elsewhere.
///
/// Its path has a hash of its content: browsers keep it for good and ask anew when it is another.
public struct ChartScript: Sendable {
  let path: String
  private let bytes: [UInt8]

  /// - Parameter bytes: the file as it is.
  public init(_ bytes: [UInt8]) {
    self.bytes = bytes
    // FNV-1a: tells versions apart; nobody is kept from making two files with one hash.
    let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    path = "/assets/chart-\(String(hash, radix: 16)).js"
  }

  var route: Route {
    Route(.get, path, "The chart library of the live page, as the distribution has it.", scope: nil) { _ in
      var response = HTTPResponse(contentType: "text/javascript; charset=utf-8", body: .bytes(bytes))
      response.headers.append("Cache-Control", "public, max-age=31536000, immutable")
      return .now(response)
    }.answering(.text("text/javascript", "The library."))
  }
}
