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

  /// In their stored form, those of each batch in an array of its own: one that grows would be copied.
  private var chunks: [[UInt64]] = []
  private var count = 0
  /// Whether what is stored, or collected, is not all: then the next snapshot is the whole set.
  private(set) var isIncomplete = false

  /// Where what is stored belongs to other key groups, too, it cannot be added to.
  init(isStored: Bool = true) { isIncomplete = !isStored }

  /// Adds `rows`, which `known` has just taken in.
  mutating func add(_ events: EventBatch, rows: SelectionVector, known: DeduplicationSet) {
    guard !isIncomplete, !rows.isEmpty else { return }
    var words: [UInt64] = []
    words.reserveCapacity(rows.count * DeduplicationSet.wordsPerEntry)
    for row in rows {
      DeduplicationSet.append(events.identities[Int(row)], events.firstCopy(Int(row)), to: &words)
    }
    chunks.append(words)
    count += rows.count
    guard count > IdentityLog.mostCollected, 2 * count > known.count else { return }
    (chunks, count, isIncomplete) = ([], 0, true)
  }

  /// The snapshot of `known` now; the next identities are those after it.
  mutating func takeSnapshot(of known: DeduplicationSet) -> StateSnapshot {
    defer { (chunks, count, isIncomplete) = ([], 0, false) }
    let span = LogSpan(newest: known.newest, neededFrom: known.oldestKept)
    guard !isIncomplete else {
      return StateSnapshot(isWhole: true, logSpan: span) {
        var writer = ByteWriter()
        known.encode(into: &writer)
        return writer.bytes
      }
    }
    let (chunks, count, oldestKept) = (chunks, count, known.oldestKept)
    return StateSnapshot(isWhole: false, logSpan: span) {
      var words: [UInt64] = []
      words.reserveCapacity(count * DeduplicationSet.wordsPerEntry)
      for chunk in chunks { DeduplicationSet.appendEntries(of: chunk, from: oldestKept, to: &words) }
      var writer = ByteWriter(capacity: words.count * 8 + 20)
      DeduplicationSet.encode(words, oldestKept: oldestKept, into: &writer)
      return writer.bytes
    }
  }
}
