/// Addresses that begin alike: one alone, or a network as `10.0.0.0/8` and `fd00::/8` name it (RFC 4632, RFC 4291).
public struct AddressRange: Sendable, Equatable {
  private let first: UInt128
  /// Bits that all have in common are set.
  private let mask: UInt128

  /// Nil where `text` is neither an address nor a network, or names bits that its length leaves out.
  public init?(_ text: String) {
    let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
    guard let address = ClientAddress(parts[0]) else { return nil }
    let bitCount = parts[0].contains(":") ? 128 : 32
    var length = bitCount
    if parts.count == 2 {
      guard let number = Int(parts[1]), "\(number)" == parts[1], (0...bitCount).contains(number) else { return nil }
      length = number
    }
    // Those of IPv4 lie at the end of those of IPv6.
    let open = bitCount - length
    mask = open == 128 ? 0 : UInt128.max << UInt128(open)
    first = AddressRange.bits(address)
    guard first & ~mask == 0 else { return nil }
  }

  func contains(_ address: ClientAddress) -> Bool {
    address != .unknown && AddressRange.bits(address) & mask == first
  }

  private static func bits(_ address: ClientAddress) -> UInt128 {
    UInt128(address.high) << 64 | UInt128(address.low)
  }
}
