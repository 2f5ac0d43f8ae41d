/// A hash table from values, which are elsewhere, to their numbers in the order of first sight.
///
/// Open addressing; a slot holds 32 bits of the hash and the number plus one, so that values are compared only where
/// these bits agree.
struct CodeTable {
  private var slots = [UInt64](repeating: 0, count: 1024)
  private(set) var count = 0
  /// Whether so many values shared a place that the table is slow: chance does not do that, but an attacker may.
  private(set) var isCrowded = false
  private static let longestProbe = 256

  /// The number of the value with this hash that `equals` recognizes by its number, else the next new number.
  @inline(__always)
  mutating func code(of hash: UInt64, _ equals: (Int) -> Bool) -> Int {
    let tag = hash & 0xFFFF_FFFF_0000_0000
    let mask = slots.count - 1
    var slot = CodeTable.slot(of: hash, mask)
    var probes = 0
    while slots[slot] != 0 {
      let entry = slots[slot]
      probes += 1
      if entry & 0xFFFF_FFFF_0000_0000 == tag {
        let code = Int(entry & 0xFFFF_FFFF) - 1
        if equals(code) { return code }
      }
      slot = (slot + 1) & mask
    }
    if probes > CodeTable.longestProbe { isCrowded = true }
    count += 1
    slots[slot] = tag | UInt64(count)
    if count * 2 > slots.count { grow() }
    return count - 1
  }

  private mutating func grow() {
    var grown = [UInt64](repeating: 0, count: slots.count * 2)
    for entry in slots where entry != 0 {
      var slot = CodeTable.slot(of: entry, grown.count - 1)
      while grown[slot] != 0 { slot = (slot + 1) & (grown.count - 1) }
      grown[slot] = entry
    }
    slots = grown
  }

  /// Where to look first: by the high half of the hash, which an entry still has when the table grows.
  @inline(__always)
  private static func slot(of hash: UInt64, _ mask: Int) -> Int { Int(truncatingIfNeeded: hash &>> 32) & mask }

  /// Spreads the bits of `word` over those of the answer.
  @inline(__always)
  static func mix(_ word: UInt64) -> UInt64 {
    var hash = (word ^ word &>> 32) &* 0x9E37_79B9_7F4A_7C15
    hash = (hash ^ hash &>> 29) &* 0xBF58_476D_1CE4_E5B9
    hash ^= hash &>> 32
    return hash
  }
}
