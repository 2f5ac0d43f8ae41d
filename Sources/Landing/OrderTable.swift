public import Columns
public import Windows

/// The table of orders: of each purchase and refund what a row of its order is made of (SEMANTICS §8). Rows of one
/// order are put together by readers, so that late ones, copies in other files and days change nothing.
public struct OrderTable: Sendable {
  /// Some of the columns of the events.
  public let schema: Schema
  /// The column whose day a row belongs to.
  public let timeColumn: String
  /// Events of these types are in it.
  public let types: TypeMask
  private let names: EventLayout.Names

  /// - Parameter events: the schema of the events, with every column that `names` names.
  public init(events: Schema, names: EventLayout.Names, types: TypeMask) {
    let wanted = Set(names.all)
    schema = Schema(events.fields.filter { wanted.contains($0.name) })
    timeColumn = names.eventTime
    self.types = types
    self.names = names
  }

  /// Columns by which merged rows are sorted: the events of an order one after the other.
  public var order: [String] { [names.order, names.eventTime, names.source, names.offset] }

  /// What of `rows`, all where nil, of a batch of events belongs here; nil where none does. Copies nothing. O(rows).
  ///
  /// - Parameter codes: the type of each row of the batch.
  public func slice(_ batch: Batch, codes: ColumnBuffer<UInt8>, rows: SelectionVector?) -> BatchSlice? {
    var chosen = SelectionVector()
    if let rows {
      for row in rows where types.contains(code: codes[Int(row)]) { chosen.append(row) }
    } else {
      for row in 0..<codes.count where types.contains(code: codes[row]) { chosen.append(UInt32(row)) }
    }
    guard !chosen.isEmpty else { return nil }
    let columns = schema.fields.map { field in
      guard let index = batch.schema.index(of: field.name) else {
        preconditionFailure("events have no column \(field.name)")
      }
      return batch.columns[index]
    }
    return BatchSlice(Batch(schema: schema, rowCount: batch.rowCount, columns: columns), rows: chosen)
  }
}
