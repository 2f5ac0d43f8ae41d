/// Rows of one schema, column by column: what a lane decodes into, what operators read, what a segment stores and what
/// a query returns. Immutable and shared; routing and filtering pass (batch, selection vector), never copies.
public final class Batch: Sendable {
  public let schema: Schema
  public let rowCount: Int
  public let columns: [Column]

  public init(schema: Schema, rowCount: Int, columns: [Column]) {
    precondition(schema.fields.count == columns.count, "a batch has a column for each field")
    for (field, column) in zip(schema.fields, columns) {
      precondition(column.rowCount == rowCount, "column \(field.name) has \(column.rowCount) rows, not \(rowCount)")
    }
    self.schema = schema
    self.rowCount = rowCount
    self.columns = columns
  }

  /// The memory of its cells, in bytes, roughly; an arena that neighbours share counts once. O(columns).
  public var byteCount: Int {
    var total = 0
    var counted: ByteArena?
    for column in columns {
      total += rowCount * 8
      guard case .string(let text) = column, text.arena !== counted else { continue }
      total += text.arena.count
      counted = text.arena
    }
    return total
  }

  /// The column at `index` as integers (also times and decimals); a precondition that it is one.
  public func integers(_ index: Int) -> FixedColumn<Int64> {
    guard case .integer(let column) = columns[index] else {
      preconditionFailure("column \(schema.fields[index].name) holds no integers")
    }
    return column
  }

  /// The column at `index` as text or bytes; a precondition that it is that.
  public func strings(_ index: Int) -> StringColumn {
    guard case .string(let column) = columns[index] else {
      preconditionFailure("column \(schema.fields[index].name) holds no text")
    }
    return column
  }
}

/// Positions of the chosen rows of a batch, ascending.
public typealias SelectionVector = [UInt32]

extension SelectionVector {
  /// All rows below `count`.
  public static func all(_ count: Int) -> SelectionVector {
    unsafe SelectionVector(unsafeUninitializedCapacity: count) { rows, initialized in
      // Room for `count` rows, each of which is written.
      for row in 0..<count { unsafe rows[row] = UInt32(truncatingIfNeeded: row) }
      initialized = count
    }
  }
}
