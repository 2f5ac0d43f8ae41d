package import TestSupport

/// Changes to an input as damage and malice make them, without looking at what is covered: for tests, where no fuzzer
/// is linked.
package enum Mutation {
  private static let telling: [UInt8] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF]

  /// `bytes` with one to eight changes; parts of `other` may get into it.
  package static func mutate(
    _ bytes: [UInt8], with other: [UInt8], maximumByteCount: Int, _ random: inout SeededRandom
  ) -> [UInt8] {
    var bytes = bytes
    for _ in 0...random.next() % 8 { change(&bytes, other, &random) }
    return Array(bytes.prefix(maximumByteCount))
  }

  private static func change(_ bytes: inout [UInt8], _ other: [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return bytes = other }
    let position = Int(random.next() % UInt64(bytes.count))
    let end = min(bytes.count, position + 1 + Int(random.next() % 16))
    switch random.next() % 9 {
    case 0: bytes[position] ^= 1 << UInt8(random.next() % 8)
    case 1: bytes[position] = random.choose(telling)
    case 2: bytes[position] = UInt8(truncatingIfNeeded: random.next())
    case 3: bytes[position] &+= random.choose([1, 255])
    case 4: bytes.removeSubrange(position..<end)
    case 5: bytes.insert(contentsOf: bytes[position..<end], at: position)
    case 6: bytes.removeSubrange(position...)
    // A length that claims everything.
    case 7: bytes.replaceSubrange(position..<end, with: [0xFF, 0xFF, 0xFF, 0xFF, 0x0F])
    default: splice(&bytes, other, at: position, &random)
    }
  }

  private static func splice(
    _ bytes: inout [UInt8], _ other: [UInt8], at position: Int, _ random: inout SeededRandom
  ) {
    guard !other.isEmpty else { return }
    let start = Int(random.next() % UInt64(other.count))
    bytes.replaceSubrange(position..., with: other[start...])
  }
}
