/// Rows for people: a header and columns as wide as their widest cell; numbers stand at the right.
struct TextTable {
  private let rows: [[String]]

  /// Every row has a cell for each column.
  init(_ header: [String], _ rows: [[String]]) { self.rows = [header] + rows }

  var text: String {
    let widths = rows[0].indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
    let isNumber = rows[0].indices.map { column in
      rows.count > 1 && rows.dropFirst().allSatisfy { Int64($0[column]) != nil }
    }
    return rows.map { row in
      let cells = row.indices.map { column in
        let blanks = String(repeating: " ", count: widths[column] - row[column].count)
        return isNumber[column] ? blanks + row[column] : row[column] + blanks
      }
      let line = cells.joined(separator: "  ")
      return String(line.reversed().drop { $0 == " " }.reversed()) + "\n"
    }.joined()
  }
}
