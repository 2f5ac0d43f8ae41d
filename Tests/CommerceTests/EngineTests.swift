import Checkpoints
import ColdStore
import Commerce
import CommerceTestSupport
import Dataflow
import Foundation
import Landing
import PlainReference
import Shoppers
import Synchronization
import TestSupport
import Testing

/// The whole engine against the reference: whatever the traffic, the settings, the interleaving and the crashes.
@Suite struct EngineTests {
  @Test(arguments: 1...24 as ClosedRange<UInt64>)
  func finalTablesEqualTheReference(seed: UInt64) throws {
    let scenario = Scenario(seed: seed)
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    let paths = try place.write(lines)
    let run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    #expect(try run.simulate(paths, seed: seed, checkpointOdds: 400))
    let reference = Reference(lines, maximumBytes: scenario.settings.maximumMessageBytes)
    try expectFinal(run, equals: reference, lines: lines, "\(scenario)")
  }

  /// Killed at any step, as often as you like: the tables do not tell.
  @Test(arguments: 101...116 as ClosedRange<UInt64>)
  func crashesLeaveNoTrace(seed: UInt64) throws {
    var scenario = Scenario(seed: seed)
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    let paths = try place.write(lines)
    var run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    var crashes = 0
    while !(try run.simulate(
      paths, seed: seed + UInt64(crashes), checkpointOdds: 40,
      steps: crashes == 4 ? .max : scenario.choose([10, 50, 200, 600])))
    {
      crashes += 1
      // State moves with its keys: an engine may come back with other key groups and batches.
      scenario.settings.keyGroupCount = scenario.choose([1, 4, 7])
      scenario.settings.maximumBatchRecords = scenario.choose([7, 1000])
      run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    }
    let reference = Reference(lines, maximumBytes: scenario.settings.maximumMessageBytes)
    try expectFinal(run, equals: reference, lines: lines, "\(scenario), \(crashes) crashes")
  }

  /// At every commit the parts add up: windows and sessions are those of exactly the events that are stored.
  @Test(arguments: 201...206 as ClosedRange<UInt64>)
  func everyCommitIsConsistent(seed: UInt64) throws {
    var scenario = Scenario(seed: seed)
    // Small batches: there are commits before the files end.
    scenario.settings.maximumBatchRecords = min(scenario.settings.maximumBatchRecords, 50)
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    let paths = try place.write(lines)
    var run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    let events = plainEvents(lines, scenario)
    let commits = Mutex(0)
    let observer = run
    let comment = Comment(rawValue: "\(scenario)")
    run.onCommit = { commit in
      commits.withLock { $0 += 1 }
      do {
        try expectConsistent(commit, observer, events, comment)
      } catch {
        Issue.record("\(error): \(comment)")
      }
    }
    #expect(try run.simulate(paths, seed: seed, checkpointOdds: 150))
    #expect(commits.withLock { $0 } >= 2, comment)
  }

  /// Late messages judged at every commit, while their keys have open sessions and windows are live: the parts add up
  /// all along, and the end is the same.
  @Test(arguments: 401...412 as ClosedRange<UInt64>)
  func repairAlongTheWayEqualsRepairAtTheEnd(seed: UInt64) throws {
    var scenario = Scenario(seed: seed)
    scenario.settings.maximumBatchRecords = min(scenario.settings.maximumBatchRecords, 50)
    scenario.settings.repairIntervalMilliseconds = 1
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    let paths = try place.write(lines)
    let events = plainEvents(lines, scenario)
    var run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    run.repairsAlong = true
    let observer = run
    let comment = Comment(rawValue: "\(scenario)")
    run.onCommit = { commit in
      do {
        try expectConsistent(commit, observer, events, comment)
      } catch {
        Issue.record("\(error): \(comment)")
      }
    }
    #expect(try run.simulate(paths, seed: seed, checkpointOdds: 60))
    let reference = Reference(lines, maximumBytes: scenario.settings.maximumMessageBytes)
    try expectFinal(run, equals: reference, lines: lines, "\(scenario)")
  }

  /// All messages, read once: most of a test's time otherwise.
  private func plainEvents(_ lines: [[[UInt8]]], _ scenario: Scenario) -> [[PlainEvent?]] {
    let maximumBytes = scenario.settings.maximumMessageBytes
    return lines.enumerated().map { partition, lines in
      lines.enumerated().map { offset, line in
        try? PlainEvent(line, partition: partition, offset: offset, maximumBytes: maximumBytes)
      }
    }
  }

