import Checkpoints
import ColdStore
import Landing
import TestSupport
import Testing

/// Each run has a number greater than all before, also where commits of runs between cannot be read.
@Suite struct IncarnationTests {
  @Test(arguments: 0...2) func aRunIsNewerThanTheCommitsThatAreSkipped(damaged: Int) throws {
    let place = TemporaryDirectory()
    let files = LocalFileSystem()
    let log = CommitLog(directory: place.path, fileSystem: files)
    // The worst case: every commit is of a run of its own.
    for run in 1...3 as ClosedRange<UInt64> {
      try log.write(Commit(epoch: run, incarnation: run, configuration: "same"), states: [:])
    }
    for epoch in 0..<damaged {
      let path = place.file("commits/commit-00000000000\(3 - epoch)")
      try files.truncate(path, to: try files.byteCount(path) - 1)
    }
    let directory = try DataDirectory(path: place.path, configuration: "same", fileSystem: files)
    #expect(directory.commit?.epoch == UInt64(3 - damaged) && directory.skipped.count == damaged)
    #expect(directory.nextIncarnation == 4)
  }

  /// Incarnations may leap where runs have fallen back before: a commit that lost its state says how far.
  @Test func aCommitWhoseStateIsLostStillTellsItsRun() throws {
    let place = TemporaryDirectory()
    let files = LocalFileSystem()
    let log = CommitLog(directory: place.path, fileSystem: files)
    try log.write(Commit(epoch: 1, incarnation: 1, configuration: "same"), states: [:])
    try log.write(Commit(epoch: 2, incarnation: 90, configuration: "same"), states: ["merger": StateBytes([1, 2, 3])])
    try files.truncate(place.file("states/state-000000000002"), to: 2)
    let directory = try DataDirectory(path: place.path, configuration: "same", fileSystem: files)
    #expect(directory.commit?.epoch == 1 && directory.nextIncarnation == 91)
  }

  @Test func theFirstRunIsNumberOne() throws {
    let place = TemporaryDirectory()
    let directory = try DataDirectory(path: place.file("new"), configuration: "", fileSystem: LocalFileSystem())
    #expect(directory.nextIncarnation == 1)
  }
}
