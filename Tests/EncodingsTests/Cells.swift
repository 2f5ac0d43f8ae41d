import Columns

/// What a column holds, as text that a failure shows.
func cells(_ column: Column) -> [String] {
  (0..<column.rowCount).map { row in
    switch column {
    case .integer(let column): column[row].map { "\($0)" } ?? "null"
    case .real(let column): column[row].map { "\($0)" } ?? "null"
    case .boolean(let column): column[row].map { "\($0)" } ?? "null"
    case .string(let column): column.text(row) ?? "null"
    }
  }
}