  private func expectConsistent(
    _ commit: Commit, _ run: EngineRun, _ plain: [[PlainEvent?]], _ comment: Comment
  ) throws {
    let log = CommitLog(directory: run.directory, fileSystem: LocalFileSystem())
    let tables = try StoredTables(commit, job: run.job, directory: run.directory, log: log)
    let events = try tables.events.keys.map { try #require(plain[$0.partition][$0.offset], comment) }
    expectSame(tables.windows, PlainWindow.windows(of: events), comment)
    expectSame(tables.sessions, PlainSession.sessions(of: events), comment)
    for source in commit.sources {
      #expect(source.isConserved && source.received == source.nextOffset, comment)
      #expect(source.accepted == Int64(tables.events.keys.count { $0.partition == source.id }), comment)
      #expect(source.waiting == Int64(tables.waiting.count { $0.partition == source.id }), comment)
      #expect(source.deadLetters == Int64(tables.deadLetters.keys.count { $0.partition == source.id }), comment)
    }
  }

  /// Files in two runs, the second with events for sealed windows and sessions, come to what one run comes to.
  @Test(arguments: 301...308 as ClosedRange<UInt64>)
  func twoRunsEqualOne(seed: UInt64) throws {
    var scenario = Scenario(seed: seed)
    scenario.traffic.partitions = 4
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    let paths = try place.write(lines)
    let run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    let split = scenario.choose([1, 2, 3])
    #expect(try run.simulate(Array(paths[..<split]), seed: seed, checkpointOdds: 200))
    #expect(try run.simulate(Array(paths[split...]), seed: seed + 1, checkpointOdds: 200))
    let reference = Reference(lines, maximumBytes: scenario.settings.maximumMessageBytes)
    try expectFinal(run, equals: reference, lines: lines, "\(scenario), \(split) files first")
  }

  @Test func filesThatWereReadAreSkipped() throws {
    let scenario = Scenario(seed: 400)
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    let paths = try place.write(lines)
    let run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    #expect(try run.simulate(paths, seed: 1, checkpointOdds: 200))
    let again = try Backfill(
      job: run.job, paths: paths, directory: try run.open(),
      runtime: SimulationRuntime(seed: 2)
    ) { _ in }
    #expect(!again.hasWork)
    #expect(again.inputs.count == paths.count && again.inputs.allSatisfy(\.isSkipped))
    // A file of the same name with other content is another file.
    try Data("{}\n".utf8).write(to: URL(fileURLWithPath: paths[0]))
    #expect(try run.simulate([paths[0]], seed: 3, checkpointOdds: 200))
    #expect(try run.tables().commit.sources.count == paths.count + 1)
  }

  @Test(arguments: 501...504 as ClosedRange<UInt64>)
  func dispatchComesToTheSame(seed: UInt64) throws {
    let scenario = Scenario(seed: seed)
    let place = TemporaryDirectory()
    let lines = try scenario.lines()
    let paths = try place.write(lines)
    let run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    try run.runOnDispatch(paths)
    let reference = Reference(lines, maximumBytes: scenario.settings.maximumMessageBytes)
    try expectFinal(run, equals: reference, lines: lines, "\(scenario), on Dispatch")
  }

  /// A run that has ended, and one that was given up, is gone: lanes, alignment and landing do not keep the graph.
  @Test(arguments: [100, .max]) func aDroppedRunIsGone(steps: Int) throws {
    let scenario = Scenario(seed: 402)
    let place = TemporaryDirectory()
    let paths = try place.write(scenario.lines())
    let run = try EngineRun(scenario.settings, in: "\(place.path)/data")
    weak var graph: Graph?
    do {
      let runtime = SimulationRuntime(seed: 1)
      let backfill = try Backfill(
        job: run.job, paths: paths, directory: try run.open(), runtime: runtime
      ) { _ in }
      graph = backfill.graph
      var taken = 0
      while taken < steps, case .stepped = try runtime.step(backfill.graph) { taken += 1 }
      #expect(graph != nil && taken > 50)
    }
    #expect(graph == nil)
  }
}
