/// Finds small codes by the hash of what they stand for; the owner keeps what that is and compares it.
///
/// Open addressing with linear probing, at most half full: a slot holds the upper half of a hash and a code, so that a
/// probe touches one cache line and the owner's memory only where 32 bits agree. Find, insert and remove are O(1)
/// amortized; removal shifts its followers back, so that no tombstones gather.
struct HashIndex: Sendable {
  /// Tag in the upper half, code in the lower; 0 is an empty slot. The count is a power of two.
  private var slots = [UInt64](repeating: 0, count: 64)
  private(set) var count = 0

  /// The code that was inserted under `hash` and for which `matches` is true, or nil.
  @inline(__always)
  func find(_ hash: UInt64, where matches: (UInt32) -> Bool) -> UInt32? {
    let slots = slots.span
    let mask = slots.count - 1
    let tag = hash >> 32
    var slot = Int(truncatingIfNeeded: tag) & mask
    while slots[slot] != 0 {
      let code = UInt32(truncatingIfNeeded: slots[slot])
      if slots[slot] >> 32 == tag, matches(code) { return code }
      slot = (slot + 1) & mask
    }
    return nil
  }

  /// Adds `code`, which is positive and not in the table.
  mutating func insert(_ code: UInt32, hash: UInt64) {
    precondition(code != 0, "0 marks an empty slot")
    if (count + 1) * 2 > slots.count { grow() }
    count += 1
    place((hash >> 32) << 32 | UInt64(code))
  }

  /// Removes `code`, which is in the table under `hash`.
  mutating func remove(_ code: UInt32, hash: UInt64) {
    let mask = slots.count - 1
    let entry = (hash >> 32) << 32 | UInt64(code)
    var hole = Int(truncatingIfNeeded: hash >> 32) & mask
    while slots[hole] != entry {
      precondition(slots[hole] != 0, "code \(code) is not in the table")
      hole = (hole + 1) & mask
    }
    var next = (hole + 1) & mask
    while slots[next] != 0 {
      // An entry may move back to the hole unless its own place lies behind it.
      let home = Int(truncatingIfNeeded: slots[next] >> 32) & mask
      if (next - home) & mask >= (next - hole) & mask {
        slots[hole] = slots[next]
        hole = next
      }
      next = (next + 1) & mask
    }
    slots[hole] = 0
    count -= 1
  }

  private mutating func place(_ entry: UInt64) {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: entry >> 32) & mask
    while slots[slot] != 0 { slot = (slot + 1) & mask }
    slots[slot] = entry
  }

  private mutating func grow() {
    let old = slots
    slots = [UInt64](repeating: 0, count: old.count * 2)
    for entry in old where entry != 0 { place(entry) }
  }
}
