internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Landing

/// A table's files, and its columns over all of them. Reads headers alone.
struct TableInspection {
  private let reader: TableReader
  private let files: [(path: String, file: RowGroupFile)]
  private let columns: [ColumnSummary]

  init(_ reader: TableReader) throws {
    self.reader = reader
    files = try reader.files()
    columns = ColumnSummary.summaries(reader.state.schema, of: files.flatMap(\.file.groups))
  }

  var text: String {
    let state = reader.state
    var rows = [["file", "day", "rows", "deleted", "row groups", "bytes", "from", "to"]]
    for (path, file) in files {
      let segment = state.segments.first { $0.path == path }
      rows.append([
        path, segment.map { EventTime.dateText($0.dayMilliseconds) } ?? "tail", "\(file.rowCount)",
        "\(state.deletions[path]?.count ?? 0)", "\(file.groups.count)",
        "\(segment?.byteCount ?? state.tail?.validLength ?? 0)", segment?.minimumTime.map(EventTime.text) ?? "-",
        segment?.maximumTime.map(EventTime.text) ?? "-",
      ])
    }
    let lines =
      ["table \(state.name): \(reader.rowCount) rows"] + AlignedText.lines(rows, names: [0, 1, 6, 7]) + [""]
      + AlignedText.lines([ColumnSummary.header] + columns.map(\.cells), names: ColumnSummary.names)
    return lines.joined(separator: "\n") + "\n"
  }

  var json: OutputValue {
    let state = reader.state
    let segments = state.segments.map { segment in
      OutputValue.object([
        ("path", .text(segment.path)), ("day", .text(EventTime.dateText(segment.dayMilliseconds))),
        ("rows", .integer(Int64(segment.rowCount))), ("byte_count", .integer(Int64(segment.byteCount))),
        ("row_groups", .integer(Int64(files.first { $0.path == segment.path }?.file.groups.count ?? 0))),
        ("minimum_time", segment.minimumTime.map(OutputValue.time) ?? .null),
        ("maximum_time", segment.maximumTime.map(OutputValue.time) ?? .null),
        ("level", .integer(Int64(segment.level))),
        ("deleted_rows", .integer(Int64(state.deletions[segment.path]?.count ?? 0))),
      ])
    }
    return .object([
      ("name", .text(state.name)), ("rows", .integer(Int64(reader.rowCount))), ("segments", .array(segments)),
      ("tail", state.tail.map { .text($0.path) } ?? .null),
      ("tail_bytes", .integer(Int64(state.tail?.validLength ?? 0))), ("columns", .array(columns.map(\.json))),
    ])
  }
}
