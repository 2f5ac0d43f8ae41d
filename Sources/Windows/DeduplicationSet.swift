public import Columns
public import Encodings

/// Where an event was first seen.
public struct FirstCopy: Sendable, BitwiseCopyable, Equatable {
  public var time: Int64
  /// Half a hash of the message: enough to tell copies that differ, which is counted and changes nothing else.
  public var contentHash: UInt32
  public var source: Int32

  public init(time: Int64, source: Int32, contentHash: UInt32) {
    self.time = time
    self.contentHash = contentHash
    self.source = source
  }
}

extension EventBatch {
  /// What is remembered of `row`.
  @inline(__always)
  func firstCopy(_ row: Int) -> FirstCopy {
    FirstCopy(
      time: times[row], source: Int32(truncatingIfNeeded: sources[row]),
      contentHash: UInt32(truncatingIfNeeded: contentHashes[row]))
  }
}

/// The identities of the events of the recent past: exact within the horizon, bounded by it.
///
/// Open addressing with linear probing over separate key and value arrays, load at most ¾; identities are hashes
/// already. Entries behind the horizon are dropped when the table would otherwise grow, so memory follows the number
/// of events in the horizon. Find and insert O(1) amortized.
public struct DeduplicationSet: Sendable {
  private var keys: [Hash128]
  private var values: [FirstCopy]
  public private(set) var count = 0
  /// Entries before may be forgotten.
  public private(set) var oldestKept = EventTime.distantPast
  /// No entry was ever newer.
  private(set) var newest = EventTime.distantPast

  private static let empty = Hash128(low: 0, high: 0)

  public init(minimumCapacity: Int = 1024) {
    var capacity = 16
    while capacity * 3 < minimumCapacity * 4 { capacity *= 2 }
    keys = Array(repeating: DeduplicationSet.empty, count: capacity)
    values = Array(repeating: FirstCopy(time: 0, source: 0, contentHash: 0), count: capacity)
  }

  /// Entries before `time` may be forgotten from now on.
  public mutating func expire(before time: Int64) { oldestKept = max(oldestKept, time) }

  /// The copy known under `identity`, or nil.
  public func find(_ identity: Hash128) -> FirstCopy? {
    let slot = self.slot(of: identity)
    return keys[slot] == identity ? values[slot] : nil
  }

  /// Remembers `copy` under `identity`, in place of what was known.
  public mutating func insert(_ copy: FirstCopy, for identity: Hash128) {
    reserve(1)
    put(copy, for: identity, at: slot(of: identity))
  }

  /// Makes room for `additional` more identities, so that slots stay where they are while these are put.
  mutating func reserve(_ additional: Int) {
    if (count + additional) * 4 > keys.count * 3 { makeRoom(for: additional) }
  }

  /// The copy in the slot that `slot(of: identity)` found, or nil.
  @inline(__always)
  func copy(of identity: Hash128, at slot: Int) -> FirstCopy? { keys[slot] == identity ? values[slot] : nil }

  /// As `insert`, into the slot that `slot(of: identity)` found; room was reserved.
  @inline(__always)
  mutating func put(_ copy: FirstCopy, for identity: Hash128, at slot: Int) {
    precondition(identity != DeduplicationSet.empty, "an identity hashes to zero")
    if keys[slot] != identity {
      count += 1
      keys[slot] = identity
    }
    values[slot] = copy
    newest = max(newest, copy.time)
  }

  /// Adds the entries of `other`, in place of what was known of the same identities.
  mutating func formUnion(_ other: DeduplicationSet) {
    for slot in other.keys.indices where other.keys[slot] != DeduplicationSet.empty {
      insert(other.values[slot], for: other.keys[slot])
    }
  }

  /// The slot that holds `identity`, or the empty one where it belongs. The search may go on from a slot that an
  /// earlier one came to, if entries were only put since.
  @inline(__always)
  func slot(of identity: Hash128, from earlier: Int? = nil) -> Int {
    let keys = keys.span
    let mask = keys.count - 1
    var slot = earlier ?? Int(truncatingIfNeeded: identity.low ^ identity.high &>> 32) & mask
    while keys[slot] != identity && keys[slot] != DeduplicationSet.empty { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func makeRoom(for additional: Int) {
    let liveCount = keys.indices.reduce(0) { $0 + (isLive($1) ? 1 : 0) }
    var larger = DeduplicationSet(minimumCapacity: max(1024, liveCount * 2, liveCount + additional))
    larger.oldestKept = oldestKept
    larger.newest = newest
    for slot in keys.indices where isLive(slot) {
      larger.put(values[slot], for: keys[slot], at: larger.slot(of: keys[slot]))
    }
    self = larger
  }

  private func isLive(_ slot: Int) -> Bool {
    keys[slot] != DeduplicationSet.empty && values[slot].time >= oldestKept
  }

  // MARK: - Snapshot

  /// Writes the entries that have not expired, in no particular order.
  public func encode(into writer: inout ByteWriter) {
    var rows = IdentityRows()
    for slot in keys.indices where isLive(slot) { rows.append(keys[slot], values[slot]) }
    writer.write(oldestKept)
    rows.encode(into: &writer)
  }

  /// Adds the entries of one or more snapshots, in place of what was known of the same identities, and leaves out what
  /// may be forgotten.
  public mutating func restore(from bytes: [UInt8]) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    // For all at once: a set that grows again and again is filled as often.
    reserve(bytes.count / IdentityRows.bytesPerRow)
    while !reader.isAtEnd {
      expire(before: try reader.readInt64())
      try IdentityRows.read(from: &reader) { identity, copy throws(CorruptionError) in
        guard identity != DeduplicationSet.empty else { throw CorruptionError("an identity is zero") }
        if copy.time >= oldestKept { insert(copy, for: identity) }
      }
    }
  }
}
