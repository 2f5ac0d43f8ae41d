/// The distinct things of a window, as 64-bit hashes: counted exactly up to a limit, by HyperLogLog beyond it.
///
/// The result is a function of the set of hashes alone: unions commute, associate and may be repeated, and whichever
/// way more than `exactLimit` hashes came together, the same sketch remains. Equal sets encode to equal bytes.
///
/// Exact hashes lie in an open-addressing table with linear probing, none at first, 8 slots from the first hash on:
/// most windows hold few. The hashes must be good ones (all bits depend on all of the input).
public struct DistinctSet: Sendable {
  public static let defaultExactLimit = 65_536

  /// The most hashes that are counted exactly; the same for all sets that meet.
  public let exactLimit: Int
  private var table = HashTable()
  /// Set once the limit has been passed; the table is empty then.
  private var sketch: HyperLogLog?

  public init(exactLimit: Int = DistinctSet.defaultExactLimit) { self.exactLimit = exactLimit }

  /// Whether `count` is an estimate.
  public var isApproximate: Bool { sketch != nil }

  /// The number of distinct hashes. O(1), or O(4,096) if approximate.
  public var count: Int { sketch?.count ?? table.count }

  /// Standard deviation of `count` relative to the truth: 0 if exact.
  public var standardError: Double { isApproximate ? HyperLogLog.standardError : 0 }

  /// Memory of the hashes or registers, in bytes.
  public var byteCount: Int { isApproximate ? HyperLogLog.registerCount : table.slots.count * 8 }

  /// Whether an exact set holds `hash`; nil if that is no longer known. O(1).
  public func contains(_ hash: UInt64) -> Bool? { isApproximate ? nil : table.contains(hash) }

  /// Adds `hash`. Amortized O(1).
  /// - Returns: whether the set is exact and did not hold it yet.
  @discardableResult
  public mutating func insert(_ hash: UInt64) -> Bool {
    if isApproximate {
      sketch?.insert(hash)
      return false
    }
    guard table.insert(hash) else { return false }
    if table.count > exactLimit { approximate() }
    return true
  }

  /// Adds what `other` holds. O(other), or O(4,096) once approximate.
  public mutating func formUnion(_ other: DistinctSet) {
    if let theirs = other.sketch {
      approximate()
      sketch?.formUnion(theirs)
    } else {
      for hash in other.table.hashes { insert(hash) }
    }
  }

  private mutating func approximate() {
    guard sketch == nil else { return }
    var sketch = HyperLogLog()
    for hash in table.hashes { sketch.insert(hash) }
    self.sketch = sketch
    table = HashTable()
  }
}

extension DistinctSet: Equatable {
  public static func == (left: DistinctSet, right: DistinctSet) -> Bool {
    left.sketch == right.sketch && left.table.count == right.table.count
      && left.table.hashes.allSatisfy { right.table.contains($0) }
  }
}

/// Why bytes are no distinct set.
public enum DistinctSetError: Error, Equatable, CustomStringConvertible {
  case unknownKind(UInt8)
  case wrongLength(Int)
  case notAscending(position: Int)
  case impossibleRegister

  public var description: String {
    switch self {
    case .unknownKind(let kind): "a distinct set of the unknown kind \(kind)"
    case .wrongLength(let length): "a distinct set cannot have \(length) bytes"
    case .notAscending(let position): "the hashes of a distinct set do not ascend at position \(position)"
    case .impossibleRegister: "a register of a distinct set holds an impossible rank"
    }
  }
}

// Layout: one byte of kind, then for kind 0 the hashes, ascending, 8 bytes each, little-endian; for kind 1 4,096
// registers.
extension DistinctSet {
  private static let exactKind: UInt8 = 0
  private static let sketchKind: UInt8 = 1

  /// The set as bytes, equal for equal sets. O(n log n).
  public func encoded() -> [UInt8] {
    if let sketch { return [DistinctSet.sketchKind] + sketch.registers }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(1 + table.count * 8)
    bytes.append(DistinctSet.exactKind)
    for hash in table.hashes.sorted() {
      for shift in stride(from: 0, to: 64, by: 8) { bytes.append(UInt8(truncatingIfNeeded: hash >> UInt64(shift))) }
    }
    return bytes
  }

  /// The set that `encoded` wrote; all bytes are checked. More hashes than `exactLimit` become a sketch. O(n).
  public init(encoded bytes: [UInt8], exactLimit: Int = DistinctSet.defaultExactLimit) throws(DistinctSetError) {
    self.init(exactLimit: exactLimit)
    switch bytes.first {
    case DistinctSet.exactKind:
      guard (bytes.count - 1) % 8 == 0 else { throw .wrongLength(bytes.count) }
      var previous: UInt64 = 0
      table.reserve(min((bytes.count - 1) / 8, exactLimit))
      for position in 0..<(bytes.count - 1) / 8 {
        var hash: UInt64 = 0
        for byte in 0..<8 { hash |= UInt64(bytes[1 + position * 8 + byte]) << UInt64(byte * 8) }
        guard position == 0 || hash > previous else { throw .notAscending(position: position) }
        insert(hash)
        previous = hash
      }
    case DistinctSet.sketchKind:
      guard bytes.count == 1 + HyperLogLog.registerCount else { throw .wrongLength(bytes.count) }
      guard let registers = HyperLogLog(registers: Array(bytes[1...])) else { throw .impossibleRegister }
      sketch = registers
    case .some(let kind):
      throw .unknownKind(kind)
    case nil:
      throw .wrongLength(0)
    }
  }
}

/// Distinct hashes by open addressing. A slot of 0 is empty; the hash 0 is kept as a flag.
private struct HashTable: Sendable {
  private(set) var slots: [UInt64] = []
  private var usedSlots = 0
  private var holdsZero = false

  var count: Int { usedSlots + (holdsZero ? 1 : 0) }

  var hashes: [UInt64] { slots.filter { $0 != 0 } + (holdsZero ? [0] : []) }

  func contains(_ hash: UInt64) -> Bool {
    if hash == 0 { return holdsZero }
    return !slots.isEmpty && slots[slot(of: hash)] == hash
  }

  /// Makes an empty table large enough for `count` hashes.
  mutating func reserve(_ count: Int) {
    guard usedSlots == 0, count > 0 else { return }
    var capacity = 8
    while capacity * 3 < (count + 1) * 4 { capacity *= 2 }
    slots = Array(repeating: 0, count: capacity)
  }

  /// Whether `hash` is new.
  mutating func insert(_ hash: UInt64) -> Bool {
    if hash == 0 {
      defer { holdsZero = true }
      return !holdsZero
    }
    if usedSlots * 4 >= slots.count * 3 { grow() }
    let slot = slot(of: hash)
    guard slots[slot] == 0 else { return false }
    slots[slot] = hash
    usedSlots += 1
    return true
  }

  /// Where `hash` is or would go. At least a quarter of the slots is empty, so the search ends.
  private func slot(of hash: UInt64) -> Int {
    let mask = slots.count - 1
    var slot = Int(truncatingIfNeeded: hash) & mask
    while slots[slot] != 0, slots[slot] != hash { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func grow() {
    let old = slots
    slots = Array(repeating: 0, count: max(8, old.count * 2))
    for hash in old where hash != 0 { slots[slot(of: hash)] = hash }
  }
}
