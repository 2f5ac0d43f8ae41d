internal import Dataflow

/// Whether the next snapshot of a key group's sessions is only what came in since the last one, or all of them.
///
/// Where changes are about as large as the state, as in a backfill of short sessions, they are not recorded any more:
/// the whole state is cheaper to write than they are.
struct SessionChanges {
  /// So many snapshots hang together at most: each is read when the state is restored.
  private static let mostStored = 128

  /// The snapshots that hang together, from the last whole one on, and their rows.
  private var storedCount: Int
  private var storedRowCount: Int

  /// - Parameters:
  ///   - stored: how many stored snapshots the state was restored from; zero if the next one must be whole.
  ///   - rows: the events in them, about.
  init(stored: Int = 0, rows: Int = 0) {
    storedCount = stored
    storedRowCount = rows
  }

  /// Lets `sessions` record what comes in, if there is a snapshot that it can follow.
  func begin(_ sessions: inout OpenSessions) {
    sessions.record(storedCount > 0 && storedCount < SessionChanges.mostStored)
  }

  /// Ends recording where it does not pay; to be asked when something has come in.
  func review(_ sessions: inout OpenSessions) {
    guard let rowCount = sessions.arrivals?.rowCount else { return }
    if rowCount > sessions.eventCount || storedRowCount + rowCount > 3 * sessions.eventCount { sessions.record(false) }
  }

  /// The snapshot of `sessions` now; the next changes are those after it.
  mutating func takeSnapshot(of sessions: inout OpenSessions) -> StateSnapshot {
    review(&sessions)
    let sealed = sessions.takeSealed()
    let snapshot: StateSnapshot
    if let arrivals = sessions.arrivals {
      storedCount += 1
      storedRowCount += arrivals.rowCount
      snapshot = StateSnapshot(isWhole: false) { [horizon = sessions.horizon] in
        arrivals.pieces(horizon: horizon, sealed: sealed)
      }
    } else {
      (storedCount, storedRowCount) = (1, sessions.eventCount)
      snapshot = sessions.snapshot()
    }
    begin(&sessions)
    return snapshot
  }
}
