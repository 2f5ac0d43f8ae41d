/// Path and query of a request (RFC 3986, RFC 9112 §3.2), split first and decoded then, so that an encoded slash stays
/// inside its segment.
package struct RequestTarget: Equatable {
  /// As it came, without the query.
  let path: String
  /// The decoded path: `/sessions/a%2Fb` is `["sessions", "a/b"]`, `/` is empty.
  let segments: [String]
  package let query: HTTPQuery

  /// `*`, which only OPTIONS has.
  var isAsterisk: Bool { path == "*" }

  package init(_ target: String) throws(HTTPFailure) {
    guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "#") }) else {
      throw .badTarget("it has characters that must be percent-encoded")
    }
    let origin = try RequestTarget.originForm(target)
    let parts = origin.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    path = String(parts[0])
    segments = try RequestTarget.segments(parts[0])
    query = try HTTPQuery(encoded: parts.count > 1 ? parts[1] : "")
  }

  /// The part of a target that starts with the path; proxies are sent whole URLs, and servers must accept them.
  private static func originForm(_ target: String) throws(HTTPFailure) -> Substring {
    if target == "*" || target.hasPrefix("/") { return target[...] }
    let scheme = target.prefix(8).lowercased()
    guard scheme.hasPrefix("http://") || scheme == "https://" else { throw .badTarget("it must start with '/'") }
    let rest = target.dropFirst(scheme.hasPrefix("http://") ? 7 : 8)
    let authority = rest.prefix { $0 != "/" && $0 != "?" }
    let path = rest.dropFirst(authority.count)
    return path.hasPrefix("/") ? path : "/" + path
  }

  private static func segments(_ path: Substring) throws(HTTPFailure) -> [String] {
    guard path != "*" else { return ["*"] }
    guard path.utf8.count > 1 else { return [] }
    var segments: [String] = []
    for part in path.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      let segment = try PercentText.decode(part, plusIsSpace: false)
      guard segment != ".", segment != ".." else {
        throw .badTarget("'.' and '..' are not followed; write the path out")
      }
      segments.append(segment)
    }
    return segments
  }
}

/// Percent-encoding (RFC 3986 §2.1) and its variant in forms, where `+` is a space.
enum PercentText {
  static func decode(_ text: Substring, plusIsSpace: Bool) throws(HTTPFailure) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "%"):
        guard let high = rest.popFirst().flatMap(digit), let low = rest.popFirst().flatMap(digit) else {
          throw .badTarget("'%' must be followed by two hexadecimal digits")
        }
        bytes.append(high << 4 | low)
      case UInt8(ascii: "+") where plusIsSpace: bytes.append(0x20)
      default: bytes.append(byte)
      }
    }
    guard !bytes.contains(0) else { throw .badTarget("it has an encoded NUL") }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw .badTarget("what is percent-encoded must be UTF-8")
    }
    return decoded
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46, 0x61...0x66: (byte | 0x20) - 0x61 + 10
    default: nil
    }
  }
}
