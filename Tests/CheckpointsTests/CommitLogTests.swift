import Checkpoints
import ColdStore
import Columns
import Dataflow
import Encodings
import TestSupport
import Testing

@Suite struct CommitLogTests {
  let files = LocalFileSystem()
  let temporary = TemporaryDirectory()
  var directory: String { temporary.path }
  static let schema = Schema([Field("event_ts", .time), Field("user_id", .string)])

  private func batch(_ rowCount: Int) -> Batch {
    var builder = BatchBuilder(CommitLogTests.schema)
    for row in 0..<rowCount {
      builder.append(Int64(row), to: 0)
      builder.append("user \(row)", to: 1)
    }
    return builder.build()
  }

  /// Commits `count` times, each with a row group more in the tail, a segment of its own and a state.
  private func commit(_ count: Int) throws -> (CommitLog, [Commit]) {
    let log = CommitLog(directory: directory, fileSystem: files)
    try files.createDirectory(directory + "/events")
    let tail = try TailWriter(creating: directory + "/events/tail-1", fileSystem: files)
    var commits: [Commit] = []
    for epoch in 1...UInt64(count) {
      try tail.append(RowGroup.encode(table: "events", day: 0, batch(10)))
      try tail.flush()
      let file = try TailReader.open(tail.path, validLength: tail.validLength, fileSystem: files)
      let segment = try SegmentWriter.write(
        "events/segments/segment-\(epoch)", in: directory, groups: [0], of: file, timeColumn: "event_ts",
        fileSystem: files)
      var commit = Commit(
        epoch: epoch, incarnation: 3, configurationHash: 99, configuration: "gap: 30m", watermark: 5, sealedThrough: -7)
      var source = SourceState(id: 1, topic: "part-1.ndjson", partition: 2, byteCount: 1 << 40, checksum: 77)
      source.maximumEventTime = -5
      source.reasons = ["bad_json": 2, "unknown_event_type": 1]
      source.received = 12
      commit.sources = [source]
      commit.tables = [
        TableState(
          name: "events", schema: CommitLogTests.schema, segments: [segment],
          tail: TailReference(path: "events/tail-1", validLength: tail.validLength, rowCount: tail.rowCount),
          deletions: ["events/tail-1": DeletionVector([1, 5, 9])], nextSequence: 1 << 40)
      ]
      var cursor = OutboxCursor(topic: "analytics-results")
      cursor.rows = ["kpi_1m": 12, "kpi_hop": 1 << 40]
      cursor.messageCount = 99
      commit.outbox = [cursor, OutboxCursor(topic: "dead-letters")]
      commit.counters = ["windows": 12]
      commit.operatorStates = commits.last?.operatorStates ?? [:]
      // Every other commit stores only what has changed.
      let sessions = StateBytes(isWhole: epoch % 2 == 1, [1, 2, 3, UInt8(epoch)])
      commits.append(try log.write(commit, states: ["sessions": sessions, "dedup": StateBytes([])]))
    }
    return (log, commits)
  }

  @Test func anEmptyDirectoryHasNoCommit() throws {
    let newest = try CommitLog(directory: directory + "/data", fileSystem: files).newest()
    #expect(newest == nil)
  }

  @Test func theNewestCommitReadsBackAsItWas() throws {
    let (log, commits) = try commit(3)
    let newest = try #require(try log.newest())
    #expect(newest.commit == commits[2])
    #expect(newest.skipped.isEmpty)
    #expect(try log.list() == [1, 2, 3])
    #expect(try log.readState(try #require(newest.commit.operatorStates["sessions"])) == [[1, 2, 3, 3]])
    let changed = try #require(commits[1].operatorStates["sessions"])
    #expect(try log.readState(changed) == [[1, 2, 3, 1], [1, 2, 3, 2]])
  }

  enum Damage: CaseIterable { case commit, truncatedCommit, state, missingState, segment, missingSegment, tail }

  @Test(arguments: Damage.allCases)
  func recoveryFallsBackToTheCommitBeforeAndSaysWhy(damage: Damage) throws {
    let (log, commits) = try commit(3)
    func flip(_ path: String) throws {
      var bytes = try files.readAll(path)
      bytes[bytes.count - 1] ^= 1
      let file = try files.createFile(path)
      try file.append(bytes.span)
    }
    let commitPath = directory + "/commits/commit-000000000003"
    let statePath = directory + "/states/state-000000000003"
    let segmentPath = directory + "/events/segments/segment-3"
    let tailPath = directory + "/events/tail-1"
    switch damage {
    case .commit: try flip(commitPath)
    case .truncatedCommit: try files.truncate(commitPath, to: 20)
    case .state: try flip(statePath)
    case .missingState: try files.remove(statePath)
    case .segment: try flip(segmentPath)
    case .missingSegment: try files.remove(segmentPath)
    case .tail: try files.truncate(tailPath, to: try #require(commits[2].tables[0].tail).validLength - 1)
    }
    let newest = try #require(try log.newest())
    #expect(newest.commit == commits[1])
    #expect(newest.skipped.count == 1)
    #expect(newest.skipped[0].path?.hasPrefix(directory) == true)
  }

  @Test func ifNoCommitVerifiesTheErrorIsThrown() throws {
    let (log, _) = try commit(1)
    try files.truncate(directory + "/commits/commit-000000000001", to: 5)
    #expect(throws: CorruptionError.self) { try log.newest() }
  }

  @Test func everyFlippedByteAndTruncationOfACommitIsAnError() throws {
    let bytes = try commit(1).1[0].encoded()
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      #expect(throws: CorruptionError.self, "byte \(index)") { try Commit(damaged) }
      #expect(throws: CorruptionError.self, "\(index) bytes") { try Commit(Array(bytes[..<index])) }
      // A liar who also computes checksums must meet a value or an error, never a trap.
      damaged.removeLast(4)
      var writer = ByteWriter()
      writer.writeRaw(damaged.span)
      writer.write(writer.checksum())
      _ = try? Commit(writer.bytes)
    }
  }

