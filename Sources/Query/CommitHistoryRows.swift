internal import Checkpoints
internal import Columns
internal import Landing
internal import Windows

/// Reads the table of commits, in the order of their epochs. Holds all of its rows, a hundred bytes each.
struct CommitHistoryRows {
  private let batches: [Batch]
  /// Where each row is, ascending by epoch.
  private let order: [(epoch: Int64, batch: Int, row: Int)]
  let fields: [QueryColumn]

  init(_ snapshot: Snapshot) throws {
    let table = try snapshot.table(TableNames.commits)
    let schema = table.state.schema
    var batches: [Batch] = []
    var order: [(epoch: Int64, batch: Int, row: Int)] = []
    let epoch = schema.index(of: "epoch") ?? 0
    try table.forEachPiece { piece in
      let epochs = piece.batch.integers(epoch).values
      order += piece.rows.map { (epochs[Int($0)], batches.count, Int($0)) }
      batches.append(piece.batch)
    }
    self.batches = batches
    self.order = order.sorted { $0.epoch < $1.epoch }
    fields = schema.fields.map { QueryColumn(name: $0.name, kind: QueryTable.kind($0)) }
  }

  /// Calls `body` with the values of every row, in order.
  func forEach(_ body: ([OutputValue]) throws -> Void) throws {
    for (_, batch, row) in order {
      try body(
        zip(fields.indices, batches[batch].schema.fields).map { column, field in
          CellText.value(batches[batch].columns[column], row: row, type: field.type)
        })
    }
  }
}
