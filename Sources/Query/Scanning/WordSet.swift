internal import Columns

/// Distinct words of one group, by open addressing with linear probing, at most two thirds full.
///
/// Each group has a table of its own: rows that follow each other in time are of few groups, whose tables stay in the
/// processor's caches; and a group that only one worker has met is handed over as it is.
struct WordSet {
  /// An empty slot is 0; whether the word 0 is in the set stands aside.
  private var slots: [UInt64] = []
  private var usedSlots = 0
  private var holdsZero = false

  var count: Int { usedSlots + (holdsZero ? 1 : 0) }

  /// Whether `word` is new. Amortized O(1).
  @inline(__always)
  mutating func insert(_ word: UInt64) -> Bool {
    guard word != 0 else {
      defer { holdsZero = true }
      return !holdsZero
    }
    if usedSlots * 3 >= slots.count * 2 { grow() }
    let mask = slots.count - 1
    var slot = WordSet.home(word) & mask
    while slots[slot] != 0 {
      if slots[slot] == word { return false }
      slot = (slot + 1) & mask
    }
    slots[slot] = word
    usedSlots += 1
    return true
  }

  /// Adds what `other` holds. O(its slots).
  mutating func formUnion(_ other: WordSet) {
    for word in other.slots where word != 0 { _ = insert(word) }
    if other.holdsZero { _ = insert(0) }
  }

  @inline(__always)
  private static func home(_ word: UInt64) -> Int {
    Int(truncatingIfNeeded: Hash.mix(word ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93))
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: max(8, old.count * (old.count < 1024 ? 4 : 2)))
    let mask = slots.count - 1
    for word in old where word != 0 {
      var slot = WordSet.home(word) & mask
      while slots[slot] != 0 { slot = (slot + 1) & mask }
      slots[slot] = word
    }
  }
}
