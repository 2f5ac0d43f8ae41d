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
/// A value: a copy shares the table until one of both changes. Entries behind the horizon go where the table would
/// otherwise grow, so memory follows the number of events in the horizon. Find and insert O(1) amortized.
public struct DeduplicationSet: Sendable {
  typealias Slot = IdentityTable.Slot

  private var table = IdentityTable()
  /// Entries before may be forgotten.
  public private(set) var oldestKept = EventTime.distantPast
  /// No entry was ever newer.
  private(set) var newest = EventTime.distantPast

  private static let empty = Hash128(low: 0, high: 0)

  public init() {}

  public var count: Int { table.count }
  /// Slots are those of before as long as this is the same.
  var generation: Int { table.generation }

  /// Entries before `time` may be forgotten from now on.
  public mutating func expire(before time: Int64) { oldestKept = max(oldestKept, time) }

  /// The copy known under `identity`, or nil.
  public func find(_ identity: Hash128) -> FirstCopy? { table.copy(of: identity, at: table.slot(of: identity)) }

  /// Remembers `copy` under `identity`, in place of what was known.
  public mutating func insert(_ copy: FirstCopy, for identity: Hash128) {
    makeOwn()
    put(copy, for: identity, at: slot(of: identity))
  }

  /// Makes the table this set's own, so that something may be put; O(entries) where it was shared.
  mutating func makeOwn() {
    if !isKnownUniquelyReferenced(&table) { table = table.copied() }
  }

  /// The slot that holds `identity`, or the empty one where it belongs. The search may go on from a slot that an
  /// earlier one came to in this generation.
  @inline(__always)
  func slot(of identity: Hash128, from earlier: Slot? = nil) -> Slot { table.slot(of: identity, from: earlier) }

  /// The copy in the slot that `slot(of: identity)` found, or nil.
  @inline(__always)
  func copy(of identity: Hash128, at slot: Slot) -> FirstCopy? { table.copy(of: identity, at: slot) }

  /// As `insert`, into the slot that `slot(of: identity)` found; the table was made this set's own.
  @inline(__always)
  mutating func put(_ copy: FirstCopy, for identity: Hash128, at slot: Slot) {
    precondition(identity != DeduplicationSet.empty, "an identity hashes to zero")
    table.put(copy, for: identity, at: slot, oldestKept: oldestKept)
    newest = max(newest, copy.time)
  }

  /// Adds the entries of `other`, in place of what was known of the same identities.
  mutating func formUnion(_ other: DeduplicationSet) {
    makeOwn()
    other.table.forEach { identity, copy in put(copy, for: identity, at: slot(of: identity)) }
  }

  // MARK: - Snapshot

  /// Writes the entries that have not expired, in no particular order.
  public func encode(into writer: inout ByteWriter) {
    var rows = IdentityRows()
    table.forEach { identity, copy in if copy.time >= oldestKept { rows.append(identity, copy) } }
    writer.write(oldestKept)
    rows.encode(into: &writer)
  }

  /// Adds the entries of one or more snapshots, in place of what was known of the same identities, and leaves out what
  /// may be forgotten.
  public mutating func restore(from bytes: [UInt8]) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    makeOwn()
    while !reader.isAtEnd {
      expire(before: try reader.readInt64())
      try IdentityRows.read(from: &reader) { identity, copy throws(CorruptionError) in
        guard identity != DeduplicationSet.empty else { throw CorruptionError("an identity is zero") }
        if copy.time >= oldestKept { put(copy, for: identity, at: slot(of: identity)) }
      }
    }
  }
}
