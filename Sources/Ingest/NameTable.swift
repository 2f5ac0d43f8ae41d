internal import Columns
internal import Glibc

/// A fixed set of byte strings, each with a number: JSON keys and event types by their bytes.
///
/// Open addressing over the first and last words of a name, by a hash that is chosen so that most names lie in their
/// own slot. Immutable, therefore `@unchecked Sendable`.
@safe final class NameTable: @unchecked Sendable {
  /// Names are compared by two words; longer ones also byte by byte.
  fileprivate struct Slot {
    var first: UInt64 = 0
    var second: UInt64 = 0
    var length = -1
    var value: Int32 = -1
    var textOffset = 0
  }

  /// The table as it is searched, without reference counting; valid as long as the table.
  let probe: Probe
  private let texts: ByteArena

  /// A table of `names`, which are unique.
  init(_ names: [(name: [UInt8], value: Int32)]) {
    var capacity = 16
    while capacity < names.count * 4 { capacity *= 2 }
    let mask = capacity - 1
    let texts = ByteArena()
    let slots = UnsafeMutablePointer<Slot>.allocate(capacity: capacity)
    unsafe slots.initialize(repeating: Slot(), count: capacity)
    let entries = names.map { name, value -> Slot in
      let offset = texts.append(name.span)
      let (first, second) = unsafe NameTable.words(texts.base + offset, name.count)
      return Slot(first: first, second: second, length: name.count, value: value, textOffset: offset)
    }
    let multiplier = NameTable.multiplier(for: entries, mask)
    for entry in entries {
      var index = NameTable.hash(entry.first, entry.second, entry.length, multiplier) & mask
      while unsafe slots[index].length >= 0 { index = (index + 1) & mask }
      unsafe slots[index] = entry
    }
    self.texts = texts
    unsafe probe = Probe(slots: slots, texts: texts.base, mask: mask, multiplier: multiplier)
  }

  /// A multiplier under which no two entries want the same slot; the best of some where none is found.
  private static func multiplier(for entries: [Slot], _ mask: Int) -> UInt64 {
    var (best, bestCount) = (UInt64(0), -1)
    var candidate: UInt64 = 0xD6E8_FEB8_6659_FD93
    for _ in 0..<64 {
      let count = Set(entries.map { hash($0.first, $0.second, $0.length, candidate) & mask }).count
      if count > bestCount { (best, bestCount) = (candidate, count) }
      if count == entries.count { break }
      // The next one, odd again.
      candidate = Hash.mix(candidate, 0x9E37_79B9_7F4A_7C15) | 1
    }
    return best
  }

  deinit { unsafe probe.slots.deallocate() }

  @inline(__always)
  fileprivate static func hash(_ first: UInt64, _ second: UInt64, _ length: Int, _ multiplier: UInt64) -> Int {
    let word = first ^ second &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(truncatingIfNeeded: length)
    return Int(truncatingIfNeeded: (word &* multiplier) >> 40)
  }

  /// The first eight bytes and the following eight, or the last eight of a longer name; what is not there is zero.
  @inline(__always)
  fileprivate static func words(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> (UInt64, UInt64) {
    let raw = unsafe UnsafeRawPointer(bytes)
    let first = unsafe raw.loadUnaligned(as: UInt64.self)
    if length < 8 { return (first & (1 << UInt64(8 * length) - 1), 0) }
    if length > 16 { return unsafe (first, raw.loadUnaligned(fromByteOffset: length - 8, as: UInt64.self)) }
    let second = unsafe raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
    return (first, length == 16 ? second : second & (1 << UInt64(8 * (length - 8)) - 1))
  }
}

extension NameTable {
  /// The memory of a table. Invariant of every use: `slots` holds `mask + 1` entries of which at least half are empty,
  /// `texts` all the names, and the table lives.
  @safe struct Probe {
    fileprivate let slots: UnsafeMutablePointer<Slot>
    fileprivate let texts: UnsafeMutablePointer<UInt8>
    fileprivate let mask: Int
    fileprivate let multiplier: UInt64

    /// The number of the name of `length` bytes, at most 16, whose words are given; see `words`. -1 without one. O(1).
    @inline(__always)
    func value(ofWords first: UInt64, _ second: UInt64, _ length: Int) -> Int32 {
      var index = NameTable.hash(first, second, length, multiplier) & mask
      while true {
        let slot = unsafe slots + index
        if unsafe slot.pointee.length < 0 { return -1 }
        if unsafe slot.pointee.length == length, unsafe slot.pointee.first == first,
          unsafe slot.pointee.second == second
        {
          return unsafe slot.pointee.value
        }
        index = (index + 1) & mask
      }
    }

    /// The number of the name of `length` bytes at `bytes`, behind which 16 bytes are readable; -1 without one. O(1).
    @unsafe func value(of bytes: UnsafePointer<UInt8>, _ length: Int) -> Int32 {
      let (first, second) = unsafe NameTable.words(bytes, length)
      var index = NameTable.hash(first, second, length, multiplier) & mask
      while true {
        let slot = unsafe slots[index]
        if slot.length < 0 { return -1 }
        if slot.length == length, slot.first == first, slot.second == second,
          unsafe length <= 16 || memcmp(texts + slot.textOffset, bytes, length) == 0
        {
          return slot.value
        }
        index = (index + 1) & mask
      }
    }
  }
}
