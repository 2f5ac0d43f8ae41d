import Checkpoints
import ColdStore
import Columns
import Commerce
import Dataflow
import Landing
import TestSupport
import Testing
import Windows

@Suite struct LandingTests {
  /// A landing with nothing before it.
  private struct Fixture {
    let place = TemporaryDirectory()
    let checkpoints = CheckpointCollector()
    let log: CommitLog
    let landing: Landing

    init() throws {
      let job = try Job(JobSettings())
      let directory = place.file("data")
      log = CommitLog(directory: directory, fileSystem: LocalFileSystem())
      let plan = StorePlan(
        directory: directory, fileSystem: LocalFileSystem(), rowGroupRows: 1000, segmentBytes: 1 << 20)
      let tables = try job.tables.map { table in
        try TableStore(
          name: table.name, schema: table.schema, timeColumn: table.timeColumn, plan: plan, continuing: nil,
          sequence: 1)
      }
      var commit = Commit(epoch: 0)
      commit.sources = [SourceState(id: 0, topic: "a", partition: 0), SourceState(id: 1, topic: "b", partition: 1)]
      landing = Landing(
        plan: job.landing, store: plan, tables: Dictionary(uniqueKeysWithValues: tables.map { ($0.name, $0) }),
        log: log,
        commit: commit, checkpoints: checkpoints
      ) { _, _ in }
    }

    func newest() throws -> Commit? { try log.newest()?.commit }

    /// Two messages were read from partition 0, one of them is a dead letter.
    func land() throws {
      var rows = BatchBuilder(try #require(try Job(JobSettings()).tables.first { $0.name == "dead_letters" }).schema)
      rows.append(Int64(0), to: 0)
      rows.append(Int64(1), to: 1)
      rows.append("malformed_json", to: 2)
      rows.append(String?.none, to: 3)
      rows.append("{", to: 4)
      try landing.process(.rows(table: TableNames.deadLetters, rows.build()), from: 0)
      var counts = SourceCounts()
      counts.received = 2
      counts.duplicates = 1
      counts.deadLetters = 1
      counts.reasons = ["malformed_json": 1]
      try landing.process(.counts(source: 0, counts), from: 0)
    }
  }

  @Test func aCommitHasStatesPositionsAndRowsOfItsEpoch() throws {
    let fixture = try Fixture()
    try fixture.land()
    #expect(try fixture.newest() == nil)
    fixture.checkpoints.put(.state(StateSnapshot([1, 2, 3])), of: "key-group-0", at: 1)
    let position = SourcePosition(source: 0, nextOffset: 2, byteOffset: 77, checksum: 5, maximumEventTime: 9)
    fixture.checkpoints.put(.position(position), of: "lane-0", at: 1)
    fixture.checkpoints.put(.state(StateSnapshot([9])), of: "key-group-0", at: 2)
    try fixture.landing.snapshot(at: 1)
    let commit = try #require(try fixture.newest())
    #expect(commit.epoch == 1)
    #expect(commit.operatorStates.keys.sorted() == ["key-group-0"])
    #expect(try fixture.log.readState(try #require(commit.operatorStates["key-group-0"])) == [[1, 2, 3]])
    let source = commit.sources[0]
    #expect(source.nextOffset == 2 && source.byteOffset == 77 && source.checksum == 5 && source.maximumEventTime == 9)
    #expect(source.received == 2 && source.duplicates == 1 && source.deadLetters == 1 && source.isConserved)
    #expect(source.reasons == ["malformed_json": 1])
    #expect(commit.sources[1].received == 0 && commit.sources[1].isConserved)
    #expect(commit.tables.first { $0.name == "dead_letters" }?.tail?.rowCount == 1)
    #expect(commit.tables.map(\.name) == commit.tables.map(\.name).sorted())
  }

  @Test func changesGoBehindTheWholeState() throws {
    let fixture = try Fixture()
    for (epoch, isWhole) in [(1, true), (2, false), (3, false), (4, true), (5, false)] as [(UInt64, Bool)] {
      let snapshot = StateSnapshot(isWhole: isWhole) { [[UInt8(epoch)]] }
      fixture.checkpoints.put(.state(snapshot), of: "key-group-0", at: epoch)
      try fixture.landing.snapshot(at: epoch)
      let parts = try #require(try fixture.newest()?.operatorStates["key-group-0"])
      let expected: [[UInt8]] = epoch < 4 ? (1...epoch).map { [UInt8($0)] } : (4...epoch).map { [UInt8($0)] }
      #expect(try fixture.log.readState(parts) == expected)
    }
  }

  /// A vertex that ended has sealed what belongs to the final commit: no commit may come between.
  @Test func noCommitFollowsTheEndOfAnOperator() throws {
    let fixture = try Fixture()
    try fixture.land()
    fixture.checkpoints.put(.state(StateSnapshot([1])), of: "key-group-0", at: 1)
    let span = LogSpan(newest: 5, neededFrom: 0)
    fixture.checkpoints.put(
      .state(StateSnapshot(isWhole: false, logSpan: span) { [[7]] }), of: "identities-0", at: 1)
    fixture.checkpoints.putFinal(.state(StateSnapshot([2])), of: "key-group-1")
    try fixture.landing.snapshot(at: 1)
    #expect(try fixture.newest() == nil)
    fixture.checkpoints.putFinal(.state(StateSnapshot([3])), of: "key-group-0")
    fixture.checkpoints.putFinal(.state(StateSnapshot(isWhole: false, logSpan: span) { [[8]] }), of: "identities-0")
    try fixture.landing.finish()
    let commit = try #require(try fixture.newest())
    #expect(commit.operatorStates.keys.sorted() == ["identities-0", "key-group-0", "key-group-1"])
    #expect(try fixture.log.readState(try #require(commit.operatorStates["identities-0"])) == [[7, 8]])
    #expect(try fixture.log.readState(try #require(commit.operatorStates["key-group-0"])) == [[3]])
    #expect(commit.sources[0].isConserved)
    #expect(commit.tables.allSatisfy { $0.tail == nil }, "the final commit cuts all tails")
    #expect(commit.tables.first { $0.name == "dead_letters" }?.segments.map(\.rowCount) == [1])
  }

  /// A lane that ended is only read to its end: commits go on.
  @Test func commitsGoOnAfterTheEndOfALane() throws {
    let fixture = try Fixture()
    fixture.checkpoints.putFinal(.position(SourcePosition(source: 1, nextOffset: 0, isDone: true)), of: "lane-1")
    for epoch in 1...5 as ClosedRange<UInt64> {
      fixture.checkpoints.put(.position(SourcePosition(source: 0, nextOffset: 2)), of: "lane-0", at: epoch)
      try fixture.landing.snapshot(at: epoch)
      #expect(try fixture.newest()?.epoch == epoch)
    }
    #expect(try fixture.newest()?.sources.map(\.isDone) == [false, true])
    #expect(try fixture.log.list() == [3, 4, 5], "older commits are swept")
  }
}
