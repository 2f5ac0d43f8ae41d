internal import Checkpoints
public import Columns
public import Windows

/// In what order a table's rows are put when segments are merged, and which of them become one.
public enum RowArrangement: Sendable {
  /// As they came.
  case asGiven
  /// By columns of integers or text, the first first; nulls before all else.
  case byColumns([String])
  /// Events as `EventOrder` says.
  case events(EventOrder, StoredEvents)
  /// Partials of one pane, group and kind become one row.
  case merged(RollupTable)

  /// What a segment says of its order.
  var order: [String] {
    switch self {
    case .asGiven: []
    case .byColumns(let names): names
    case .events(let order, let stored): order.columns(stored)
    case .merged(let table): table.schema.fields.dropLast().map(\.name)
    }
  }

  /// The rows of `batch` as they are to be stored. O(n log n).
  func arrange(_ batch: Batch) throws -> BatchSlice {
    switch self {
    case .asGiven: BatchSlice(batch)
    case .byColumns(let names): BatchSlice(batch, rows: RowArrangement.sorted(batch, names))
    case .events(let order, let stored): BatchSlice(batch, rows: order.sorted(stored.events(batch)))
    case .merged(let table): BatchSlice(try RowArrangement.merged(batch, table))
    }
  }

  // MARK: - Columns

  private static func sorted(_ batch: Batch, _ names: [String]) -> SelectionVector {
    let columns = names.compactMap { batch.schema.index(of: $0) }.map { batch.columns[$0] }
    return SelectionVector(0..<UInt32(batch.rowCount)).sorted { left, right in
      for column in columns {
        if isLess(column, Int(left), Int(right)) { return true }
        if isLess(column, Int(right), Int(left)) { return false }
      }
      return left < right
    }
  }

  private static func isLess(_ column: Column, _ left: Int, _ right: Int) -> Bool {
    if column.isNull(left) || column.isNull(right) { return column.isNull(left) && !column.isNull(right) }
    switch column {
    case .integer(let values): return values.values[left] < values.values[right]
    case .real(let values): return values.values[left] < values.values[right]
    case .boolean(let values): return values.values[left] < values.values[right]
    case .string(let values):
      let (left, right) = (values.bytes(left), values.bytes(right))
      for index in 0..<min(left.count, right.count) where left[index] != right[index] {
        return left[index] < right[index]
      }
      return left.count < right.count
    }
  }

  // MARK: - Partials

  private struct PartialKey: Hashable {
    let pane: PaneKey<GroupValues>
    let kind: RollupTable.Kind
  }

  private static func merged(_ batch: Batch, _ table: RollupTable) throws -> Batch {
    var merged: [PartialKey: PartialAggregate] = [:]
    for row in 0..<batch.rowCount {
      let (pane, value, kind) = try table.partial(batch, row: row)
      let key = PartialKey(pane: pane, kind: kind)
      if merged[key]?.merge(value) == nil { merged[key] = value }
    }
    var rows = BatchBuilder(table.schema)
    for (key, value) in merged { table.append(key.pane, value, key.kind, to: &rows) }
    let batch = rows.build()
    let sorted = sorted(batch, table.schema.fields.dropLast().map(\.name))
    return Batch(
      schema: batch.schema, rowCount: batch.rowCount, columns: batch.columns.map { Gathering.column($0, sorted) })
  }
}

/// A table that is compacted.
public struct CompactedTable: Sendable {
  public let name: String
  public let schema: Schema
  /// The column whose day a row belongs to; nil where all rows are of one.
  public let timeColumn: String?
  public let arrangement: RowArrangement

  public init(name: String, schema: Schema, timeColumn: String?, arrangement: RowArrangement) {
    self.name = name
    self.schema = schema
    self.timeColumn = timeColumn
    self.arrangement = arrangement
  }
}
