import ColdStore
import Columns
import TestSupport
import Testing

@testable import Checkpoints

@Suite struct CommitHistoryTests {
  let files = LocalFileSystem()
  let temporary = TemporaryDirectory()

  /// Writes commits at `seconds`, each swept as the engine does it, and returns the epochs that are left.
  private func epochs(after seconds: [Int64], retention: Int64, step: Int64) throws -> (CommitLog, [UInt64]) {
    let history = CommitHistory(retentionMilliseconds: retention * 1000, stepMilliseconds: step * 1000)
    let log = CommitLog(directory: temporary.path, fileSystem: files, history: history)
    for (index, second) in seconds.enumerated() {
      var commit = Commit(epoch: UInt64(index + 1))
      commit.committedMilliseconds = second * 1000
      try log.write(commit, states: [:])
      try log.sweep(commit, folders: [])
    }
    return (log, try log.list())
  }

  @Test func ofEachSpanTheLastCommitStays() throws {
    let (_, epochs) = try epochs(after: Array(stride(from: 5, through: 200, by: 5)), retention: 100, step: 30)
    // 5, 10, … 200 s are epochs 1, 2, … 40: the last of 60 to 90, of 90 to 120 and so on, and the newest three.
    #expect(epochs == [17, 23, 29, 35, 38, 39, 40])
  }

  @Test func withoutRetentionTheNewestFewStay() throws {
    let (log, epochs) = try epochs(after: [1, 2, 3, 4, 5, 6], retention: 0, step: 1)
    #expect(epochs == [4, 5, 6])
    #expect(log.time(of: 5) == 5000 && log.time(of: 1) == nil)
  }

  @Test func aTimeStandsForTheNewestCommitOfThen() throws {
    let (log, epochs) = try epochs(after: [10, 20, 30, 40, 50], retention: 1000, step: 1)
    #expect(epochs == [1, 2, 3, 4, 5])
    #expect(try [9999, 10_000, 29_999, 30_000, 1 << 40].map(log.epoch(asOf:)) == [nil, 1, 2, 3, 5])
    #expect(try log.epoch(asOf: .min) == nil && log.epoch(asOf: .max) == 5)
  }

  /// A clock that was set back leaves commits whose times do not ascend: the newest of them that is not later counts.
  @Test func aClockThatGoesBackDoesNoHarm() throws {
    let (log, _) = try epochs(after: [50, 60, 20, 30], retention: 1000, step: 1)
    #expect(try log.epoch(asOf: 35_000) == 4 && log.epoch(asOf: 55_000) == 4 && log.epoch(asOf: 25_000) == 3)
  }

  /// Whatever commits there were: each time of the retention is answered as of then, to the step.
  @Test func everyTimeOfTheRetentionHasItsCommit() throws {
    for seed in UInt64(1)...30 {
      var random = SeededRandom(seed: seed)
      let place = TemporaryDirectory()
      let step = Int64(1 + random.next() % 9)
      let retention = Int64(10 + random.next() % 60)
      let history = CommitHistory(retentionMilliseconds: retention, stepMilliseconds: step)
      let log = CommitLog(directory: place.path, fileSystem: files, history: history)
      var (now, times) = (Int64(1), [Int64]())
      for epoch in UInt64(1)...60 {
        now += Int64(random.next() % 5)
        times.append(now)
        var commit = Commit(epoch: epoch)
        commit.committedMilliseconds = now
        try log.write(commit, states: [:])
        try log.sweep(commit, folders: [])
        let asked = max(times[0], now - Int64(random.next() % UInt64(retention)))
        let found = try log.epoch(asOf: asked).map { Int($0) - 1 }
        // The right one, or the last of the span before, where others of its own span followed.
        let right = times.lastIndex { $0 <= asked }
        let before = times.lastIndex { $0 < asked - asked % step }
        #expect([right, before].contains(found), "seed \(seed), epoch \(epoch)")
        #expect(try log.list().count <= Int(retention / step) + 6, "seed \(seed)")
      }
    }
  }
}
