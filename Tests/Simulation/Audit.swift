internal import Checkpoints
internal import ColdStore
internal import Commerce
internal import Landing
internal import PlainReference
internal import Windows

/// Compares what a commit holds with what the messages say, and names the first difference.
struct Audit {
  private let world: World
  private let events: [[Result<PlainEvent, PlainReject>]]
  private let reference: Reference

  init(_ world: World) {
    self.world = world
    events = world.plainEvents()
    reference = Reference(events)
  }

  // MARK: - Any commit

  /// Whether the commit is a consistent cut: every message before its positions is accounted for exactly once, and
  /// windows and sessions are those of exactly the events that are stored.
  func difference(at commit: Commit, _ tables: StoredTables) -> String? {
    var stored: [PlainEvent] = []
    for (position, identifier) in tables.events {
      guard case .success(let event) = event(position), event.identifier == identifier else {
        return "stored is an event \(identifier) at \(position), where there is none"
      }
      stored.append(event)
    }
    if tables.doubledEvents > 0 { return "\(tables.doubledEvents) events are stored twice" }
    if let found = positionsDifference(commit, tables, stored) { return found }
    for source in commit.sources {
      if let found = countsDifference(source, tables) { return found }
    }
    return tablesDifference(commit, tables, stored)
  }

  /// Whether what a reader finds between two commits are messages, each once, and all that one found before.
  func difference(at messages: PresentMessages, seen: Set<PlainPosition>) -> String? {
    if messages.doubled > 0 { return "\(messages.doubled) messages are there twice" }
    var identities: Set<[String]> = []
    for (position, identifier) in messages.events {
      guard case .success(let event) = event(position), event.identifier == identifier else {
        return "there is an event \(identifier) at \(position), where there is none"
      }
      guard identities.insert(event.identity).inserted else { return "a duplicate is there, at \(position)" }
    }
    for position in messages.deadLetters {
      guard case .failure = event(position) else { return "\(position) is a dead letter, and is an event" }
    }
    return seen.first { messages.events[$0] == nil }.map { "\($0) was there, and is not any more" }
  }

  private func event(_ position: PlainPosition) -> Result<PlainEvent, PlainReject>? {
    guard events.indices.contains(position.partition), events[position.partition].indices.contains(position.offset)
    else { return nil }
    return events[position.partition][position.offset]
  }

  /// Every message before the commit's positions is in one place, no other is in any.
  private func positionsDifference(_ commit: Commit, _ tables: StoredTables, _ stored: [PlainEvent]) -> String? {
    let identities = Set(stored.map(\.identity))
    if identities.count != stored.count { return "\(stored.count - identities.count) duplicates are stored" }
    let next = Dictionary(uniqueKeysWithValues: commit.sources.map { ($0.id, Int($0.nextOffset)) })
    for position in Array(tables.events.keys) + Array(tables.deadLetters.keys) + Array(tables.waiting)
    where position.offset >= next[position.partition] ?? 0 {
      return "\(position) is stored, but only \(next[position.partition] ?? 0) messages were read"
    }
    let waiting = Set(tables.waiting.compactMap { try? event($0)?.get().identity })
    for (partition, end) in next {
      for offset in 0..<end {
        let position = PlainPosition(partition: partition, offset: offset)
        switch events[partition][offset] {
        case .failure(let reject):
          guard tables.deadLetters[position] == reject.reason else {
            return "\(position), \(reject.reason), is the dead letter \(tables.deadLetters[position] ?? "none")"
          }
        case .success(let event):
          guard tables.deadLetters[position] == nil else { return "\(position) is a dead letter, and is an event" }
          guard identities.contains(event.identity) || waiting.contains(event.identity) else {
            return "\(position) was read and is nowhere"
          }
        }
      }
    }
    return nil
  }

