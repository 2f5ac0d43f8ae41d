internal import Columns

/// Numbers pairs of a small number and a word in the order in which they are first seen: groups of groups.
///
/// Open addressing with linear probing, at most half full; a slot is 16 bytes, so a probe touches one cache line. Rows
/// are taken a thousand at a time, with room for all of them made before.
struct PairTable {
  private struct Slot: BitwiseCopyable {
    var word: UInt64
    var parent: UInt32
    /// `PairTable.none` in an empty slot.
    var number: UInt32
  }

  private static let none = UInt32.max
  private static let rowsAtOnce = 1024
  private static let empty = Slot(word: 0, parent: 0, number: none)

  private var slots: [Slot] = []
  private(set) var count = 0

  /// The numbers of the pairs of `parents` and `words`, row by row. O(rows).
  mutating func numbers(parents: [UInt32], words: [UInt64]) -> [UInt32] {
    precondition(parents.count == words.count, "a pair has two parts")
    var numbers: [UInt32] = []
    numbers.reserveCapacity(words.count)
    var last: (parent: UInt32, word: UInt64, number: UInt32)?
    for start in stride(from: 0, to: words.count, by: PairTable.rowsAtOnce) {
      makeRoom()
      for row in start..<min(start + PairTable.rowsAtOnce, words.count) {
        // Neighbours are often alike: the same minute, the same country.
        if let last, last.word == words[row], last.parent == parents[row] {
          numbers.append(last.number)
          continue
        }
        let number = insert(parents[row], words[row])
        last = (parents[row], words[row], number)
        numbers.append(number)
      }
    }
    return numbers
  }

  /// The number of one pair. Amortized O(1).
  mutating func number(parent: UInt32, word: UInt64) -> UInt32 {
    makeRoom()
    return insert(parent, word)
  }

  /// All pairs by their numbers. O(slots).
  var pairs: [(parent: UInt32, word: UInt64)] {
    var pairs = [(parent: UInt32, word: UInt64)](repeating: (0, 0), count: count)
    for slot in slots where slot.number != PairTable.none { pairs[Int(slot.number)] = (slot.parent, slot.word) }
    return pairs
  }

  /// The number of a pair, for which there is room.
  @inline(__always)
  private mutating func insert(_ parent: UInt32, _ word: UInt64) -> UInt32 {
    let mask = slots.count - 1
    var index = PairTable.home(parent, word)
    while true {
      index &= mask
      let slot = slots[index]
      if slot.word == word, slot.parent == parent, slot.number != PairTable.none { return slot.number }
      if slot.number == PairTable.none {
        slots[index] = Slot(word: word, parent: parent, number: UInt32(count))
        count += 1
        return UInt32(count - 1)
      }
      index &+= 1
    }
  }

  @inline(__always)
  private static func home(_ parent: UInt32, _ word: UInt64) -> Int {
    Int(truncatingIfNeeded: Hash.mix(word ^ 0x9E37_79B9_7F4A_7C15, UInt64(parent) ^ 0xD6E8_FEB8_6659_FD93))
  }

  /// Room for as many pairs as are taken at once.
  private mutating func makeRoom() {
    guard (count + PairTable.rowsAtOnce) * 2 > slots.count else { return }
    var capacity = max(slots.count, 2 * PairTable.rowsAtOnce)
    while (count + PairTable.rowsAtOnce) * 2 > capacity { capacity *= 2 }
    let old = slots
    slots = [Slot](repeating: PairTable.empty, count: capacity)
    let mask = capacity - 1
    for slot in old where slot.number != PairTable.none {
      var index = PairTable.home(slot.parent, slot.word)
      while slots[index & mask].number != PairTable.none { index &+= 1 }
      slots[index & mask] = slot
    }
  }
}
