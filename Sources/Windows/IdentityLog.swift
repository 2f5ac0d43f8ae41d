internal import Columns
internal import Dataflow
internal import Encodings

/// The identities that a key group has learned since its last snapshot.
///
/// Identities are added and, an horizon later, forgotten, but never changed, so what is stored of them is never written
/// again: each snapshot adds a part, and parts go when all that is in them is forgotten. They are collected in their
/// stored form as they come, while the rows are in the processor's cache; the set itself is neither frozen nor copied.
struct IdentityLog {
  /// More are not collected where the whole set would be written in less: in a run that makes no checkpoints.
  static let mostCollected = 1 << 20

  /// Those of each batch, encoded: one array that grows would be copied.
  private var pieces: [[UInt8]] = []
  private var count = 0
  /// Whether what is stored, or collected, is not all: then the next snapshot is the whole set.
  private(set) var isIncomplete = false

  /// Where what is stored belongs to other key groups, too, it cannot be added to.
  init(isStored: Bool = true) { isIncomplete = !isStored }

  /// Adds `rows`, which `known` has just taken in.
  mutating func add(_ events: EventBatch, rows: SelectionVector, known: DeduplicationSet) {
    guard !isIncomplete, !rows.isEmpty else { return }
    var identities = IdentityRows(capacity: rows.count)
    for row in rows { identities.append(events.identities[Int(row)], events.firstCopy(Int(row))) }
    pieces.append(IdentityLog.encoded(identities, oldestKept: known.oldestKept))
    count += rows.count
    guard count > IdentityLog.mostCollected, 2 * count > known.count else { return }
    (pieces, count, isIncomplete) = ([], 0, true)
  }

  /// The snapshot of `known` now; the next identities are those after it.
  mutating func takeSnapshot(of known: DeduplicationSet) -> StateSnapshot {
    defer { (pieces, count, isIncomplete) = ([], 0, false) }
    let span = LogSpan(newest: known.newest, neededFrom: known.oldestKept)
    guard !isIncomplete else {
      return StateSnapshot(isWhole: true, logSpan: span) {
        var writer = ByteWriter()
        known.encode(into: &writer)
        return [writer.bytes]
      }
    }
    // The last word on what may be forgotten; all that is said by an hour without events.
    let last = IdentityLog.encoded(IdentityRows(), oldestKept: known.oldestKept)
    return StateSnapshot(isWhole: false, logSpan: span) { [pieces] in pieces + [last] }
  }

  private static func encoded(_ rows: IdentityRows, oldestKept: Int64) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(oldestKept)
    rows.encode(into: &writer)
    return writer.bytes
  }
}