  @Test func sweepKeepsWhatTheLastCommitsNameAndNothingElse() throws {
    let (log, commits) = try commit(5)
    for stray in ["commits/commit-000000000009.tmp", "events/tail-0", "events/segments/old.tmp", "states/state-9-x"] {
      _ = try files.createFile(directory + "/" + stray)
    }
    try log.sweep(commits[4], folders: ["events"])
    #expect(try log.list() == [3, 4, 5])
    #expect(try files.list(directory + "/commits").count == 3)
    #expect(try files.list(directory + "/events") == ["segments", "tail-1"])
    #expect(try files.list(directory + "/events/segments") == ["segment-3", "segment-4", "segment-5"])
    #expect(try files.list(directory + "/states").count == 3)
    for epoch in 3...5 as ClosedRange<UInt64> { #expect(try log.read(epoch) == commits[Int(epoch) - 1]) }
  }

  /// Ten commits hang on one whole state: when it is damaged, the newest commit with another one is still there.
  @Test func aCommitThatSharesNoStateStaysUntilThereIsANewerOne() throws {
    let log = CommitLog(directory: directory, fileSystem: files)
    var commit = Commit(epoch: 0)
    func write(_ epoch: UInt64, isWhole: Bool) throws {
      commit.epoch = epoch
      commit = try log.write(commit, states: ["sessions": StateBytes(isWhole: isWhole, [UInt8(epoch)])])
      try log.sweep(commit, folders: [])
    }
    for epoch in 1...12 as ClosedRange<UInt64> { try write(epoch, isWhole: epoch == 1 || epoch == 3) }
    #expect(try log.list() == [2, 10, 11, 12])
    try files.truncate(directory + "/states/state-000000000003", to: 0)
    let fallback = try #require(try log.newest())
    #expect(fallback.commit.epoch == 2 && fallback.skipped.count == 3)
    #expect(try log.readState(try #require(fallback.commit.operatorStates["sessions"])) == [[1], [2]])
    try write(13, isWhole: true)
    #expect(try log.list() == [11, 12, 13])
  }

  /// Every part holds its own epoch; a part is needed for `horizon` epochs.
  @Test(arguments: [3, 40, 1000] as [UInt64])
  func aLogStaysInFewParts(horizon: UInt64) throws {
    let log = CommitLog(directory: directory, fileSystem: files)
    var commit = Commit(epoch: 0)
    for epoch in 1...600 as ClosedRange<UInt64> {
      commit.epoch = epoch
      let oldest = epoch > horizon ? epoch - horizon : 0
      let span = LogSpan(newest: Int64(epoch), neededFrom: Int64(oldest))
      let bytes = [UInt8(epoch >> 8), UInt8(epoch & 0xFF)]
      commit = try log.write(
        commit, states: ["identities-0": StateBytes(isWhole: false, logSpan: span, bytes), "whole": StateBytes([1])])
      try log.sweep(commit, folders: [])
      let parts = try #require(commit.operatorStates["identities-0"])
      let stored = try log.readState(parts).joined().map(Int.init)
      let epochs = stride(from: 0, to: stored.count, by: 2).map { stored[$0] << 8 | stored[$0 + 1] }
      let first = try #require(epochs.first)
      #expect(epochs == Array(first...Int(epoch)) && first <= max(Int(oldest), 1))
      #expect(parts.count < 3 * CommitLog.mergedParts, "\(parts.count) parts at epoch \(epoch)")
    }
    #expect(try log.newest()?.commit == commit)
    #expect(try files.list(directory + "/states").count <= 3 * CommitLog.mergedParts + CommitLog.keptCommits)
  }

  @Test func sweepRemovesCommitsThatWereFallenBackFrom() throws {
    let (log, commits) = try commit(3)
    try log.sweep(commits[1], folders: ["events"])
    #expect(try log.list() == [1, 2])
    #expect(try files.list(directory + "/events/segments") == ["segment-1", "segment-2"])
  }
}
