import Checkpoints
import ColdStore
import CommerceTestSupport
import Landing
import PlainReference
import Testing

extension EngineRun {
  /// The newest commit's tables.
  func tables() throws -> (commit: Commit, tables: StoredTables) {
    let log = CommitLog(directory: directory, fileSystem: LocalFileSystem())
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
