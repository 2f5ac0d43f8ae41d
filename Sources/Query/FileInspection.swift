internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Encodings
internal import Landing

/// One file of a table: its row groups, and its columns. Reads headers alone.
struct FileInspection {
  private let table: String
  private let path: String
  private let file: RowGroupFile
  private let deletedRows: Int
  private let columns: [ColumnSummary]

  /// - Parameters:
  ///   - path: as the commit names it, a segment or a tail.
  ///   - table: whose files are searched; those of all tables where nil.
  init(_ snapshot: Snapshot, path: String, table: String?) throws {
    let states = try table.map { [try snapshot.table($0).state] } ?? snapshot.commit.tables
    guard let state = states.first(where: { $0.paths.contains(path) }) else {
      throw DataDirectoryError(
        "\(snapshot.directory) has no file '\(path)' in \(table.map { "table \($0)" } ?? "any table") of commit "
          + "\(snapshot.commit.epoch): 'riffle inspect --table NAME' lists them")
    }
    let found = try snapshot.table(state.name).files().first { $0.path == path }
    guard let file = found?.file else { throw CorruptionError("the file is gone", path: path) }
    self.table = state.name
    self.path = path
    self.file = file
    deletedRows = state.deletions[path]?.count ?? 0
    columns = ColumnSummary.summaries(file.schema, of: file.groups)
  }

  var text: String {
    var rows = [["row group", "at byte", "bytes", "day", "rows", "sequence"]]
    for (index, group) in file.groups.enumerated() {
      rows.append([
        "\(index)", "\(group.offset)", "\(group.header.groupByteCount)", EventTime.dateText(group.header.day),
        "\(group.header.rowCount)", "\(group.header.sequence.lowerBound)..<\(group.header.sequence.upperBound)",
      ])
    }
    let lines =
      ["file \(path) of table \(table): \(file.rowCount) rows, \(deletedRows) of them deleted"]
      + AlignedText.lines(rows, names: [3, 5]) + [""]
      + AlignedText.lines([ColumnSummary.header] + columns.map(\.cells), names: ColumnSummary.names)
    return lines.joined(separator: "\n") + "\n"
  }

  var json: OutputValue {
    let groups = file.groups.map { group in
      OutputValue.object([
        ("offset", .integer(Int64(group.offset))), ("byte_count", .integer(Int64(group.header.groupByteCount))),
        ("day", .text(EventTime.dateText(group.header.day))), ("rows", .integer(Int64(group.header.rowCount))),
        ("first_sequence", .integer(group.header.sequence.lowerBound)),
        ("columns", .array(ColumnSummary.summaries(group.header.schema, of: [group]).map(\.json))),
      ])
    }
    return .object([
      ("table", .text(table)), ("path", .text(path)), ("rows", .integer(Int64(file.rowCount))),
      ("deleted_rows", .integer(Int64(deletedRows))), ("columns", .array(columns.map(\.json))),
      ("row_groups", .array(groups)),
    ])
  }
}
