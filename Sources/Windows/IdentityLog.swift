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

  private var words: [UInt64] = []
  /// Whether what is stored, or collected, is not all: then the next snapshot is the whole set.
  private(set) var isIncomplete = false

  /// Where what is stored belongs to other key groups, too, it cannot be added to.
  init(isStored: Bool = true) { isIncomplete = !isStored }

  private var count: Int { words.count / DeduplicationSet.wordsPerEntry }

  /// Adds `rows`, which `known` has just taken in.
  mutating func add(_ events: EventBatch, rows: SelectionVector, known: DeduplicationSet) {
    guard !isIncomplete, !rows.isEmpty else { return }
    for row in rows {
      DeduplicationSet.append(events.identities[Int(row)], events.firstCopy(Int(row)), to: &words)
    }
    guard count > IdentityLog.mostCollected, 2 * count > known.count else { return }
    (words, isIncomplete) = ([], true)
  }

  /// The snapshot of `known` now; the next identities are those after it.
  mutating func takeSnapshot(of known: DeduplicationSet) -> StateSnapshot {
    defer { (words, isIncomplete) = ([], false) }
    let span = LogSpan(newest: known.newest, neededFrom: known.oldestKept)
    guard !isIncomplete else {
      return StateSnapshot(isWhole: true, logSpan: span) {
        var writer = ByteWriter()
        known.encode(into: &writer)
        return writer.bytes
      }
    }
    let words = words
    let oldestKept = known.oldestKept
    return StateSnapshot(isWhole: false, logSpan: span) {
      var writer = ByteWriter(capacity: words.count * 8 + 20)
      DeduplicationSet.encode(words, oldestKept: oldestKept, into: &writer)
      return writer.bytes
    }
  }
}
