import Columns
import Encodings
import TestSupport
import Testing
import Windows

/// P1 through the operator: sessions sealed while events stream in, over snapshots, are those of the definition.
@Suite struct OpenSessionsTests {
  private typealias Row = KeyedEvents.SessionRow

  @Test func sealedSessionsEqualTheDefinition() throws {
    for seed in 1...300 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let rules = SessionRules(
        gapMilliseconds: Int64.random(in: 1...6, using: &random) * EventTime.minute,
        lengthMilliseconds: Bool.random(using: &random) ? 20 * EventTime.minute : nil,
        maximumEvents: Bool.random(using: &random) ? 4 : nil)
      let lateness = Int64.random(in: 0...10, using: &random) * EventTime.minute
      let events = KeyedEvents.batch(Int.random(in: 1...80, using: &random), &random)
      var open = OpenSessions(rules: rules, table: KeyedEvents.table, leastTextLimit: 4)
      var sealed = BatchBuilder(KeyedEvents.table.schema)
      var admitted: [String: [SessionEvent]] = [:]
      var horizon = EventTime.distantPast
      for row in 0..<events.rowCount where events.times[row] >= horizon {
        open.insert(events, rows: [UInt32(row)])
        admitted[String(decoding: events.sessionKey(row), as: UTF8.self), default: []].append(
          SessionEvent(time: events.times[row], source: 0, offset: events.offsets[row], type: 0))
        horizon = max(horizon, events.times[row] - lateness)
        open.seal(at: horizon, into: &sealed)
        if row % 17 == 0 { open = try restored(open) }
      }
      let expected = admitted.flatMap { key, events in
        let events = events.sorted { $0 < $1 }
        return rules.sessions(of: events).map {
          Row(key: key, start: events[$0.lowerBound].time, end: events[$0.upperBound - 1].time, events: Int64($0.count))
        }
      }.sorted()
      // What is sealed and what is open are all sessions, at any time.
      var withOpen = BatchBuilder(KeyedEvents.table.schema)
      open.appendOpen(to: &withOpen)
      let soFar = sealed.build()
      #expect((KeyedEvents.rows(soFar) + KeyedEvents.rows(withOpen.build())).sorted() == expected, "seed \(seed)")
      open.sealAll(into: &sealed)
      #expect((KeyedEvents.rows(soFar) + KeyedEvents.rows(sealed.build())).sorted() == expected, "seed \(seed)")
      #expect(open.keyCount == 0, "seed \(seed)")
    }
  }

  /// The end of one run is not the end of time: sessions of the next are sealed when they are due.
  @Test func sessionsAreSealedAgainBehindAnEnd() throws {
    var random = SeededRandom(seed: 1)
    var open = OpenSessions(rules: .ga4, table: KeyedEvents.table)
    var sealed = BatchBuilder(KeyedEvents.table.schema)
    for _ in 0..<2 {
      let events = KeyedEvents.batch(Int.random(in: 1...80, using: &random), &random)
      open.insert(events, rows: SelectionVector(0..<UInt32(events.rowCount)))
      open.sealAll(into: &sealed)
      open = try restored(open)
    }
    #expect(open.keyCount == 0)
    let events = KeyedEvents.batch(Int.random(in: 1...80, using: &random), &random)
    open.insert(events, rows: SelectionVector(0..<UInt32(events.rowCount)))
    let before = sealed.rowCount
    open.seal(at: events.times[events.rowCount - 1] + EventTime.hour, into: &sealed)
    #expect(open.keyCount == 0 && sealed.rowCount > before)
  }

  @Test func theEndOfInputDoesNotKeepLaterSessionsOpen() throws {
    var random = SeededRandom(seed: 1)
    let events = KeyedEvents.batch(40, &random)
    var sealed = BatchBuilder(KeyedEvents.table.schema)
    var open = OpenSessions(rules: .ga4, table: KeyedEvents.table)
    open.seal(at: EventTime.distantFuture, into: &sealed)
    open = try restored(open)
    open.insert(events, rows: Array(0..<UInt32(events.rowCount)))
    let last = (0..<events.rowCount).reduce(Int64.min) { max($0, events.times[$1]) }
    open.seal(at: last + SessionRules.ga4.gapMilliseconds + 2 * EventTime.minute, into: &sealed)
    #expect(open.keyCount == 0 && sealed.rowCount > 0)
  }

  private func restored(_ sessions: OpenSessions) throws -> OpenSessions {
    // Two halves, as when key groups change, put together again.
    var copy = OpenSessions(rules: sessions.rules, table: sessions.table, leastTextLimit: 4)
    for half in 0..<2 {
      try copy.restore(from: sessions.encoded()) { Int($0.last ?? 0) % 2 == half }
    }
    #expect(copy.keyCount == sessions.keyCount)
    return copy
  }
}
