internal import ColdStore
internal import Columns
internal import Windows

// What follows: events, deltas of windows, sessions in the place of others.
extension RepairPass {
  /// Stores the accepted events, hides the copies that they displace, and adds their windows' deltas to `deltas`.
  func storeAccepted(deltas: inout [[PaneKey<GroupValues>: PartialAggregate]]) throws {
    let aggregator = WindowAggregator(
      rollups: repair.plan.rollups, distinctExactLimit: repair.plan.distinctExactLimit)
    for (path, rows) in displaced { repair.events.delete(rows, in: paths[path]) }
    for (batch, rows) in accepted.sorted(by: { $0.key < $1.key }) {
      try repair.events.append(batches[batch].batch, rows: rows.sorted())
    }
    for (batch, rows) in counted {
      for partial in aggregator.aggregate(batches[batch], rows: rows.sorted()) {
        deltas[partial.rollup][partial.key, default: partial.value.identity].merge(partial.value)
      }
    }
  }

  /// Splits the sessions around every new event again, and puts them in the place of the stored ones.
  func replaceSessions() throws {
    let table = repair.plan.sessionTable
    var rows = BatchBuilder(table.schema)
    for history in histories.values where history.entries.contains(where: \.isNew) {
      splitAgain(history, into: &rows)
    }
    try deleteReplaced()
    try repair.sessions.append(rows.build())
  }

  private func splitAgain(_ history: History, into rows: inout BatchBuilder) {
    let rules = repair.plan.sessionRules
    history.entries.sort { $0.event < $1.event }
    var start = 0
    for index in 1...history.entries.count {
      let isBoundary =
        index == history.entries.count
        || rules.separates(gap: history.entries[index].event.time - history.entries[index - 1].event.time)
      guard isBoundary else { continue }
      let island = history.entries[start..<index]
      start = index
      guard island.contains(where: \.isNew), let first = island.first, let last = island.last else { continue }
      history.replaced.append(first.event.time...last.event.time)
      let events = island.map(\.event)
      for range in rules.sessions(of: events) {
        repair.plan.sessionTable.append(key: history.key, events: events[range], texts: texts, to: &rows)
      }
    }
  }

  private func deleteReplaced() throws {
    var deleted: [String: [UInt32]] = [:]
    let columns = [SessionTable.keyColumn, SessionTable.startColumn].map { repair.plan.sessionTable.schema.fields[$0] }
    let spans = histories.values.flatMap(\.replaced)
    guard let first = spans.map(\.lowerBound).min(), let last = spans.map(\.upperBound).max() else { return }
    let predicate = ZonePredicate.integers(column: repair.sessionStartColumn, first...last)
    try repair.sessions.reader().forEachPiece(columns: columns.map(\.name), matching: [predicate]) { piece in
      let keys = piece.batch.strings(0)
      let starts = piece.batch.integers(1)
      for row in piece.rows {
        let hash = Hash.hash128(keys.bytes(Int(row)))
        guard let history = histories[hash], let start = starts[Int(row)] else { continue }
        if history.replaced.contains(where: { $0.contains(start) }) {
          deleted[piece.path, default: []].append(UInt32(piece.firstRow) + row)
        }
      }
    }
    for (path, rows) in deleted { repair.sessions.delete(rows, in: path) }
  }
}

extension PartialAggregate {
  /// The identity of this aggregate's measures.
  var identity: PartialAggregate {
    var identity = self
    identity.eventCount = 0
    identity.counts = counts.map { _ in 0 }
    identity.distincts = distincts.map { DistinctSet(exactLimit: $0.exactLimit) }
    identity.amounts = amounts.map { _ in MoneyByCurrency() }
    return identity
  }
}
