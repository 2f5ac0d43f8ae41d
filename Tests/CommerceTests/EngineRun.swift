import Checkpoints
import ColdStore
import Columns
import Commerce
import Dataflow
import Foundation
import Landing
import Testing

/// Runs a backfill on a data directory, in simulation or for real, and reads what it left.
struct EngineRun {
  let job: Job
  let directory: String
  /// Called with each commit while it is the newest.
  var onCommit: @Sendable (Commit) -> Void = { _ in }

  init(_ settings: JobSettings, in directory: String) throws {
    job = try Job(settings)
    self.directory = directory
  }

  func open() throws -> DataDirectory {
    try DataDirectory(path: directory, configuration: job.landing.configuration, fileSystem: LocalFileSystem())
  }

  private func backfill(_ paths: [String], _ data: DataDirectory, _ runtime: any Runtime) throws -> Backfill {
    try Backfill(
      job: job, paths: paths, directory: data, fileSystem: LocalFileSystem(), runtime: runtime, onCommit: onCommit)
  }

  /// Steps a run until it ends, or until `steps` steps are made; everything in memory is gone then, as after a crash.
  ///
  /// - Parameter checkpointOdds: about how many steps lie between two requests for a checkpoint.
  /// - Returns: whether the run has ended.
  func simulate(_ paths: [String], seed: UInt64, checkpointOdds: UInt64, steps: Int = .max) throws -> Bool {
    let data = try open()
    let runtime = SimulationRuntime(seed: seed)
    let backfill = try backfill(paths, data, runtime)
    var random = SeededRandom(seed: seed)
    // Bounded: asked for more often than barriers get through, checkpoints would be all that sources do.
    var checkpoints = 0
    for _ in 0..<steps {
      if checkpoints < 20, random.next() % checkpointOdds == 0 {
        checkpoints += 1
        backfill.checkpoint()
      }
      switch try runtime.step(backfill.graph) {
      case .stepped: continue
      case .finished: return true
      case .stuck:
        Issue.record("stuck: nothing can run and not everything has ended")
        return true
      }
    }
    return false
  }

  func runOnDispatch(_ paths: [String]) throws {
    let data = try open()
    let runtime = DispatchRuntime()
    let backfill = try backfill(paths, data, runtime)
    backfill.graph.wakeAll()
    while !(try runtime.wait(timeoutMilliseconds: 100)) { backfill.checkpoint() }
  }

  /// The newest commit's tables.
  func tables() throws -> (commit: Commit, tables: StoredTables) {
    let log = try CommitLog(directory: directory, fileSystem: LocalFileSystem())
    guard let newest = try log.newest() else { throw DataDirectoryError("nothing was committed") }
    return (newest.commit, try StoredTables(newest.commit, job: job, directory: directory, log: log))
  }
}

/// Requires that `run` has left exactly what `reference` says.
func expectFinal(
  _ run: EngineRun, equals reference: Reference, lines: [[[UInt8]]], _ comment: @autoclosure () -> String
) throws {
  let (commit, tables) = try run.tables()
  let comment = Comment(rawValue: comment())
  #expect(
    tables.events == Dictionary(uniqueKeysWithValues: reference.accepted.map { ($0.position, $0.identifier) }), comment)
  #expect(tables.doubledEvents == 0 && tables.waiting.isEmpty, comment)
  #expect(tables.deadLetters == reference.deadLetters, comment)
  for (position, raw) in tables.rawLetters { #expect(raw == lines[position.partition][position.offset], comment) }
  expectSame(tables.windows, PlainWindow.windows(of: reference.accepted), comment)
  expectSame(tables.sessions, PlainSession.sessions(of: reference.accepted), comment)
  for (partition, count) in reference.received.enumerated() {
    let source = commit.sources[partition]
    #expect(source.isDone && source.isConserved && source.received == Int64(count) && source.waiting == 0, comment)
    #expect(source.accepted == Int64(reference.accepted.count { $0.partition == partition }), comment)
    #expect(source.duplicates == Int64(reference.duplicates.count { $0.partition == partition }), comment)
    #expect(source.deadLetters == Int64(reference.deadLetters.keys.count { $0.partition == partition }), comment)
  }
  let reasons = commit.sources.reduce(into: [:]) { $0.merge($1.reasons, uniquingKeysWith: +) }
  #expect(reasons == reference.reasons.mapValues(Int64.init), comment)
}

/// As `==`, but names the first difference only.
func expectSame<Row: Equatable>(_ found: [Row], _ expected: [Row], _ comment: Comment) {
  #expect(found.count == expected.count, comment)
  if let difference = zip(found, expected).first(where: { $0 != $1 }) {
    Issue.record("found \(difference.0)\nexpected \(difference.1)\n\(comment)")
  }
}
