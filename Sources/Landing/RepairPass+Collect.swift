internal import ColdStore
internal import Columns
internal import Encodings
internal import Windows

// What is there: the messages that wait, and the stored events around them.
extension RepairPass {
  /// Takes the waiting messages whose key hash `belongs` accepts, but those that are certain to wait on.
  mutating func collectArrivals(where belongs: (Hash128) -> Bool) throws {
    try repair.waiting.forEachPiece { piece in
      let events = repair.stored.events(piece.batch)
      let count = arrivals.count
      for row in piece.rows {
        let (key, time) = (events.sessionHashes[Int(row)], events.times[Int(row)])
        guard belongs(key), isSettled(behind: time) else { continue }
        arrivals.append(
          Arrival(
            batch: batches.count, row: row, source: events.sources[Int(row)], offset: events.offsets[Int(row)],
            time: time, key: key))
        if histories[key] == nil { histories[key] = History(key: events.sessionKey(Int(row))) }
      }
      guard arrivals.count > count else { return }
      batches.append(Waiting(events: events, path: piece.path, firstRow: piece.firstRow))
    }
    // The copy that stays is the first of its partition, and of several partitions that of the lowest.
    arrivals.sort { ($0.source, $0.offset) < ($1.source, $1.offset) }
  }

  /// Reads the stored events of all those keys, as far around the arrivals as their sessions may reach: further for
  /// those keys whose events are not separated from what may lie beyond.
  mutating func collectHistories() throws {
    var reach = 2 * repair.plan.sessionRules.gapMilliseconds
    var keys = Set(histories.keys)
    while !keys.isEmpty {
      for key in keys { histories[key]?.forgetStored() }
      let spans = TimeSpans(around: arrivals.filter { keys.contains($0.key) }.map(\.time), reach: reach)
      try readHistories(of: KeyFilter(keys), keys, in: spans)
      keys = keys.filter { histories[$0].map { isCutOff($0, spans) } ?? false }
      reach = saturatingSum(reach, 7 * min(reach, .max / 8))
    }
  }

  private mutating func readHistories(of filter: KeyFilter, _ keys: Set<Hash128>, in spans: TimeSpans) throws {
    guard let bounds = spans.bounds else { return }
    try repair.events.forEachGroup(timeColumn: repair.eventTimeColumn, in: bounds) { group in
      guard group.mayHold(repair.eventTimeColumn, in: spans) else { return }
      let rows = try repair.stored.rows(of: group, in: filter)
      guard !rows.isEmpty else { return }
      let events = repair.stored.events(try group.read(repair.stored.names.all, rows: rows))
      if paths.last != group.path { paths.append(group.path) }
      let reader = SessionEventReader(events)
      for (index, row) in rows.enumerated() where spans.span(of: events.times[index]) != nil {
        let key = events.sessionHashes[index]
        guard keys.contains(key), let history = histories[key] else { continue }
        let event = reader.event(index, texts: &texts)
        let occurrence = Occurrence(identity: events.identities[index], time: event.time)
        history.positions[occurrence] = history.entries.count
        let origin = Origin.stored(path: paths.count - 1, row: UInt32(group.firstRow) + row)
        history.entries.append(Entry(event: event, origin: origin, isNew: false))
      }
    }
  }

  /// Whether the key has an event so near to an end of what was read that one beyond might belong to its session.
  private func isCutOff(_ history: History, _ spans: TimeSpans) -> Bool {
    let rules = repair.plan.sessionRules
    return history.entries.contains { entry in
      guard let span = spans.span(of: entry.event.time) else { return false }
      return (span.lowerBound > .min && !rules.separates(gap: entry.event.time - span.lowerBound))
        || (span.upperBound < .max && !rules.separates(gap: span.upperBound - entry.event.time))
    }
  }
}

extension TableReader.Group {
  /// Whether a row may have its time in one of `spans`.
  fileprivate func mayHold(_ timeColumn: String, in spans: TimeSpans) -> Bool {
    guard case .integers(let minimum, let maximum) = header.zoneMap(timeColumn) else { return true }
    return spans.overlap(minimum...maximum)
  }
}

extension StoredEvents {
  /// The visible rows of `group` that may be of one of the keys in `filter`. Reads the columns of keys only, and of
  /// those no more than it must.
  func rows(of group: TableReader.Group, in filter: KeyFilter) throws -> SelectionVector {
    var found: SelectionVector = []
    var keyless = group.rows
    for name in keyColumns where !keyless.isEmpty {
      let column = try group.read([name]).strings(0)
      var without: SelectionVector = []
      for row in keyless {
        if column.views[Int(row)].length <= 0 {
          without.append(row)
        } else if filter.mayContain(Hash.hash128(column.bytes(Int(row)))) {
          found.append(row)
        }
      }
      keyless = without
    }
    return found.sorted()
  }

  /// Where a session key is taken from, the first that has one.
  private var keyColumns: [String] {
    switch sessionMode {
    case .given: [names.session, names.user, names.eventIdentifier]
    case .derived: [names.user, names.eventIdentifier]
    }
  }
}
