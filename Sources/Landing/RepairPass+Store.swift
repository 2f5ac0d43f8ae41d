internal import ColdStore
internal import Columns
internal import Windows

// What follows: events, deltas of windows, sessions in the place of others.
extension RepairPass {
  /// The accepted events, and the deltas of their windows.
  mutating func storeAccepted() {
    let aggregator = WindowAggregator(
      rollups: repair.plan.rollups, distinctExactLimit: repair.plan.distinctExactLimit)
    findings.accepted = accepted.sorted { $0.key < $1.key }.map { batch, rows in
      BatchSlice(batches[batch].events.batch, rows: rows.sorted())
    }
    var deltas = repair.rollupTables.map { _ in [PaneKey<GroupValues>: PartialAggregate]() }
    for (batch, rows) in counted {
      for partial in aggregator.aggregate(batches[batch].events, rows: rows.sorted()) {
        deltas[partial.rollup][partial.key, default: partial.value.identity].merge(partial.value)
      }
    }
    findings.deltas = zip(repair.rollupTables, deltas).map { table, partials in
      var rows = BatchBuilder(table.schema)
      for (key, value) in partials {
        table.append(key, value, .delta, to: &rows)
        findings.amended += table.windows(over: key)
      }
      return rows.build()
    }
  }

  /// Splits the sessions around every new event again, to be put in the place of the stored ones.
  mutating func replaceSessions() throws {
    var rows = BatchBuilder(repair.plan.sessionTable.schema)
    for history in histories.values where history.entries.contains(where: \.isNew) {
      splitAgain(history, into: &rows)
    }
    findings.sessions = rows.build()
    try findReplaced()
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

  /// Finds the stored sessions that start in a span that was split again.
  private mutating func findReplaced() throws {
    let changed = histories.filter { !$0.value.replaced.isEmpty }
    let spans = changed.values.flatMap(\.replaced)
    guard let first = spans.map(\.lowerBound).min(), let last = spans.map(\.upperBound).max() else { return }
    let filter = KeyFilter(changed.keys)
    let (keyColumn, startColumn) = (
      repair.plan.sessionTable.schema.fields[SessionTable.keyColumn].name, repair.sessionStartColumn
    )
    try repair.sessions.forEachGroup(timeColumn: startColumn, in: first...last) { group in
      let keys = try group.read([keyColumn]).strings(0)
      let rows = group.rows.filter { filter.mayContain(Hash.hash128(keys.bytes(Int($0)))) }
      guard !rows.isEmpty else { return }
      let starts = try group.read([startColumn], rows: rows).integers(0)
      for (index, row) in rows.enumerated() {
        guard let replaced = changed[Hash.hash128(keys.bytes(Int(row)))]?.replaced, let start = starts[index],
          replaced.contains(where: { $0.contains(start) })
        else { continue }
        findings.replacedSessions[group.path, default: []].append(UInt32(group.firstRow) + row)
      }
    }
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
