internal import Columns

/// Looks at every cell of what was read: a column is only as good as its worst cell.
enum CellWalk {
  /// A number that depends on all cells.
  @discardableResult
  static func walk(_ batch: Batch) -> Int { batch.columns.reduce(0) { $0 &+ walk($1) } }

  @discardableResult
  static func walk(_ column: Column) -> Int {
    var sum = 0
    for row in 0..<column.rowCount where !column.isNull(row) {
      switch column {
      case .integer(let column): sum &+= Int(truncatingIfNeeded: column.values[row])
      case .real(let column): sum &+= Int(truncatingIfNeeded: column.values[row].bitPattern)
      case .boolean(let column): sum &+= Int(column.values[row])
      case .string(let column):
        let bytes = column.bytes(row)
        sum &+= bytes.count
        // The ends: a text that is not in its arena is one from its first byte or to its last.
        if let last = bytes.indices.last { sum &+= Int(bytes[0]) &+ Int(bytes[last]) }
      }
    }
    return sum
  }
}
