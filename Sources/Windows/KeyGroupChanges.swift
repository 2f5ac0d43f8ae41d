internal import Columns
internal import Dataflow

/// What has changed in a key group's state since its last snapshot, and whether the next one can be only that.
///
/// The accepted rows stay in their shared batches; they are encoded behind the barrier, on another queue. Only what
/// would hold too much memory is encoded at once. Where the changes are about as large as the state, as in a backfill
/// of short sessions, they are dropped: the whole state is cheaper to write than they are.
struct KeyGroupChanges {
  /// Rows that may wait in their batches.
  private static let heldRows = 1 << 16
  /// So many snapshots hang together at most: each is read when the state is restored.
  private static let mostStored = 128

  private var slices: [StateChange.Slice] = []
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

  /// Remembers rows that `state` is about to take in.
  mutating func add(
    _ events: EventBatch, accepted: SelectionVector, replacing: SelectionVector, of state: KeyGroupState
  ) {
    let count = accepted.count + replacing.count
    guard count > 0, storedCount > 0, !areDropped else { return }
    slices.append(StateChange.Slice(events: events, accepted: accepted, replacing: replacing))
    heldRowCount += count
    rowCount += count
    guard heldRowCount >= KeyGroupChanges.heldRows else { return }
    if isWholeCheaper(state) {
      areDropped = true
      (slices, encoded) = ([], [])
    } else {
      encoded += StateChange(slices).encoded(StateChange.Frame(state, sealed: []))
      slices = []
    }
    heldRowCount = 0
  }

  private func isWholeCheaper(_ state: KeyGroupState) -> Bool {
    // A changed row has an identity and an event; both count in the state.
    2 * rowCount > state.rowCount || storedRowCount + 2 * rowCount > 3 * state.rowCount
  }

  /// The snapshot of `state` now; the next changes are those after it.
  mutating func takeSnapshot(of state: inout KeyGroupState) -> StateSnapshot {
    let sealed = state.sessions.takeSealed()
    defer { (slices, heldRowCount, encoded, rowCount, areDropped) = ([], 0, [], 0, false) }
    guard storedCount > 0, storedCount < KeyGroupChanges.mostStored, !areDropped, !isWholeCheaper(state) else {
      (storedCount, storedRowCount) = (1, state.rowCount)
      return state.snapshot()
    }
    storedCount += 1
    storedRowCount += 2 * rowCount
    let (slices, earlier) = (slices, encoded)
    let frame = StateChange.Frame(state, sealed: sealed)
    return StateSnapshot(isWhole: false) { earlier + StateChange(slices).encoded(frame) }
  }
}
