internal import Checkpoints
internal import Columns
internal import Landing
internal import Windows

/// Reads the table of commits, in the order of their epochs. Holds all of its rows, a hundred bytes each.
struct CommitHistoryRows: Sendable {
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
    fields = CommitHistoryRows.fields(of: schema)
  }

  static func fields(of schema: Schema) -> [QueryColumn] {
    schema.fields.map { QueryColumn(name: $0.name, kind: QueryTable.kind($0)) }
  }

  var count: Int { order.count }

  /// The values of row `index`, counted by epoch.
  func values(_ index: Int) -> [OutputValue] {
    let (_, number, row) = order[index]
    let batch = batches[number]
    return zip(batch.columns, batch.schema.fields).map { CellText.value($0, row: row, type: $1.type) }
  }
}
