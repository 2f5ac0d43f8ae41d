/// A key that the server knows: whose it is and what it may do. Of the key itself only the SHA-256 is kept, and that is
/// never printed. Keys are random, so their hash needs no salt and no slow function.
public struct APIKey: Sendable, Equatable, CustomStringConvertible {
  /// Whose it is, for logs.
  public let name: String
  public let scopes: Set<HTTPScope>
  /// Requests per second, on average and at once; nil for no limit.
  public let requestsPerSecond: Int?
  let digest: [UInt8]

  /// Nil where `digestText` is not the 64 hexadecimal digits of a SHA-256.
  public init?(name: String, digestText: String, scopes: Set<HTTPScope>, requestsPerSecond: Int? = nil) {
    guard let digest = APIKey.bytes(ofHexadecimal: digestText), digest.count == Secrets.digestByteCount else {
      return nil
    }
    self.name = name
    self.digest = digest
    self.scopes = scopes
    self.requestsPerSecond = requestsPerSecond
  }

  /// Whether both are hashes of the same key.
  public func isSameSecret(as other: APIKey) -> Bool { Secrets.isEqual(digest, other.digest) }

  /// Without the hash.
  public var description: String {
    "\(name) (\(HTTPScope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: ", ")))"
  }

  private static func bytes(ofHexadecimal text: String) -> [UInt8]? {
    let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue }
    guard digits.count == text.utf8.count, digits.count.isMultiple(of: 2) else { return nil }
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }
}

/// A key that was made just now: the only moment at which its text is known.
public struct NewAPIKey: Sendable {
  /// What the client sends: `riffle_` and 32 random bytes in base64url, so that scanners of repositories recognize it.
  public let text: String
  /// What the server is told: 64 hexadecimal digits.
  public let digestText: String

  public init() {
    text = "riffle_" + NewAPIKey.base64(Secrets.random(count: 32))
    let digits = Array("0123456789abcdef")
    digestText = String(Secrets.digest(Array(text.utf8)).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] })
  }

  /// RFC 4648 §5 without padding.
  private static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
    var text = ""
    var bits = 0
    var bitCount = 0
    for byte in bytes {
      bits = bits << 8 | Int(byte)
      bitCount += 8
      while bitCount >= 6 {
        bitCount -= 6
        text.append(alphabet[bits >> bitCount & 63])
      }
    }
    if bitCount > 0 { text.append(alphabet[bits << (6 - bitCount) & 63]) }
    return text
  }
}
