/// Rows of cells for people: every column is as wide as its widest cell.
enum AlignedText {
  /// The rows as lines without their ends. Names read from the left, numbers from the right.
  static func lines(_ rows: [[String]], names: Set<Int>) -> [String] {
    guard let first = rows.first else { return [] }
    let widths = first.indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    return rows.map { row in
      let padded = row.enumerated().map { column, cell in
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        return names.contains(column) ? cell + padding : padding + cell
      }
      let line = padded.joined(separator: "  ")
      return String(line[..<(line.lastIndex { $0 != " " }.map(line.index(after:)) ?? line.startIndex)])
    }
  }
}
