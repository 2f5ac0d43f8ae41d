/// Some rows of a batch.
public struct BatchSlice: Sendable {
  public let batch: Batch
  /// Positions in `batch`; all rows where nil.
  public let rows: SelectionVector?

  public init(_ batch: Batch, rows: SelectionVector? = nil) {
    self.batch = batch
    self.rows = rows
  }

  public var rowCount: Int { rows?.count ?? batch.rowCount }

  /// The positions of its rows, also where they are all. O(rows).
  public var positions: SelectionVector { rows ?? .all(batch.rowCount) }
}

/// Some rows of a column.
public struct ColumnSlice: Sendable {
  public let column: Column
  /// Positions in `column`; all rows where nil.
  public let rows: SelectionVector?

  public init(_ column: Column, rows: SelectionVector? = nil) {
    self.column = column
    self.rows = rows
  }

  public var rowCount: Int { rows?.count ?? column.rowCount }
}
