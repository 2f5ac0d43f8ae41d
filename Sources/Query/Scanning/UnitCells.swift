internal import Columns
internal import Encodings
internal import Landing

/// Cells of some rows of a unit: where many are wanted all rows of their columns, as they were decoded, and which of
/// them are; where few are, these alone, side by side.
struct UnitCells {
  /// By position in the table.
  private let columns: [Int: Column]
  /// The wanted rows, ascending.
  let rows: SelectionVector
  /// Of the columns.
  let rowCount: Int

  init(_ columns: [Int: Column], rows: SelectionVector, rowCount: Int) {
    (self.columns, self.rows, self.rowCount) = (columns, rows, rowCount)
  }

  func column(_ index: Int) -> Column {
    guard let column = columns[index] else { preconditionFailure("column \(index) of the plan was not read") }
    return column
  }
}

extension UnitReader {
  /// The cells of `columns` for the wanted rows.
  mutating func cells(_ columns: [Int], _ rows: SelectionVector) throws -> UnitCells {
    var found: [Int: Column] = [:]
    guard Page.isFew(rows, of: unit.rowCount) else {
      try fetch(columns, rows: nil)
      for index in columns { found[index] = try column(index) }
      return UnitCells(found, rows: rows, rowCount: unit.rowCount)
    }
    try fetch(columns, rows: rows)
    for index in columns { found[index] = try column(index, rows: rows) }
    return UnitCells(found, rows: .all(rows.count), rowCount: rows.count)
  }
}

/// Stored columns of the same rows of a unit, read together: what determines several of them is read once.
struct FetchedColumns {
  /// All rows where nil.
  private var rows: SelectionVector?
  private var columns: [String: Column] = [:]

  /// Reads those of `names` that were not read of `rows` yet; what was read of other rows is forgotten.
  mutating func read(_ names: Set<String>, rows: SelectionVector?, of group: TableReader.Group) throws {
    if rows != self.rows { (self.rows, columns) = (rows, [:]) }
    let missing = names.subtracting(columns.keys)
    guard !missing.isEmpty else { return }
    let batch = try group.read(Array(missing), rows: rows)
    for (field, column) in zip(batch.schema.fields, batch.columns) { columns[field.name] = column }
  }

  /// The column of `name`, if it was read of these rows.
  func column(_ name: String, rows: SelectionVector?) -> Column? { rows == self.rows ? columns[name] : nil }
}
