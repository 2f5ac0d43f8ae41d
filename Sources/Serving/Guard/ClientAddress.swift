internal import Glibc

/// The address that a client has, or its proxy: of IPv6, with IPv4 as `::ffff:192.0.2.1`.
struct ClientAddress: Sendable, Hashable, CustomStringConvertible {
  let high: UInt64
  let low: UInt64

  /// Of a client whose address is not known.
  static let unknown = ClientAddress(high: 0, low: 0)

  init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }

  /// Of numbers: `192.0.2.1`, `2001:db8::1`; nil where `text` is none.
  init?(_ text: some StringProtocol) {
    guard text.utf8.count < 64, !text.utf8.contains(0) else { return nil }
    guard text.contains(":") else {
      var address = in_addr()
      // The call reads the text to its end and writes the address.
      guard unsafe inet_pton(AF_INET, String(text), &address) == 1 else { return nil }
      self.init(high: 0, low: 0xFFFF << 32 | UInt64(UInt32(bigEndian: address.s_addr)))
      return
    }
    var bytes = in6_addr()
    // So here; it has 16 bytes.
    guard unsafe inet_pton(AF_INET6, String(text), &bytes) == 1 else { return nil }
    let words = unsafe withUnsafeBytes(of: &bytes) { bytes in
      unsafe (bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
    }
    self.init(high: UInt64(bigEndian: words.0), low: UInt64(bigEndian: words.1))
  }

  /// What one customer of a provider has: an address of IPv4, a network of IPv6.
  var network: ClientAddress { isIPv4 ? self : ClientAddress(high: high, low: 0) }

  var isLoopback: Bool { isIPv4 ? low >> 24 & 0xFF == 127 : high == 0 && low == 1 }

  private var isIPv4: Bool { high == 0 && low >> 32 == 0xFFFF }

  /// As numbers: `192.0.2.1`, `2001:db8::1`, `?` where it is not known.
  var description: String {
    if self == .unknown { return "?" }
    if isIPv4 { return [24, 16, 8, 0].map { String(low >> UInt64($0) & 0xFF) }.joined(separator: ".") }
    var address = in6_addr()
    unsafe withUnsafeMutableBytes(of: &address) { bytes in
      unsafe bytes.storeBytes(of: high.bigEndian, as: UInt64.self)
      unsafe bytes.storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
    }
    var text = [CChar](repeating: 0, count: 64)
    // The call reads the address and writes at most the text's count of bytes.
    guard unsafe inet_ntop(AF_INET6, &address, &text, socklen_t(text.count)) != nil else { return "?" }
    return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
