internal import Columns
internal import Windows

// Purchases and refunds go to the table of orders with the commit of their events.
extension Landing {
  /// Stores what of accepted events belongs to orders. O(rows).
  func storeOrders(_ batch: Batch, codes: ColumnBuffer<UInt8>, rows: SelectionVector?) throws {
    guard let slice = plan.orders.slice(batch, codes: codes, rows: rows) else { return }
    try table(TableNames.orders).append(slice.batch, rows: slice.rows)
  }

  /// Where an event lies in its log.
  private struct Place: Hashable {
    let source: Int64
    let offset: Int64
  }

  /// Hides what belongs to orders of stored events in whose place equal ones are accepted. Before `events` hides them.
  ///
  /// O(events' row groups that hold one), and O(rows of the table) where an order has one, which is rare.
  func deleteOrders(of displaced: [String: [UInt32]]) throws {
    guard !displaced.isEmpty else { return }
    let places = try places(of: displaced)
    guard !places.isEmpty else { return }
    let orders = table(TableNames.orders)
    try orders.flush()
    var deleted: [String: [UInt32]] = [:]
    try orders.reader().forEachPiece(columns: [plan.stored.names.source, plan.stored.names.offset]) { piece in
      for row in piece.rows where places.contains(place(piece.batch, Int(row))) {
        deleted[piece.path, default: []].append(UInt32(piece.firstRow) + row)
      }
    }
    for (path, rows) in deleted { orders.delete(rows, in: path) }
  }

  /// The places of those of the rows that belong to orders.
  private func places(of displaced: [String: [UInt32]]) throws -> Set<Place> {
    var places: Set<Place> = []
    let names = plan.stored.names
    let wanted = displaced.mapValues(Set.init)
    try table(TableNames.events).reader().forEachPiece(
      columns: [names.source, names.offset, names.eventType]
    ) { piece in
      guard let rows = wanted[piece.path], let type = piece.batch.schema.index(of: names.eventType) else { return }
      let codes = plan.stored.typeCodes(piece.batch.strings(type))
      for row in piece.rows where rows.contains(UInt32(piece.firstRow) + row) {
        if plan.orders.types.contains(code: codes[Int(row)]) { places.insert(place(piece.batch, Int(row))) }
      }
    }
    return places
  }

  private func place(_ batch: Batch, _ row: Int) -> Place {
    let names = plan.stored.names
    func value(_ name: String) -> Int64 { batch.schema.index(of: name).flatMap { batch.integers($0)[row] } ?? -1 }
    return Place(source: value(names.source), offset: value(names.offset))
  }
}
