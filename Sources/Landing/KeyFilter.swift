package import Columns

/// Which of a few keys a row may be of: for almost every row of another key, one bit says that it is of none.
///
/// A Bloom filter of one hash (Bloom 1970), since what it lets pass is looked up next: sixteen bits a key pass a
/// sixteenth of the others.
package struct KeyFilter {
  private static let bitsPerKey = 16
  private var words: [UInt64]
  private let mask: UInt64

  package init(_ keys: some Collection<Hash128>) {
    var bitCount = 64
    while bitCount < keys.count * KeyFilter.bitsPerKey { bitCount *= 2 }
    words = [UInt64](repeating: 0, count: bitCount / 64)
    mask = UInt64(bitCount - 1)
    for key in keys { words[Int(key.low & mask) >> 6] |= 1 << (key.low & 63) }
  }

  /// False is certain. O(1).
  package func mayContain(_ key: Hash128) -> Bool { words[Int(key.low & mask) >> 6] >> (key.low & 63) & 1 == 1 }
}
