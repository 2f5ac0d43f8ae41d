package import Checkpoints
internal import ColdStore
internal import Commerce
package import Query
internal import Windows

extension EngineRun {
  /// The newest commit, as readers see it.
  package func snapshot() throws -> Snapshot { try Snapshot(directory: directory) }

  /// The newest commit itself; nil before the first.
  package func newestCommit() throws -> Commit? {
    try CommitLog(directory: directory, fileSystem: LocalFileSystem()).newest()?.commit
  }

  /// What `riffle export` prints of `table`.
  package func export(_ table: String, _ options: Export.Options = Export.Options()) throws -> String {
    var bytes: [UInt8] = []
    try Export.run(snapshot(), job: job, table: table, options: options) { bytes += $0 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The lines of `export`.
  package func rows(of table: String) throws -> [String] {
    try export(table).split(separator: "\n").map(String.init)
  }

  /// The values of `columns` in each row of `table` as JSON has them, without quotes and joined by spaces.
  package func cells(
    _ columns: [String], of table: String, withCompleteness: Bool = false, isRaw: Bool = false
  ) throws -> [String] {
    var options = Export.Options()
    options.withCompleteness = withCompleteness
    options.isRaw = isRaw
    return try export(table, options).split(separator: "\n").map { line in
      columns.map { column in
        guard let name = line.firstRange(of: "\"\(column)\":") else { return "no \(column) in \(line)" }
        let rest = line[name.upperBound...]
        let isText = rest.first == "\""
        return String(isText ? rest.dropFirst().prefix { $0 != "\"" } : rest.prefix { $0 != "," && $0 != "}" })
      }.joined(separator: " ")
    }
  }

  /// Every table that users see, as printed.
  package func exportAll() throws -> [String: String] {
    let tables = ["events", "sessions", "orders", "dead_letters"] + job.rollupTables.map(\.rollup.name)
    return try Dictionary(uniqueKeysWithValues: tables.map { ($0, try export($0)) })
  }

  /// What `riffle verify` finds.
  package func verify() throws -> Verification.Report { try Verification.run(snapshot(), job: job) }
}
