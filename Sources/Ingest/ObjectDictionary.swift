internal import Glibc

/// What inner objects decoded to, by their bytes: shops send the same few hundred devices, campaigns and places again
/// and again, and an object that lies here is compared instead of parsed.
///
/// Exact: an entry keeps the bytes of its object, and a parser that meets these bytes again, whatever follows them,
/// ends at the same brace with the same values. Hashes only find candidates. Objects that vary from event to event are
/// not worth the attempt: a parent whose objects are rarely known is left alone for a while. Full tables are emptied.
///
/// Used by one thread at a time, like the plan that owns it.
@safe final class ObjectDictionary {
  /// One object. `length` 0 says that the slot is free.
  struct Entry {
    var key: UInt64 = 0
    var length = 0
    var bytesOffset = 0
    var firstCell = 0
    var cellCount = 0
    /// The fields that the object has, and those that are not null; see `FieldStates`.
    var seen: UInt64 = 0
    var valid: UInt64 = 0
  }

  /// One value of an object as the bits of its cell. Those of text hold an offset, which counts from the object's begin
  /// and to which `base` times the object's position is added.
  struct Cell {
    var bits: UInt64
    var base: UInt64
    var target: Int
    var isByte: Bool
  }

  /// How often a parent's objects were known.
  private struct Use {
    var attempts = 0
    var hits = 0
    /// Objects to pass over before the next attempt.
    var rest = 0
  }

  private static let slotCount = 2048
  private static let entryLimit = slotCount / 2
  private static let cellLimit = 8 * entryLimit
  private static let byteLimit = 256 * entryLimit
  /// Attempts after which a parent is judged, and objects that it rests if fewer than half were known.
  private static let period = 4096
  private static let pause = 32 * period

  // Invariant of every use: slots are indexed below `slotCount`, of which at most `entryLimit` are taken; entries point
  // to cells below `cellLimit` and bytes below `byteLimit` that were written before them.
  private let slots: UnsafeMutablePointer<Entry>
  private let cells: UnsafeMutablePointer<Cell>
  private let bytes: UnsafeMutablePointer<UInt8>
  private let uses: UnsafeMutablePointer<Use>
  private var entryCount = 0
  private var cellCount = 0
  private var byteCount = 0

  init(parentCount: Int) {
    unsafe slots = .allocate(capacity: ObjectDictionary.slotCount)
    unsafe slots.initialize(repeating: Entry(), count: ObjectDictionary.slotCount)
    unsafe cells = .allocate(capacity: ObjectDictionary.cellLimit)
    unsafe bytes = .allocate(capacity: ObjectDictionary.byteLimit)
    unsafe uses = .allocate(capacity: parentCount)
    unsafe uses.initialize(repeating: Use(), count: parentCount)
  }

  deinit {
    unsafe slots.deallocate()
    unsafe cells.deallocate()
    unsafe bytes.deallocate()
    unsafe uses.deallocate()
  }

  /// Whether to look for the next object of `parent`.
  @inline(__always)
  func isWorthwhile(_ parent: Int) -> Bool {
    if unsafe uses[parent].rest == 0 { return true }
    unsafe uses[parent].rest -= 1
    return false
  }

  /// A key of the bytes from `start` to the first `}`, of which there is one within the arena.
  @inline(__always)
  static func key(_ start: UnsafePointer<UInt8>) -> UInt64 {
    let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15
    var raw = unsafe UnsafeRawPointer(start)
    var (first, second) = (multiplier, multiplier)
    while true {
      let block = unsafe raw.loadUnaligned(as: SIMD16<UInt8>.self)
      let stops = block .== SIMD16<UInt8>(repeating: 0x7D)
      let braces = unsafe unsafeBitCast(stops, to: SIMD2<UInt64>.self)
      let words = unsafe unsafeBitCast(block, to: SIMD2<UInt64>.self)
      if braces[0] | braces[1] != 0 {
        // Bytes behind the brace do not count. The lowest bit of the first brace's byte, less one, masks those before.
        let inFirst = braces[0] != 0
        let before = inFirst ? (braces[0] & (0 &- braces[0])) &- 1 : (braces[1] & (0 &- braces[1])) &- 1
        first = (first ^ (inFirst ? words[0] & before : words[0])) &* multiplier
        second = (second ^ (inFirst ? 0 : words[1] & before)) &* multiplier
        break
      }
      first = (first ^ words[0]) &* multiplier
      second = (second ^ words[1]) &* multiplier
      unsafe raw += 16
    }
    let product = (first ^ second >> 32).multipliedFullWidth(by: second | 1)
    return product.high ^ product.low
  }

  /// The entry of the object at `start`, behind which `limit` bytes belong to the message.
  @inline(__always)
  func find(_ key: UInt64, _ parent: Int, _ start: UnsafePointer<UInt8>, limit: Int) -> Entry? {
    unsafe uses[parent].attempts += 1
    var slot = Int(truncatingIfNeeded: key) & (ObjectDictionary.slotCount - 1)
    while true {
      let entry = unsafe slots + slot
      if unsafe entry.pointee.length == 0 { return nil }
      if unsafe entry.pointee.key == key, unsafe entry.pointee.length <= limit,
        unsafe memcmp(bytes + entry.pointee.bytesOffset, start, entry.pointee.length) == 0
      {
        unsafe uses[parent].hits += 1
        return unsafe entry.pointee
      }
      slot = (slot + 1) & (ObjectDictionary.slotCount - 1)
    }
  }

  /// The values of `entry`.
  @inline(__always)
  func cell(_ index: Int, of entry: Entry) -> Cell { unsafe cells[entry.firstCell + index] }

  /// Keeps the object of `length` bytes at `start`; the cells follow by `append`. False where it is too large.
  func insert(_ key: UInt64, _ start: UnsafePointer<UInt8>, length: Int, seen: UInt64, valid: UInt64) -> Bool {
    let needed = seen.nonzeroBitCount
    if length > ObjectDictionary.byteLimit / 64 { return false }
    if entryCount == ObjectDictionary.entryLimit || byteCount + length > ObjectDictionary.byteLimit
      || cellCount + needed > ObjectDictionary.cellLimit
    {
      removeAll()
    }
    var slot = Int(truncatingIfNeeded: key) & (ObjectDictionary.slotCount - 1)
    while unsafe slots[slot].length != 0 { slot = (slot + 1) & (ObjectDictionary.slotCount - 1) }
    unsafe (bytes + byteCount).update(from: start, count: length)
    unsafe slots[slot] = Entry(
      key: key, length: length, bytesOffset: byteCount, firstCell: cellCount, cellCount: needed, seen: seen,
      valid: valid)
    entryCount += 1
    byteCount += length
    return true
  }

  /// One more cell of the entry that was inserted last.
  func append(_ cell: Cell) {
    unsafe (cells + cellCount).initialize(to: cell)
    cellCount += 1
  }

  /// Judges `parent` by its latest objects; called after a miss, since hits alone need no judgement.
  func review(_ parent: Int) {
    guard unsafe uses[parent].attempts >= ObjectDictionary.period else { return }
    let isUseful = unsafe uses[parent].hits * 2 >= uses[parent].attempts
    unsafe uses[parent] = Use(rest: isUseful ? 0 : ObjectDictionary.pause)
  }

  private func removeAll() {
    unsafe slots.update(repeating: Entry(), count: ObjectDictionary.slotCount)
    (entryCount, cellCount, byteCount) = (0, 0, 0)
  }
}
