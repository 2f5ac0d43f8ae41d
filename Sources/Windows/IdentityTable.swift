internal import Columns

/// Identities and their first copies in pages of 1,024 slots, found by a directory over some bits of the hash:
/// extendible hashing (Fagin and others, 1979) with linear probing inside a page, at most ¾ full.
///
/// A full page loses what is too old, or splits in two: growth moves a thousand entries and never all of them, so no
/// event waits for it, and no memory is held twice. An entry takes 32 bytes, its key beside its value: mostly one cache
/// line. Find and put are O(1) amortized. Memory follows the most entries that were ever there.
///
/// `@unchecked Sendable`: whoever changes it is its only holder, as `DeduplicationSet` sees to; a shared one is only
/// read.
@safe final class IdentityTable: @unchecked Sendable {
  struct Entry: BitwiseCopyable {
    var identity = Hash128(low: 0, high: 0)
    var copy = FirstCopy(time: 0, source: 0, contentHash: 0)

    /// No identity hashes to zero.
    @inline(__always) var isEmpty: Bool { identity.low == 0 && identity.high == 0 }
  }

  /// Where an identity is, or belongs: valid until the generation changes.
  struct Slot {
    var page: UInt32
    var position: UInt32
  }

  /// `base` points at `mask + 1` entries, a power of two, of this page alone; it is full with ¾ of them, so that every
  /// search ends at an empty one.
  @safe private struct Page {
    var base: UnsafeMutablePointer<Entry>
    var mask: Int
    var count = 0
    /// The bits of the hash that all entries have in common.
    var depth: Int

    init(capacity: Int, depth: Int) {
      unsafe base = .allocate(capacity: capacity)
      unsafe base.initialize(repeating: Entry(), count: capacity)
      (mask, self.depth) = (capacity - 1, depth)
    }
  }

  private static let pageCapacity = 1024
  /// More of the directory to a page than this, and a page grows in place of being split: hashes that have their first
  /// bits in common must not make the directory large.
  private static let directoryPerPage = 64

  private var pages: [Page]
  /// The page of each value of the hash's first `depth` bits.
  private var directory: [UInt32]
  private var depth = 0
  private(set) var count = 0
  /// Counts the times when entries have moved.
  private(set) var generation = 0

  init() {
    pages = [Page(capacity: IdentityTable.pageCapacity, depth: 0)]
    directory = [0]
  }

  private init(copying other: IdentityTable) {
    (pages, directory, depth, count) = (other.pages, other.directory, other.depth, other.count)
    for index in pages.indices {
      let capacity = pages[index].mask + 1
      let copy = UnsafeMutablePointer<Entry>.allocate(capacity: capacity)
      unsafe copy.initialize(from: pages[index].base, count: capacity)
      unsafe pages[index].base = copy
    }
  }

  deinit { for page in pages { unsafe page.base.deallocate() } }

  func copied() -> IdentityTable { IdentityTable(copying: self) }

  /// Bits that the directory, from the top, and a page, from the middle, are chosen by.
  @inline(__always)
  private static func mixed(_ identity: Hash128) -> UInt64 {
    (identity.low ^ identity.high &>> 32) &* 0x9E37_79B9_7F4A_7C15
  }

  @inline(__always)
  private static func home(_ mixed: UInt64) -> Int { Int(truncatingIfNeeded: mixed &>> 16) }

  /// The slot that holds `identity`, or the empty one where it belongs; from `earlier` on, which a search for it came
  /// to in this generation.
  @inline(__always)
  func slot(of identity: Hash128, from earlier: Slot? = nil) -> Slot {
    let mixed = IdentityTable.mixed(identity)
    let index = earlier?.page ?? directory[depth == 0 ? 0 : Int(truncatingIfNeeded: mixed &>> UInt64(64 - depth))]
    let page = pages[Int(index)]
    var position = earlier.map { Int($0.position) } ?? (IdentityTable.home(mixed) & page.mask)
    while true {
      let entry = unsafe page.base[position]
      if entry.identity == identity || entry.isEmpty { return Slot(page: index, position: UInt32(position)) }
      position = (position + 1) & page.mask
    }
  }

  /// What is known of `identity`, whose slot this is; nil for nothing.
  @inline(__always)
  func copy(of identity: Hash128, at slot: Slot) -> FirstCopy? {
    let entry = unsafe pages[Int(slot.page)].base[Int(slot.position)]
    return entry.identity == identity ? entry.copy : nil
  }

  /// Puts `copy` into the slot of `identity`; where its page is full, entries before `oldestKept` go or it is split.
  @inline(__always)
  func put(_ copy: FirstCopy, for identity: Hash128, at slot: Slot, oldestKept: Int64) {
    let index = Int(slot.page)
    let entry = unsafe pages[index].base + Int(slot.position)
    if unsafe entry.pointee.isEmpty {
      guard (pages[index].count + 1) * 4 <= (pages[index].mask + 1) * 3 else {
        makeRoom(in: index, oldestKept: oldestKept)
        return put(copy, for: identity, at: self.slot(of: identity), oldestKept: oldestKept)
      }
      pages[index].count += 1
      count += 1
      unsafe entry.pointee.identity = identity
    }
    unsafe entry.pointee.copy = copy
  }

  func forEach(_ body: (Hash128, FirstCopy) -> Void) {
    for page in pages {
      for position in 0...page.mask {
        let entry = unsafe page.base[position]
        if !entry.isEmpty { body(entry.identity, entry.copy) }
      }
    }
  }

  // MARK: - Growth

  @inline(never)
  private func makeRoom(in index: Int, oldestKept: Int64) {
    generation += 1
    let old = pages[index]
    let entries = unsafe UnsafeBufferPointer(start: old.base, count: old.mask + 1)
    let live = unsafe entries.filter { !$0.isEmpty && $0.copy.time >= oldestKept }
    unsafe old.base.deallocate()
    count -= old.count
    if live.count * 2 <= entries.count {
      pages[index] = Page(capacity: old.mask + 1, depth: old.depth)
    } else if old.depth < depth || directory.count < IdentityTable.directoryPerPage * pages.count {
      split(index, old)
    } else {
      pages[index] = Page(capacity: (old.mask + 1) * 2, depth: old.depth)
    }
    for entry in live { put(entry.copy, for: entry.identity, at: slot(of: entry.identity), oldestKept: oldestKept) }
  }

  /// Makes an empty page of `index`, and one beside it for those whose next bit is set.
  private func split(_ index: Int, _ old: Page) {
    if old.depth == depth {
      directory = directory.flatMap { [$0, $0] }
      depth += 1
    }
    let next = UInt32(pages.count)
    pages[index] = Page(capacity: old.mask + 1, depth: old.depth + 1)
    pages.append(Page(capacity: old.mask + 1, depth: old.depth + 1))
    // The entries of one page stand side by side, those with the bit behind the others.
    guard let first = directory.firstIndex(of: UInt32(index)) else { return }
    let span = 1 << (depth - old.depth)
    for position in first + span / 2..<first + span { directory[position] = next }
  }
}
