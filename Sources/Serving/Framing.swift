/// How long a request's body is, decided so that no proxy before us can have understood it otherwise (RFC 9112 §6.3).
enum Framing: Equatable {
  case none
  case length(Int)
  case chunked

  /// The framing of a request, or why it is refused. Everything that two readers could understand in two ways is
  /// malformed: what follows on such a connection may be another client's request (request smuggling).
  init(_ head: RequestHead, _ limits: HTTPLimits) throws(HTTPFailure) {
    try Framing.checkSizes(head, limits)
    try Framing.checkWords(head)
    try Framing.checkHost(head)
    if let expectation = head.headers["Expect"], !HTTPHeaders.isSame(expectation, "100-continue") {
      throw .expectationFailed
    }
    let codings = head.headers.values("Transfer-Encoding")
    let lengths = head.headers.values("Content-Length")
    guard let coding = codings.first else {
      self = try Framing.length(lengths)
      return
    }
    guard lengths.isEmpty else { throw .malformed("Content-Length and Transfer-Encoding exclude each other") }
    guard codings.count == 1 else { throw .malformed("there is more than one Transfer-Encoding") }
    guard head.version == "HTTP/1.1" else { throw .malformed("HTTP/1.0 has no Transfer-Encoding") }
    guard HTTPHeaders.isSame(coding, "chunked") else { throw .unsupportedTransferCoding(coding) }
    self = .chunked
  }

  var hasBody: Bool { self != .none }

  private static func length(_ values: [String]) throws(HTTPFailure) -> Framing {
    guard let text = values.first else { return .none }
    guard values.count == 1 else { throw .malformed("there is more than one Content-Length") }
    guard text.utf8.allSatisfy({ $0 &- 0x30 <= 9 }), let length = Int(text) else {
      throw .malformed("Content-Length must be a number of bytes")
    }
    return length == 0 ? .none : .length(length)
  }

  private static func checkSizes(_ head: RequestHead, _ limits: HTTPLimits) throws(HTTPFailure) {
    guard head.target.utf8.count <= limits.targetBytesMax else { throw .targetTooLong(bytesMax: limits.targetBytesMax) }
    guard max(head.byteCount, leastByteCount(head)) <= limits.headerBytesMax else {
      throw .headersTooLarge(bytesMax: limits.headerBytesMax)
    }
  }

  private static func checkWords(_ head: RequestHead) throws(HTTPFailure) {
    guard isToken(head.method) else { throw .malformed("the method is no word") }
    guard head.version == "HTTP/1.1" || head.version == "HTTP/1.0" else { throw .unsupportedVersion(head.version) }
    guard head.target.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7F }) else { throw .malformed("the target has spaces") }
    for field in head.headers.fields {
      guard isToken(field.name) else { throw .malformed("a header's name has characters that it must not have") }
      guard field.value.utf8.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || $0 == 0x09 }) else {
        throw .malformed("the value of '\(field.name)' has control characters")
      }
    }
    try checkByteCount(head)
  }

  /// The library drops or joins what is between headers before we see it: a line without its carriage return, a
  /// folded line, bytes behind a NUL. But it knows how many bytes there were, so we count what should have been: each
  /// header as `Name: value`, with the one space that every client writes. Another count means that something was
  /// dropped.
  private static func checkByteCount(_ head: RequestHead) throws(HTTPFailure) {
    guard head.byteCount > 0 else { return }
    let empty = head.headers.fields.count { $0.value.isEmpty }
    let expected = leastByteCount(head) + head.headers.fields.count - empty
    guard (expected...expected + empty).contains(head.byteCount) else {
      throw .malformed("write each header as 'Name: value' on a line of its own that ends in CR LF")
    }
  }

  /// The bytes of the request line, of each header without space, and of the empty line.
  private static func leastByteCount(_ head: RequestHead) -> Int {
    let requestLine = head.method.utf8.count + head.target.utf8.count + head.version.utf8.count + 4
    return requestLine + head.fieldByteCount + 3 * head.headers.fields.count + 2
  }

  private static func checkHost(_ head: RequestHead) throws(HTTPFailure) {
    let hosts = head.headers.values("Host")
    guard hosts.count == 1 || (hosts.isEmpty && head.version == "HTTP/1.0") else {
      throw .malformed("there must be one Host, and there are \(hosts.count)")
    }
    let isSound = hosts.allSatisfy {
      $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F && !" ,/@?#\\\"<>".utf8.contains($0) }
    }
    guard isSound else { throw .malformed("Host is no name of a host") }
  }

  /// Whether `text` is a token of RFC 9110 §5.6.2.
  private static func isToken(_ text: String) -> Bool {
    !text.isEmpty
      && text.utf8.allSatisfy { byte in
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20) || "!#$%&'*+-.^_`|~".utf8.contains(byte)
      }
  }
}
