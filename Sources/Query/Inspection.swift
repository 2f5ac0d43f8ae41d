internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Landing

/// What a data directory holds: a commit, its partitions and tables; a table's files; a file's columns.
public enum Inspection {
  /// For people: of `segment` alone its row groups and columns, of `table` alone its files and columns, else of the
  /// commit a few lines a table.
  public static func text(_ snapshot: Snapshot, table: String? = nil, segment: String? = nil) throws -> String {
    if let segment { return try FileInspection(snapshot, path: segment, table: table).text }
    if let table { return try TableInspection(snapshot.table(table)).text }
    let commit = snapshot.commit
    var lines = ["commit \(commit.epoch) of \(snapshot.directory), watermark \(time(commit.watermark))"]
    lines += snapshot.skipped.map { "  fell back past a damaged commit: \($0)" }
    lines.append("partitions")
    lines += commit.sources.map(line)
    lines.append("tables")
    for state in commit.tables {
      let reader = try snapshot.table(state.name)
      lines.append(
        "  \(state.name): \(reader.rowCount) rows, \(state.segments.count) segments of "
          + "\(state.segments.reduce(0) { $0 + $1.byteCount }) bytes"
          + (state.tail.map { ", tail of \($0.validLength) bytes" } ?? ""))
    }
    lines.append("operator states")
    for (name, parts) in commit.operatorStates.sorted(by: { $0.key < $1.key }) {
      lines.append(
        "  \(name): \(parts.reduce(0) { $0 + $1.byteCount }) bytes"
          + (parts.count > 1 ? " in \(parts.count) parts" : ""))
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func line(_ source: SourceState) -> String {
    "  \(source.partition)  \(source.topic)  \(source.isDone ? "done" : "at byte \(source.byteOffset)"): "
      + "\(source.received) received = \(source.accepted) accepted + \(source.duplicates) duplicates + "
      + "\(source.deadLetters) dead letters" + (source.waiting > 0 ? " + \(source.waiting) waiting" : "")
  }

  private static func time(_ time: Int64) -> String { time == EventTime.distantPast ? "none" : EventTime.text(time) }

  /// The same for programs: one JSON object, of `segment` alone the file's, else the commit's, with all tables or with
  /// `table` alone.
  public static func json(_ snapshot: Snapshot, table: String? = nil, segment: String? = nil) throws -> String {
    if let segment { return try FileInspection(snapshot, path: segment, table: table).json.jsonText }
    let commit = snapshot.commit
    if let table { _ = try snapshot.table(table) }
    let tables = try commit.tables.filter { table == nil || $0.name == table }.map { state in
      try TableInspection(snapshot.table(state.name)).json
    }
    let states = commit.operatorStates.sorted { $0.key < $1.key }.map { name, parts in
      OutputValue.object([
        ("name", .text(name)), ("parts", .integer(Int64(parts.count))),
        ("byte_count", .integer(Int64(parts.reduce(0) { $0 + $1.byteCount }))),
      ])
    }
    return OutputValue.object([
      ("epoch", .integer(Int64(commit.epoch))), ("incarnation", .integer(Int64(commit.incarnation))),
      ("watermark", commit.watermark == EventTime.distantPast ? .null : .time(commit.watermark)),
      ("sources", .array(commit.sources.map(json))), ("tables", .array(tables)), ("operator_states", .array(states)),
      ("skipped_commits", .array(snapshot.skipped.map { .text($0) })),
    ]).jsonText
  }

  private static func json(_ source: SourceState) -> OutputValue {
    .object([
      ("topic", .text(source.topic)), ("partition", .integer(Int64(source.partition))),
      ("byte_count", .integer(source.byteCount)), ("byte_offset", .integer(source.byteOffset)),
      ("next_offset", .integer(source.nextOffset)), ("done", .boolean(source.isDone)),
      ("received", .integer(source.received)), ("accepted", .integer(source.accepted)),
      ("duplicates", .integer(source.duplicates)), ("waiting", .integer(source.waiting)),
      ("dead_letters", .integer(source.deadLetters)),
      ("id_conflicts", .integer(source.counters[SourceState.identifierConflicts] ?? 0)),
      ("decimals_rounded", .integer(source.counters[SourceState.decimalsRounded] ?? 0)),
    ])
  }
}
