internal import Columns
internal import Dataflow

/// What has changed in a key group's sessions since its last snapshot, and whether the next one can be only that.
///
/// The accepted rows stay in their shared batches; they are encoded behind the barrier, on another queue. Only what
/// would hold too much memory is encoded at once. Where the changes are about as large as the state, as in a backfill
/// of short sessions, they are dropped: the whole state is cheaper to write than they are.
struct SessionChanges {
  /// Rows that may wait in their batches.
  private static let heldRows = 1 << 16
  /// So many snapshots hang together at most: each is read when the state is restored.
  private static let mostStored = 128

  private var slices: [EventSlice] = []
  private var heldRowCount = 0
  private var encoded: [UInt8] = []
  private var rowCount = 0
  private var areDropped = false
  /// The snapshots that hang together, from the last whole one on, and their rows.
  private var storedCount: Int
  private var storedRowCount: Int

  /// - Parameters:
  ///   - stored: how many stored snapshots the state was restored from; zero if the next one must be whole.
  init(stored: Int = 0, rows: Int = 0) {
    storedCount = stored
    storedRowCount = rows
  }

  /// Remembers rows that `sessions` are about to take in.
  mutating func add(_ events: EventBatch, rows: SelectionVector, of sessions: OpenSessions) {
    guard !rows.isEmpty, storedCount > 0, !areDropped else { return }
    slices.append(EventSlice(events: events, rows: rows))
    heldRowCount += rows.count
    rowCount += rows.count
    guard heldRowCount >= SessionChanges.heldRows else { return }
    if isWholeCheaper(sessions) {
      areDropped = true
      (slices, encoded) = ([], [])
    } else {
      encoded += StateChange(slices).encoded(StateChange.Frame(sessions, sealed: []))
      slices = []
    }
    heldRowCount = 0
  }

  private func isWholeCheaper(_ sessions: OpenSessions) -> Bool {
    rowCount > sessions.eventCount || storedRowCount + rowCount > 3 * sessions.eventCount
  }

  /// The snapshot of `sessions` now; the next changes are those after it.
  mutating func takeSnapshot(of sessions: inout OpenSessions) -> StateSnapshot {
    let sealed = sessions.takeSealed()
    defer { (slices, heldRowCount, encoded, rowCount, areDropped) = ([], 0, [], 0, false) }
    guard storedCount > 0, storedCount < SessionChanges.mostStored, !areDropped, !isWholeCheaper(sessions) else {
      (storedCount, storedRowCount) = (1, sessions.eventCount)
      return sessions.snapshot()
    }
    storedCount += 1
    storedRowCount += rowCount
    let (slices, earlier) = (slices, encoded)
    let frame = StateChange.Frame(sessions, sealed: sealed)
    return StateSnapshot(isWhole: false) { earlier + StateChange(slices).encoded(frame) }
  }
}
