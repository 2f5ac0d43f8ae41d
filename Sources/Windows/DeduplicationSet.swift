public import Columns
public import Encodings

/// Where an event was first seen.
public struct FirstCopy: Sendable, BitwiseCopyable, Equatable {
  public var time: Int64
  public var source: Int32
  public var offset: Int64
  public var contentHash: UInt64

  public init(time: Int64, source: Int32, offset: Int64, contentHash: UInt64) {
    self.time = time
    self.source = source
    self.offset = offset
    self.contentHash = contentHash
  }
}

/// The identities of the events of the recent past: exact within the horizon, bounded by it.
///
/// Open addressing with linear probing over separate key and value arrays, load at most ¾; identities are hashes
/// already. Entries behind the horizon are dropped when the table would otherwise grow, so memory follows the number of
/// events in the horizon. Find and insert O(1) amortized.
public struct DeduplicationSet: Sendable {
  private var keys: [Hash128]
  private var values: [FirstCopy]
  public private(set) var count = 0
  private var oldestKept = EventTime.distantPast

  private static let empty = Hash128(low: 0, high: 0)

  public init(minimumCapacity: Int = 1024) {
    var capacity = 16
    while capacity * 3 < minimumCapacity * 4 { capacity *= 2 }
    keys = Array(repeating: DeduplicationSet.empty, count: capacity)
    values = Array(repeating: FirstCopy(time: 0, source: 0, offset: 0, contentHash: 0), count: capacity)
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
    precondition(identity != DeduplicationSet.empty, "an identity hashes to zero")
    if (count + 1) * 4 > keys.count * 3 { makeRoom() }
    let slot = self.slot(of: identity)
    if keys[slot] != identity { count += 1 }
    keys[slot] = identity
    values[slot] = copy
  }

  /// The slot that holds `identity`, or the empty one where it belongs.
  private func slot(of identity: Hash128) -> Int {
    let mask = keys.count - 1
    var slot = Int(truncatingIfNeeded: identity.low ^ identity.high &>> 32) & mask
    while keys[slot] != identity && keys[slot] != DeduplicationSet.empty { slot = (slot + 1) & mask }
    return slot
  }

  private mutating func makeRoom() {
    let live = keys.indices.filter { keys[$0] != DeduplicationSet.empty && values[$0].time >= oldestKept }
    var larger = DeduplicationSet(minimumCapacity: max(1024, live.count * 2))
    larger.oldestKept = oldestKept
    for slot in live { larger.insert(values[slot], for: keys[slot]) }
    self = larger
  }

  // MARK: - Snapshot

  /// Writes the entries that have not expired, in no particular order.
  public func encode(into writer: inout ByteWriter) {
    var words: [UInt64] = []
    words.reserveCapacity(count * 6)
    for slot in keys.indices where keys[slot] != DeduplicationSet.empty && values[slot].time >= oldestKept {
      let copy = values[slot]
      words.append(keys[slot].low)
      words.append(keys[slot].high)
      words.append(UInt64(bitPattern: copy.time))
      words.append(UInt64(UInt32(bitPattern: copy.source)))
      words.append(UInt64(bitPattern: copy.offset))
      words.append(copy.contentHash)
    }
    writer.write(oldestKept)
    writer.write(words: words)
  }

  public init(from reader: inout ByteReader) throws(CorruptionError) {
    let oldest = try reader.readInt64()
    let words = try reader.readWords()
    self.init(minimumCapacity: max(1024, words.count / 6))
    oldestKept = oldest
    for start in stride(from: 0, to: words.count - 5, by: 6) {
      let identity = Hash128(low: words[start], high: words[start + 1])
      insert(
        FirstCopy(
          time: Int64(bitPattern: words[start + 2]),
          source: Int32(truncatingIfNeeded: words[start + 3]), offset: Int64(bitPattern: words[start + 4]),
          contentHash: words[start + 5]), for: identity)
    }
  }

  /// All entries, for moving them to other key groups.
  public func forEach(_ body: (Hash128, FirstCopy) -> Void) {
    for slot in keys.indices where keys[slot] != DeduplicationSet.empty { body(keys[slot], values[slot]) }
  }
}
