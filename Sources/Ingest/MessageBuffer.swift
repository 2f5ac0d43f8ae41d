internal import Columns

/// Messages that a lane has read and not yet sent on: their bytes one behind the other, where each lies, and when the
/// broker got it.
///
/// Its memory is filled again and again, since what the engine keeps of a batch is copied out of it: fresh memory costs
/// a page fault for every 4 KiB, which was a twentieth of a full run's time.
struct MessageBuffer {
  /// Room for the first messages.
  private static let leastBytes = 64 << 10

  /// Nil before the first message: most looks at a quiet partition find nothing, and make nothing.
  private(set) var arena: ByteArena?
  private(set) var messages: [MessageRange] = []
  private(set) var arrivals: [Int64] = []

  var count: Int { messages.count }
  var byteCount: Int { arena?.count ?? 0 }

  /// - Parameter payload: nil for a message that has none.
  mutating func append(_ payload: Span<UInt8>?, offset: Int64, arrival: Int64) {
    let arena = arena ?? ByteArena(capacity: MessageBuffer.leastBytes)
    self.arena = arena
    let start = arena.count
    if let payload { arena.append(payload) }
    messages.append(MessageRange(offset: UInt32(start), length: Int32(arena.count - start), logOffset: offset))
    arrivals.append(arrival)
  }

  /// Forgets the messages and keeps the memory; that of the bytes only where nobody else holds it, and not more than
  /// `limit`.
  mutating func removeAll(keeping limit: Int) {
    messages.removeAll(keepingCapacity: true)
    arrivals.removeAll(keepingCapacity: true)
    if isKnownUniquelyReferenced(&arena), arena?.capacity ?? 0 <= limit {
      arena?.truncate(to: 0)
    } else {
      arena = nil
    }
  }
}
