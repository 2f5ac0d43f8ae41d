internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Commerce
internal import CommerceTestSupport
internal import Query
internal import TestSupport
internal import Windows

/// What the engine itself writes of a few events, in the middle of its work and at the end: seeds that are accepted.
enum EngineFiles {
  /// The job whose tables and states are fuzzed.
  static let job = Result { try Job(settings) }

  private static var settings: JobSettings {
    var settings = JobSettings()
    settings.keyGroupCount = 2
    settings.maximumBatchRecords = 8
    settings.rowGroupRows = 16
    return settings
  }

  private struct Written: Sendable {
    var commits: [[UInt8]] = []
    var tails: [[UInt8]] = []
    var segments: [[UInt8]] = []
    /// Each the parts of one key group.
    var keyGroups: [[[UInt8]]] = []
    var identities: [[UInt8]] = []
    var mergers: [[UInt8]] = []
  }

  private static let written = Result { try write() }

  /// A data directory as it is before all is sealed, and what keeps it on the disk.
  private static let stored = Result { () -> (place: TemporaryDirectory, snapshot: Snapshot) in
    let place = TemporaryDirectory()
    let run = try EngineRun(settings, in: place.file("data"))
    try run.simulate(try place.write([lines(0..<30), lines(30..<60)]), seed: 5, checkpointOdds: 8, steps: 150)
    return (place, try run.snapshot())
  }

  /// For what reads tables: the newest commit of a few events.
  @Sendable static func snapshot() throws -> Snapshot { try stored.get().snapshot }

  @Sendable static func commits() throws -> [[UInt8]] {
    try written.get().commits.map { Array($0.dropFirst(Commit.magic.count).dropLast(4)) }
  }

  @Sendable static func tails() throws -> [[UInt8]] { try written.get().tails.map(RowGroupForm.tailInput) }
  @Sendable static func segments() throws -> [[UInt8]] { try written.get().segments.map(RowGroupForm.segmentInput) }
  @Sendable static func mergers() throws -> [[UInt8]] { try written.get().mergers }
  /// A whole state with its changes behind it, as they are read.
  @Sendable static func keyGroups() throws -> [[UInt8]] { try written.get().keyGroups.map { $0.flatMap { $0 } } }

  @Sendable static func identities() throws -> [[UInt8]] { try written.get().identities }

  private static func write() throws -> Written {
    let place = TemporaryDirectory()
    let run = try EngineRun(settings, in: place.file("data"))
    let paths = try place.write([lines(0..<30), lines(30..<60)])
    var written = Written()
    for steps in [60, 90, 150, .max] {
      try run.simulate(paths, seed: 5, checkpointOdds: 8, steps: steps)
      guard try run.newestCommit() != nil else { continue }
      try add(run.snapshot(), of: run, to: &written)
    }
    return written
  }

  private static func add(_ snapshot: Snapshot, of run: EngineRun, to written: inout Written) throws {
    let files = run.fileSystem
    written.commits.append(snapshot.commit.encoded())
    for table in snapshot.commit.tables {
      for segment in table.segments { written.segments.append(try files.readAll("\(run.directory)/\(segment.path)")) }
      if let tail = table.tail, tail.rowCount > 0 {
        written.tails.append(Array(try files.readAll("\(run.directory)/\(tail.path)").prefix(tail.validLength)))
      }
    }
    written.keyGroups += try snapshot.keyGroupStates()
    let log = CommitLog(directory: run.directory, fileSystem: files)
    for (name, parts) in snapshot.commit.operatorStates {
      let states = try log.readState(parts)
      if name == Merger.name { written.mergers += states.suffix(1) }
      if name.hasPrefix(KeyGroup.identitiesPrefix) { written.identities += states }
    }
  }

  /// Events of four sessions, some twice, one of them no event.
  private static func lines(_ numbers: Range<Int>) -> [[UInt8]] {
    numbers.map { number in
      let more =
        number % 3 == 0 ? #""price":12.5,"currency":"EUR","quantity":2,"order_id":"o\#(number)""# : #""page":"/p""#
      let type = number % 3 == 0 ? "purchase" : "page_view"
      return number % 17 == 0
        ? Array("{".utf8)
        : EventLine.make(
          "e\(number % 25)", type, at: EventLine.noon + Int64(number) * 20_000, session: "s\(number % 4)",
          user: "u\(number % 5)", more)
    }
  }
}
