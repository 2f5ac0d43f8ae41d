internal import Checkpoints
internal import ColdStore
public import Columns

/// The table `ops_commits`: a row for each commit, of the moment at which it was written.
public enum CommitRows {
  /// Counts are of all time; `stored_bytes` and `segments` are those of all tables, this one left out.
  public static let schema = Schema([
    Field("committed_at", .time), Field("epoch", .integer), Field("incarnation", .integer),
    Field("watermark", .time), Field("received", .integer), Field("accepted", .integer),
    Field("duplicates", .integer), Field("dead_letters", .integer), Field("waiting", .integer),
    Field("segments", .integer), Field("stored_bytes", .integer), Field("state_bytes", .integer),
  ])

  public static let timeColumn = "committed_at"

  /// The row of `commit`, whose states take `stateBytes` more than those of the one before.
  static func row(_ commit: Commit, tables: [TableState], stateBytes: Int) -> Batch {
    var builder = BatchBuilder(schema)
    func sum(_ count: KeyPath<SourceState, Int64>) -> Int64 {
      commit.sources.reduce(0) { $0 + $1[keyPath: count] }
    }
    let storedBytes = tables.reduce(0) { sum, table in
      table.segments.reduce(sum + (table.tail?.validLength ?? 0)) { $0 + $1.byteCount }
    }
    let values: [Int64?] = [
      commit.committedMilliseconds, Int64(commit.epoch), Int64(commit.incarnation), commit.reachedWatermark,
      sum(\.received), sum(\.accepted), sum(\.duplicates), sum(\.deadLetters), sum(\.waiting),
      Int64(tables.reduce(0) { $0 + $1.segments.count }), Int64(storedBytes), Int64(stateBytes),
    ]
    for (column, value) in values.enumerated() { builder.append(value, to: column) }
    return builder.build()
  }
}
