internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Encodings
internal import Landing
internal import Telemetry
internal import Windows

/// What a data directory holds: the commit, its partitions, its tables and their files.
public enum Inspection {
  /// For people: a few lines a table; of `table` alone also its files and columns.
  public static func text(_ snapshot: Snapshot, table: String?) throws -> String {
    if let table { return try text(snapshot.table(table)) }
    let commit = snapshot.commit
    var lines = ["commit \(commit.epoch) of \(snapshot.directory), watermark \(time(commit.watermark))"]
    lines += snapshot.skipped.map { "  fell back past a damaged commit: \($0)" }
    lines.append("partitions")
    for source in commit.sources {
      lines.append(
        "  \(source.partition)  \(source.topic)  \(source.isDone ? "done" : "at byte \(source.byteOffset)"): "
          + "\(source.received) received = \(source.accepted) accepted + \(source.duplicates) duplicates + "
          + "\(source.deadLetters) dead letters" + (source.waiting > 0 ? " + \(source.waiting) waiting" : ""))
    }
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

  private static func text(_ reader: TableReader) throws -> String {
    var lines = ["table \(reader.state.name): \(reader.rowCount) rows"]
    var columns: [String: ColumnSize] = [:]
    for (path, file) in try reader.files() {
      lines.append("  \(path): \(file.rowCount) rows in \(file.groups.count) row groups")
      measure(file, into: &columns)
    }
    lines.append("columns")
    for field in reader.state.schema.fields {
      let size = columns[field.name] ?? ColumnSize()
      lines.append(
        "  \(field.name) \(field.type): \(size.storedBytes) bytes of \(size.plainBytes), \(size.nulls) nulls")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The same for programs: one JSON object.
  public static func json(_ snapshot: Snapshot, table: String?) throws -> String {
    let commit = snapshot.commit
    let sources = commit.sources.map { source in
      object([
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
    let tables = try commit.tables.filter { table == nil || $0.name == table }.map { state in
      try json(snapshot.table(state.name))
    }
    let states = commit.operatorStates.sorted { $0.key < $1.key }.map { name, parts in
      object([
        ("name", .text(name)), ("parts", .integer(Int64(parts.count))),
        ("byte_count", .integer(Int64(parts.reduce(0) { $0 + $1.byteCount }))),
      ])
    }
    return text(
      object([
        ("epoch", .integer(Int64(commit.epoch))), ("incarnation", .integer(Int64(commit.incarnation))),
        ("watermark", commit.watermark == EventTime.distantPast ? .null : .time(commit.watermark)),
        ("sources", array(sources)), ("tables", array(tables)), ("operator_states", array(states)),
        ("skipped_commits", array(snapshot.skipped.map { .text($0) })),
      ]))
  }

  private static func json(_ reader: TableReader) throws -> OutputValue {
    var columns: [String: ColumnSize] = [:]
    for (_, file) in try reader.files() { measure(file, into: &columns) }
    let fields = reader.state.schema.fields.map { field in
      let size = columns[field.name] ?? ColumnSize()
      return object([
        ("name", .text(field.name)), ("type", .text("\(field.type)")),
        ("stored_bytes", .integer(Int64(size.storedBytes))), ("plain_bytes", .integer(Int64(size.plainBytes))),
        ("nulls", .integer(Int64(size.nulls))),
      ])
    }
    let segments = reader.state.segments.map { segment in
      object([
        ("path", .text(segment.path)), ("day", .text(EventTime.dateText(segment.dayMilliseconds))),
        ("rows", .integer(Int64(segment.rowCount))), ("byte_count", .integer(Int64(segment.byteCount))),
        ("minimum_time", segment.minimumTime.map(OutputValue.time) ?? .null),
        ("maximum_time", segment.maximumTime.map(OutputValue.time) ?? .null),
        ("level", .integer(Int64(segment.level))),
        ("deleted_rows", .integer(Int64(reader.state.deletions[segment.path]?.count ?? 0))),
      ])
    }
    return object([
      ("name", .text(reader.state.name)), ("rows", .integer(Int64(reader.rowCount))), ("segments", array(segments)),
      ("tail_bytes", .integer(Int64(reader.state.tail?.validLength ?? 0))), ("columns", array(fields)),
    ])
  }

  // MARK: - Sizes

  private struct ColumnSize {
    var storedBytes = 0
    var plainBytes = 0
    var nulls = 0
  }

  private static func measure(_ file: RowGroupFile, into columns: inout [String: ColumnSize]) {
    for group in file.groups {
      for (field, page) in zip(group.header.schema.fields, group.header.pages) {
        columns[field.name, default: ColumnSize()].storedBytes += page.storedByteCount
        columns[field.name, default: ColumnSize()].plainBytes += page.plainByteCount
        columns[field.name, default: ColumnSize()].nulls += page.nullCount
      }
    }
  }

  // MARK: - JSON

  private static func time(_ time: Int64) -> String { time == EventTime.distantPast ? "none" : EventTime.text(time) }

  private static func object(_ members: [(String, OutputValue)]) -> OutputValue {
    var line: [UInt8] = []
    RowPrinter(format: .ndjson, columns: members.map(\.0)).append(members.map(\.1), to: &line)
    return .json(Array(line.dropLast()))
  }

  private static func array(_ elements: [OutputValue]) -> OutputValue {
    var json = JSONWriter()
    json.array { json in
      for element in elements {
        var text: [UInt8] = []
        ValueText.appendJSON(element, to: &text)
        json.raw(text)
      }
    }
    return .json(json.bytes)
  }

  private static func text(_ value: OutputValue) -> String {
    var json: [UInt8] = []
    ValueText.appendJSON(value, to: &json)
    return String(decoding: json, as: UTF8.self) + "\n"
  }
}
