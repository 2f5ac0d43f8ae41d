internal import Checkpoints
internal import ColdStore
internal import Landing
internal import Synchronization

/// How much room an engine wants before it goes on.
struct RoomPause {
  private static let firstByteCount = 8 << 20
  private static let greatestByteCount = 128 << 20

  /// The newest commit when the disk was full last.
  private var epoch: UInt64?
  private(set) var byteCount = RoomPause.firstByteCount

  /// The disk is full again, `epoch` being the newest commit: if nothing was committed since the last time, what there
  /// was room for is too little to get any further.
  mutating func fail(at epoch: UInt64) {
    byteCount = epoch == self.epoch ? min(2 * byteCount, RoomPause.greatestByteCount) : RoomPause.firstByteCount
    self.epoch = epoch
  }
}

extension LiveEngine {
  private static let lookMilliseconds = 1_000

  /// Waits until the disk has room again, and says so meanwhile; false if the engine is stopped before.
  ///
  /// What was written since the newest commit is removed: that alone may be enough to go on.
  func waitForRoom(_ error: FileError, _ pause: inout RoomPause) throws -> Bool {
    let commit = shared.withLock { $0.commit }
    pause.fail(at: commit?.epoch ?? 0)
    let problem = "\(error): reading pauses until \(pause.byteCount >> 20) MiB are free in \(dataDirectory.path)"
    shared.withLock { $0.problem = problem }
    onProblem(problem)
    while !isStopping {
      if try discard(since: commit), dataDirectory.hasRoom(for: pause.byteCount) {
        shared.withLock { $0.problem = nil }
        onProblem("there is room in \(dataDirectory.path) again: going on from commit \(commit?.epoch ?? 0)")
        return true
      }
      rest(milliseconds: LiveEngine.lookMilliseconds)
    }
    return false
  }

  /// False if even that needs room.
  private func discard(since commit: Commit?) throws -> Bool {
    do {
      try dataDirectory.discard(since: commit, tables: job.tables.map(\.name))
      return true
    } catch let error as FileError where error.isLackOfRoom { return false }
  }
}
