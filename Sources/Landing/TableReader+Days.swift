internal import Checkpoints
internal import ColdStore
internal import Columns

extension TableReader {
  /// Calls `body` with the visible rows of each row group, ascending by the UTC day of the rows, and `dayEnded` behind
  /// each day with the first moment of the next. Only `columns` are read. O(bytes read).
  public func forEachDay(
    columns: [String], _ body: (Piece) throws -> Void, dayEnded: (_ nextDayMilliseconds: Int64) throws -> Void
  ) throws {
    let schema = Schema(state.schema.fields.filter { columns.contains($0.name) })
    let files = try files()
    let groups = files.indices.flatMap { file in files[file].file.groups.indices.map { (file: file, group: $0) } }
    let days = Dictionary(grouping: groups) { files[$0.file].file.groups[$0.group].header.day }
    for (day, groups) in days.sorted(by: { $0.key < $1.key }) {
      for (file, group) in groups {
        let piece = try piece(files[file].path, files[file].file, group, as: schema)
        if !piece.rows.isEmpty { try body(piece) }
      }
      try dayEnded(day + EventTime.day)
    }
  }

  /// The most rows of one day, deleted ones included. O(row groups).
  public func mostRowsOfDay() throws -> Int {
    let headers = try files().flatMap { $0.file.groups.map(\.header) }
    return Dictionary(grouping: headers, by: \.day).values.map { $0.reduce(0) { $0 + $1.rowCount } }.max() ?? 0
  }

  /// What is visible of row group `index` of `file`.
  func piece(_ path: String, _ file: RowGroupFile, _ index: Int, as schema: Schema) throws -> Piece {
    let group = file.groups[index]
    let batch = try file.read(index, as: schema)
    let rows = state.deletions[path]?.visible(in: group.rows) ?? SelectionVector(0..<UInt32(batch.rowCount))
    return Piece(path: path, firstRow: group.firstRow, batch: batch, rows: rows)
  }
}
