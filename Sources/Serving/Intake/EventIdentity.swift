/// Identifiers for events that come without: UUIDs of version 7 (RFC 9562 §5.7), a time and 74 random bits.
enum EventIdentity {
  /// `0198c1a2-7b3c-7d4e-9f01-23456789abcd` of a time in milliseconds since 1970.
  static func make(at milliseconds: Int64, _ random: inout some RandomNumberGenerator) -> String {
    let time = UInt64(clamping: milliseconds) & 0xFFFF_FFFF_FFFF
    let high = time << 16 | 0x7000 | random.next() & 0x0FFF
    let low = 0x8000_0000_0000_0000 | random.next() & 0x3FFF_FFFF_FFFF_FFFF
    let digits = [high, low].flatMap { word in
      stride(from: 60, through: 0, by: -4).map { String(word >> UInt64($0) & 15, radix: 16) }
    }
    let text = digits.joined()
    var groups: [Substring] = []
    var rest = text[...]
    for count in [8, 4, 4, 4, 12] {
      groups.append(rest.prefix(count))
      rest = rest.dropFirst(count)
    }
    return groups.joined(separator: "-")
  }
}