  private func countsDifference(_ source: SourceState, _ tables: StoredTables) -> String? {
    guard source.isConserved, source.received == source.nextOffset else {
      return "source \(source.id): \(source.received) received of \(source.nextOffset), \(source.accepted) accepted, "
        + "\(source.duplicates) duplicates, \(source.waiting) waiting, \(source.deadLetters) dead letters"
    }
    let counted = [
      ("accepted", source.accepted, tables.events.keys.count { $0.partition == source.id }),
      ("waiting", source.waiting, tables.waiting.count { $0.partition == source.id }),
      ("dead letters", source.deadLetters, tables.deadLetters.keys.count { $0.partition == source.id }),
    ]
    return counted.first { $0.1 != Int64($0.2) }.map { name, count, found in
      "source \(source.id) counts \(count) \(name), \(found) are stored"
    }
  }

  private func tablesDifference(_ commit: Commit, _ tables: StoredTables, _ stored: [PlainEvent]) -> String? {
    for (rollup, found) in zip(world.settings.rollups, tables.rollups) {
      let expected = PlainWindow.windows(of: stored, size: rollup.shape.paneMilliseconds, by: rollup.groupBy)
      if let text = difference(in: rollup.name, at: commit, found, expected, \.start) { return text }
    }
    let sessions = PlainSession.sessions(of: stored, rules: world.settings.sessionRules)
    return difference(in: TableNames.sessions, at: commit, tables.sessions, sessions, \.start)
      ?? difference(in: TableNames.orders, at: commit, tables.orders, PlainOrder.orders(of: stored), \.time)
  }

  /// Rows that only one of the two has, of days that the table keeps: of others some may be there, or a part of them.
  private func difference<Row: Equatable>(
    in table: String, at commit: Commit, _ found: [Row], _ expected: [Row], _ time: (Row) -> Int64
  ) -> String? {
    let keptSince = commit.droppedEnd(of: table) ?? .min
    let (found, expected) = (found.filter { time($0) >= keptSince }, expected.filter { time($0) >= keptSince })
    if found == expected { return nil }
    var surplus: [Row] = []
    var missing = expected
    for row in found {
      if let index = missing.firstIndex(of: row) { missing.remove(at: index) } else { surplus.append(row) }
    }
    return
      "\(table): \(surplus.count) rows too many, \(surplus.prefix(2)); \(missing.count) missing, \(missing.prefix(2))"
  }

  // MARK: - The end

  /// Whether the commit behind everything is what one pass over the messages comes to.
  func finalDifference(_ commit: Commit, _ tables: StoredTables) -> String? {
    if let found = difference(at: commit, tables) { return found }
    let accepted = Dictionary(uniqueKeysWithValues: reference.accepted.map { ($0.position, $0.identifier) })
    if tables.events != accepted {
      let missing = accepted.keys.filter { tables.events[$0] == nil }.min()
      let surplus = tables.events.keys.filter { accepted[$0] == nil }.min()
      return "events: \(missing.map { "\($0) is missing" } ?? "none is missing"), "
        + (surplus.map { "\($0) is too many" } ?? "none is too many")
    }
    if !tables.waiting.isEmpty { return "\(tables.waiting.count) messages still wait" }
    if tables.deadLetters != reference.deadLetters { return "dead letters differ" }
    for (position, raw) in tables.rawLetters where raw != world.messages[position.partition][position.offset].bytes {
      return "the dead letter \(position) has other bytes than the message"
    }
    for (partition, count) in reference.received.enumerated() {
      guard let source = commit.sources.first(where: { $0.id == partition }), source.received == Int64(count) else {
        return "of source \(partition) not all \(count) messages were read"
      }
      let duplicates = reference.duplicates.count { $0.partition == partition }
      guard source.duplicates == Int64(duplicates) else {
        return "source \(partition) counts \(source.duplicates) duplicates instead of \(duplicates)"
      }
    }
    let reasons = commit.sources.reduce(into: [:]) { $0.merge($1.reasons, uniquingKeysWith: +) }
    return reasons == reference.reasons.mapValues(Int64.init) ? nil : "reasons: \(reasons)"
  }
}
