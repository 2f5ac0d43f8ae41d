internal import Columns
internal import Windows

// What is new, and what is a copy of a stored event.
extension RepairPass {
  mutating func judge() {
    let readers = batches.map { SessionEventReader($0.events) }
    for arrival in arrivals {
      let batch = batches[arrival.batch]
      let row = Int(arrival.row)
      guard let history = histories[arrival.key] else { continue }
      findings.judged[batch.path, default: []].append(UInt32(batch.firstRow) + arrival.row)
      let event = readers[arrival.batch].event(row, texts: &texts)
      let occurrence = Occurrence(identity: batch.events.identities[row], time: event.time)
      let origin = Origin.arrived(batch: arrival.batch, row: arrival.row)
      findings.counts[Int(arrival.source), default: SourceCounts()].waiting -= 1
      guard let position = history.positions[occurrence] else {
        history.positions[occurrence] = history.entries.count
        history.entries.append(Entry(event: event, origin: origin, isNew: true))
        accept(arrival, type: event.type, isCounted: true)
        continue
      }
      judgeCopy(arrival, event, origin, of: history, position)
    }
  }

  private mutating func judgeCopy(
    _ arrival: Arrival, _ event: SessionEvent, _ origin: Origin, of history: History, _ position: Int
  ) {
    let known = history.entries[position]
    let isSame = event.hasContent(of: known.event)
    let isFirst = (event.source, event.offset) < (known.event.source, known.event.offset)
    guard isSame, isFirst, case .stored(let path, let storedRow) = known.origin else {
      findings.counts[Int(arrival.source), default: SourceCounts()].duplicates += 1
      if !isSame { findings.counts[Int(arrival.source), default: SourceCounts()].identifierConflicts += 1 }
      return
    }
    // An equal copy from a lower partition takes the place of the stored one: numbers stay, order among ties may not.
    // So does an earlier one of the same partition, which waited while the later was judged from memory.
    findings.displaced[paths[path], default: []].append(storedRow)
    var old = SourceCounts()
    old.accepted = -1
    old.duplicates = 1
    old.types = [known.event.type: -1]
    findings.counts[Int(known.event.source), default: SourceCounts()] += old
    history.entries[position] = Entry(event: event, origin: origin, isNew: true)
    accept(arrival, type: event.type, isCounted: false)
  }

  private mutating func accept(_ arrival: Arrival, type: UInt8, isCounted: Bool) {
    accepted[arrival.batch, default: []].append(arrival.row)
    if isCounted { counted[arrival.batch, default: []].append(arrival.row) }
    var change = SourceCounts()
    change.accepted = 1
    change.types = [type: 1]
    findings.counts[Int(arrival.source), default: SourceCounts()] += change
  }
}

extension SessionEvent {
  /// Whether everything but the position in the log is equal: all that KPIs and sessions are made of.
  func hasContent(of other: SessionEvent) -> Bool {
    var moved = self
    moved.source = other.source
    moved.offset = other.offset
    return moved == other
  }
}
