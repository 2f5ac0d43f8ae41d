import Checkpoints
import ColdStore
import Columns
import Commerce
import CommerceTestSupport
import Foundation
import Landing
import Query
import TestSupport
import Testing
import Windows

/// What is wrong is found, and the report says where.
@Suite struct VerificationTests {
  private let shop: Shop

  init() throws {
    shop = try Shop(
      JobSettings(),
      EventLine.views("a", session: "s", minutes: [0, 1, 2]) + EventLine.views("b", session: "t", minutes: [1]) + [[]])
  }

  /// The checks that fail, with what they say.
  private func failures() throws -> [String: [String]] {
    let report = try shop.run.verify()
    let failed = report.checks.filter { !$0.failures.isEmpty }
    #expect(report.isGood == failed.isEmpty)
    return Dictionary(uniqueKeysWithValues: failed.map { ($0.name, $0.failures) })
  }

  /// Writes a commit behind the newest one that differs from it by `change`.
  private func commit(_ change: (inout Commit) throws -> Void) throws {
    var commit = try #require(try shop.run.newestCommit())
    commit.epoch += 1
    try change(&commit)
    try CommitLog(directory: shop.run.directory, fileSystem: LocalFileSystem()).write(commit, states: [:])
  }

  private func index(of table: String, in commit: Commit) throws -> Int {
    try #require(commit.tables.firstIndex { $0.name == table })
  }

  /// Appends `batch` to `table` in `commit` as if it had been so.
  private func append(_ batch: Batch, to table: String, in commit: inout Commit) throws {
    let index = try index(of: table, in: commit)
    let plan = StorePlan(
      directory: shop.run.directory, fileSystem: LocalFileSystem(), rowGroupRows: 1000, segmentBytes: 1 << 20)
    let store = try TableStore(
      name: table, schema: commit.tables[index].schema, timeColumn: nil, plan: plan, continuing: commit.tables[index],
      sequence: 1_000_000)
    try store.append(batch)
    try store.flush()
    commit.tables[index] = store.state
  }

  @Test func allIsWell() throws {
    let report = try shop.run.verify()
    #expect(
      report.checks.map(\.name) == ["commits", "checksums", "conservation", "rows", "kpi_1m", "sessions", "orders"])
    let epoch = try #require(try shop.run.newestCommit()).epoch
    #expect(
      report.checks.map(\.scope) == [
        "the newest good one is \(epoch)", "5 files", "1 partitions", "3 tables", "3 windows", "2 sessions",
        "0 orders",
      ])
    #expect(report.text.split(separator: "\n").allSatisfy { $0.hasPrefix("ok      ") })
    #expect(
      report.json.hasPrefix(#"{"ok":true,"checks":[{"check":"commits","ok":true,"scope":"the newest good one is "#))
  }

  /// Any byte of any file, headers, footers and pages alike.
  @Test func aFlippedByteIsFoundWhereverItIs() throws {
    let commit = try #require(try shop.run.newestCommit())
    let paths = commit.tables.flatMap(\.paths)
    #expect(paths.count == 5)
    for path in paths {
      let file = URL(filePath: "\(shop.run.directory)/\(path)")
      let good = try Data(contentsOf: file)
      for position in stride(from: 0, to: good.count, by: max(1, good.count / 10)) {
        var bad = good
        bad[position] ^= 0x10
        try bad.write(to: file)
        // A damaged frame makes the commit none, a damaged page is found when it is read.
        do {
          let found = try failures()
          let sentences = found["commits", default: []] + found["checksums", default: []]
          #expect(sentences.contains { $0.contains(path) }, "byte \(position) of \(path): \(found)")
        } catch {
          #expect("\(error)".contains(path), "byte \(position): there is no commit left to fall back to")
        }
      }
      try good.write(to: file)
    }
    #expect(try failures().isEmpty)
  }

  @Test func aDamagedPageIsInTheReport() throws {
    let commit = try #require(try shop.run.newestCommit())
    let path = try #require(commit.tables.first { $0.name == "events" }?.segments.first?.path)
    let file = "\(shop.run.directory)/\(path)"
    let reader = try SegmentReader.open(file, fileSystem: LocalFileSystem())
    let group = try #require(reader.groups.first)
    var bytes = try Data(contentsOf: URL(filePath: file))
    bytes[group.offset + group.header.groupByteCount - 1] ^= 1
    try bytes.write(to: URL(filePath: file))
    let report = try shop.run.verify()
    #expect(!report.isGood)
    #expect(
      report.checks.map(\.name) == ["commits", "checksums", "conservation"], "what cannot be read is not compared")
    #expect(report.text.contains("\nFAILED  checksums: 5 files\n          "))
    #expect(report.checks[1].failures.count == 1 && report.checks[1].failures[0].contains(path))
    #expect(report.json.hasPrefix(#"{"ok":false,"checks":[{"check":"commits","ok":true,"#))
  }

  @Test func aChangedKPIIsFound() throws {
    try commit { commit in
      let state = commit.tables[try index(of: "kpi_1m", in: commit)]
      let reader = TableReader(state: state, directory: shop.run.directory, fileSystem: LocalFileSystem())
      var rows = BatchBuilder(state.schema)
      // The window of minute 1 is there twice: its counts double.
      try reader.forEachPiece { piece in rows.append(piece.batch, rows: [1]) }
      try append(rows.build(), to: "kpi_1m", in: &commit)
    }
    #expect(try failures() == ["kpi_1m": ["the window of 2023-11-16T12:01:00Z differs from its events"]])
  }

  @Test func aMissingWindowIsFound() throws {
    try commit { commit in
      let index = try index(of: "kpi_1m", in: commit)
      commit.tables[index].deletions[commit.tables[index].segments[0].path] = DeletionVector([2])
    }
    #expect(try failures()["kpi_1m"] == ["2 windows are stored, the events give 3"])
  }

  @Test func aRemovedEventIsFound() throws {
    try commit { commit in
      let index = try index(of: "events", in: commit)
      commit.tables[index].deletions[commit.tables[index].segments[0].path] = DeletionVector([0])
    }
    let failures = try failures()
    #expect(failures.keys.sorted() == ["kpi_1m", "rows", "sessions"])
    #expect(failures["rows"] == ["events has 3 rows, the counters say 4"])
    #expect(failures["kpi_1m"]?.first == "3 windows are stored, the events give 2")
    #expect(failures["sessions"] == ["session 1 in order differs from its events"])
  }

  @Test func aChangedSessionIsFound() throws {
    try commit { commit in
      let index = try index(of: "sessions", in: commit)
      commit.tables[index].deletions[commit.tables[index].segments[0].path] = DeletionVector([0])
    }
    #expect(try failures()["sessions"]?.first == "1 sessions are stored, the events give 2")
  }

  @Test func aMessageThatIsUnaccountedForIsFound() throws {
    try commit { $0.sources[0].received += 1 }
    let sentence =
      "part-0.ndjson: received 6, but accepted 4 + duplicates 0 + waiting 0 + dead letters 1"
    #expect(try failures() == ["conservation": [sentence]])
  }

  @Test func otherDefinitionsAreRefused() throws {
    let other = try EngineRun(Shop.settings(.tumbling(size: 1000)), in: shop.run.directory)
    let error = #expect(throws: DataDirectoryError.self) { try other.verify() }
    #expect(error?.description.contains("holds tables of other definitions") == true)
  }
}
