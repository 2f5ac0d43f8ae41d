internal import CGnuTLS

/// What keys rest on, of GnuTLS: a hash, a comparison that tells nothing by its time, and bytes that nobody can guess.
enum Secrets {
  static let digestByteCount = 32

  /// SHA-256 of `bytes`. O(bytes).
  ///
  /// A GnuTLS without it would make all keys equal, so that traps.
  static func digest(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: digestByteCount)
    // The call reads `source.count` bytes, writes the digest's 32 and keeps nothing.
    let code = unsafe bytes.withUnsafeBytes { source in
      unsafe digest.withUnsafeMutableBytes { target in
        unsafe gnutls_hash_fast(GNUTLS_DIG_SHA256, source.baseAddress, source.count, target.baseAddress)
      }
    }
    precondition(code == 0, "GnuTLS does not compute SHA-256")
    return digest
  }

  /// Whether both have the same bytes; how long that takes depends on their count alone.
  static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
    guard left.count == right.count else { return false }
    // The call reads as many bytes of each as both have.
    return unsafe left.withUnsafeBytes { left in
      unsafe right.withUnsafeBytes { right in
        unsafe gnutls_memcmp(left.baseAddress, right.baseAddress, left.count) == 0
      }
    }
  }

  /// Bytes for a secret that is kept for long. A system without randomness must not make keys, so that traps.
  static func random(count: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    // The call writes as many bytes as there are.
    let code = unsafe bytes.withUnsafeMutableBytes { unsafe gnutls_rnd(GNUTLS_RND_KEY, $0.baseAddress, $0.count) }
    precondition(code == 0, "GnuTLS has no random numbers")
    return bytes
  }
}
