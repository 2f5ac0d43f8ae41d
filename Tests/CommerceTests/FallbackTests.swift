import Checkpoints
import ColdStore
import Columns
import Commerce
import CommerceTestSupport
import Foundation
import Landing
import Query
import Shoppers
import TestSupport
import Testing

/// A damaged newest commit: the engine says what is damaged, goes on from the one before, and comes to the same.
@Suite struct FallbackTests {
  private let place = TemporaryDirectory()

  enum Damage: CaseIterable {
    case commit, state, segmentHeader, segmentFooter, missingSegment
  }

  private static var settings: JobSettings {
    var settings = JobSettings()
    settings.maximumBatchRecords = 20
    settings.rowGroupRows = 16
    settings.segmentBytes = 4 << 10
    return settings
  }

  private func files() throws -> [String] {
    var options = TrafficOptions()
    options.seed = 9
    options.eventCount = 500
    options.users = 20
    options.partitions = 2
    (options.duplicateRate, options.malformedRate, options.lateRate) = (0.05, 0.03, 0.05)
    var lines = [[[UInt8]]](repeating: [], count: 2)
    for line in try Traffic(options) { lines[line.partition].append(line.bytes) }
    return try place.write(lines)
  }

  /// An interrupted run, and a segment that its newest commit has more than those before.
  private func interrupted(_ paths: [String]) throws -> (run: EngineRun, commit: Commit, segment: String) {
    for seed in 1...20 as ClosedRange<UInt64> {
      let run = try EngineRun(Self.settings, in: place.file("data-\(seed)"))
      try run.simulate(paths, seed: seed, checkpointOdds: 25, steps: 300)
      let log = CommitLog(directory: run.directory, fileSystem: LocalFileSystem())
      guard let commit = try log.newest()?.commit, commit.epoch > 1 else { continue }
      let before = try log.read(commit.epoch - 1)
      let known = Set(before.tables.flatMap(\.paths))
      let new = commit.tables.flatMap(\.segments).map(\.path).filter { !known.contains($0) }
      if let segment = new.first { return (run, commit, segment) }
    }
    throw NoSuchRun()
  }

  private struct NoSuchRun: Error {}

  @Test(arguments: Damage.allCases) func theEngineGoesOnFromTheCommitBefore(_ damage: Damage) throws {
    let paths = try files()
    let undisturbed = try EngineRun(Self.settings, in: place.file("undisturbed"))
    try undisturbed.runOnDispatch(paths)
    let (run, commit, segment) = try interrupted(paths)
    let state = try #require(commit.operatorStates["merger"]?.last?.path)
    let path =
      switch damage {
      case .commit: CommitLog.fileName(commit.epoch)
      case .state: state
      case .segmentHeader, .segmentFooter, .missingSegment: segment
      }
    let file = URL(filePath: "\(run.directory)/\(path)")
    var bytes = try Data(contentsOf: file)
    switch damage {
    case .segmentHeader: bytes[3] ^= 1
    case .segmentFooter: bytes[bytes.count - 20] ^= 1
    case .commit, .state, .missingSegment: bytes[bytes.count / 2] ^= 1
    }
    try damage == .missingSegment ? FileManager.default.removeItem(at: file) : bytes.write(to: file)

    let (epoch, skipped) = try opened(run)
    #expect(epoch == commit.epoch - 1)
    #expect(skipped.count == 1 && skipped[0].contains("\(run.directory)/\(path)"), "\(skipped)")
    let reader = try run.snapshot()
    #expect(reader.commit.epoch == commit.epoch - 1 && reader.skipped.isEmpty, "the damaged one is swept")
    try run.simulate(paths, seed: 99, checkpointOdds: 30)
    let (found, expected) = (try run.exportAll(), try undisturbed.exportAll())
    for (table, rows) in expected where table != "events" { #expect(found[table] == rows, "\(table)") }
    let report = try run.verify()
    #expect(report.isGood, "\(report.text)")
  }

  /// What opening it for writing finds; it is closed again.
  private func opened(_ run: EngineRun) throws -> (epoch: UInt64?, skipped: [String]) {
    let directory = try run.open()
    return (directory.commit?.epoch, directory.skipped)
  }

  /// There is nothing older that would be good: it would be wrong to begin anew.
  @Test func ifNoCommitIsGoodTheEngineDoesNotStart() throws {
    let paths = try files()
    let run = try EngineRun(Self.settings, in: place.file("data"))
    try run.runOnDispatch(paths)
    for name in try LocalFileSystem().list("\(run.directory)/commits") {
      try Data("damage".utf8).write(to: URL(filePath: "\(run.directory)/commits/\(name)"))
    }
    // But for the lock, which says who looked.
    let before = try place.contents(of: "data").filter { $0.key != "LOCK" }
    let error = #expect(throws: (any Error).self) { try run.open() }
    #expect("\(String(describing: error))".contains("commits/commit-"))
    #expect(try place.contents(of: "data").filter { $0.key != "LOCK" } == before, "nothing is swept")
  }
}
