/// Identifiers for events that come without: UUIDs of version 7 (RFC 9562 §5.7), a time and 74 random bits.
enum EventIdentity {
  /// `0198c1a2-7b3c-7d4e-9f01-23456789abcd` of a time in milliseconds since 1970.
  static func make(at milliseconds: Int64, _ random: inout some RandomNumberGenerator) -> String {
    let time = UInt64(clamping: milliseconds) & 0xFFFF_FFFF_FFFF
    let high = time << 16 | 0x7000 | random.next() & 0x0FFF
    let low = 0x8000_0000_0000_0000 | random.next() & 0x3FFF_FFFF_FFFF_FFFF
    var text: [UInt8] = []
    text.reserveCapacity(36)
    for word in [high, low] {
      for shift in stride(from: UInt64(60), through: 0, by: -4) {
        switch text.count {
        case 8, 13, 18, 23: text.append(UInt8(ascii: "-"))
        default: break
        }
        let digit = UInt8(word >> shift & 15)
        text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
