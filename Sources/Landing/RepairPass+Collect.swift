internal import ColdStore
internal import Columns
internal import Windows

// What is there: the messages that wait, and the stored events around them.
extension RepairPass {
  /// Takes the waiting messages whose key hash `belongs` accepts.
  mutating func collectArrivals(
    _ reader: TableReader, where belongs: (Hash128) -> Bool
  ) throws {
    try reader.forEachPiece { piece in
      let events = repair.stored.events(piece.batch)
      let rows = piece.rows.filter { belongs(events.sessionHashes[Int($0)]) }
      guard !rows.isEmpty else { return }
      for row in rows {
        arrivals.append(
          Arrival(
            batch: batches.count, row: row, source: events.sources[Int(row)], offset: events.offsets[Int(row)]))
        let hash = events.sessionHashes[Int(row)]
        if histories[hash] == nil { histories[hash] = History(key: events.sessionKey(Int(row))) }
      }
      batches.append(events)
    }
    // The copy that stays is the first of its partition, and of several partitions that of the lowest.
    arrivals.sort { ($0.source, $0.offset) < ($1.source, $1.offset) }
  }

  /// Reads the stored events of all those keys, as far around the arrivals as their sessions may reach: further, if
  /// what was read is not separated from what may lie beyond.
  mutating func collectHistories() throws {
    let times = arrivals.map { batches[$0.batch].times[Int($0.row)] }
    guard let first = times.min(), let last = times.max() else { return }
    var reach = 2 * repair.plan.sessionRules.gapMilliseconds
    while true {
      let range = sum(first, -reach)...sum(last, reach)
      for history in histories.values { history.forgetStored() }
      paths = []
      try readHistories(in: range)
      guard !isCutOff(range) else {
        reach = sum(reach, 7 * reach)
        continue
      }
      return
    }
  }

  private mutating func readHistories(in range: ClosedRange<Int64>) throws {
    let predicate = ZonePredicate.integers(column: repair.eventTimeColumn, range)
    try repair.events.reader().forEachPiece(columns: repair.stored.names.all, matching: [predicate]) { piece in
      let events = repair.stored.events(piece.batch)
      if paths.last != piece.path { paths.append(piece.path) }
      let reader = SessionEventReader(events)
      for row in piece.rows where range.contains(events.times[Int(row)]) {
        guard let history = histories[events.sessionHashes[Int(row)]] else { continue }
        let event = reader.event(Int(row), texts: &texts)
        let occurrence = Occurrence(identity: events.identities[Int(row)], time: event.time)
        history.positions[occurrence] = history.entries.count
        let origin = Origin.stored(path: paths.count - 1, row: UInt32(piece.firstRow) + row)
        history.entries.append(Entry(event: event, origin: origin, isNew: false))
      }
    }
  }

  /// Whether some key has an event so near to an end of `range` that one beyond might belong to its session.
  private func isCutOff(_ range: ClosedRange<Int64>) -> Bool {
    guard range.lowerBound > .min || range.upperBound < .max else { return false }
    let rules = repair.plan.sessionRules
    return histories.values.contains { history in
      history.entries.contains { entry in
        (range.lowerBound > .min && !rules.separates(gap: entry.event.time - range.lowerBound))
          || (range.upperBound < .max && !rules.separates(gap: range.upperBound - entry.event.time))
      }
    }
  }

  private func sum(_ time: Int64, _ duration: Int64) -> Int64 {
    let (sum, overflows) = time.addingReportingOverflow(duration)
    return overflows ? (duration < 0 ? .min : .max) : sum
  }
}
