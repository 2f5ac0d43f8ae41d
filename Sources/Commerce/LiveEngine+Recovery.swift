internal import Checkpoints
internal import ColdStore
internal import Landing
internal import Synchronization
internal import Telemetry

/// Writes that failed since the last commit, and how long to wait before the next attempt.
struct StorageFailures {
  private static let firstPauseMilliseconds: Int64 = 250
  private static let longestPauseMilliseconds: Int64 = 10_000

  private var count = 0
  private var epoch: UInt64 = 0
  private(set) var wereAny = false

  /// How long to wait after a failure that followed commit `epoch`: twice as long each time until there is a new one.
  mutating func pauseMilliseconds(after epoch: UInt64) -> Int64 {
    if epoch > self.epoch { count = 0 }
    self.epoch = epoch
    wereAny = true
    count += 1
    return min(StorageFailures.longestPauseMilliseconds, StorageFailures.firstPauseMilliseconds << min(count - 1, 20))
  }
}

/// What becomes of a run when the disk is full or fails.
extension LiveEngine {
  /// Gives up what was read since the newest commit and returns when that commit is read back and all else is swept, to
  /// begin anew from there. Until then nothing is read from Kafka; `status` says why.
  ///
  /// Throws `failure` if the engine is stopped before: what could not be committed is read again by the next run.
  func recover(from failure: FileError) throws {
    var failure = failure
    while true {
      let known = shared.withLock { shared in
        shared.run = nil
        shared.phase = .paused
        shared.errors["storage", default: 0] += 1
        shared.storageProblem = "the data directory takes no writes, and reading is paused: \(failure)"
        return shared.commit?.epoch ?? 0
      }
      let pause = storageFailures.pauseMilliseconds(after: known)
      log.error(
        "writing failed; reading is paused and goes on from the last commit",
        ["error": .text("\(failure)"), "epoch": .integer(Int64(known)), "pause_ms": .integer(pause)])
      rest(milliseconds: Int(pause))
      if isStopping { throw failure }
      do {
        let commit = try dataDirectory.recovered(atLeast: known, folders: job.tables.map(\.name))
        log.info("the data directory takes writes again", ["epoch": .integer(Int64(commit?.epoch ?? 0))])
        return shared.withLock { $0.commit = commit }
      } catch let error as FileError {
        failure = error
      }
    }
  }
}
