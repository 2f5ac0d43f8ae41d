import Columns
import Encodings
import TestSupport
import Testing
import Windows

/// P1 through the operator: sessions sealed while events stream in, over snapshots, are those of the definition.
@Suite struct OpenSessionsTests {
  private static let texts = [
    "event_id", "event_type", "session_id", "user_id", "order_id", "currency", "page", "utm_campaign",
  ]
  private static let schema = Schema(
    [Field("source", .integer), Field("offset", .integer), Field("event_ts", .time)]
      + [Field("price", .decimal), Field("quantity", .decimal)] + texts.map { Field($0, .string) })
  private static let names = EventLayout.Names(
    eventIdentifier: "event_id", eventType: "event_type", eventTime: "event_ts", session: "session_id",
    user: "user_id", order: "order_id", price: "price", quantity: "quantity", currency: "currency", page: "page",
    campaign: "utm_campaign", source: "source", offset: "offset")
  private static let table = SessionTable(
    SessionMeasures(counts: [], revenue: .all, conversion: .all, funnel: [.all, .all]))

  private struct Row: Hashable, Comparable {
    let key: String
    let start, end, events: Int64

    static func < (left: Row, right: Row) -> Bool { (left.key, left.start) < (right.key, right.start) }
  }

  @Test func theEndOfInputDoesNotKeepLaterSessionsOpen() throws {
    var random = SeededRandom(seed: 1)
    let events = batch(&random)
    var sealed = BatchBuilder(Self.table.schema)
    var open = OpenSessions(rules: .ga4, table: Self.table)
    open.seal(at: EventTime.distantFuture, into: &sealed)
    open = try restored(open)
    open.insert(events, rows: Array(0..<UInt32(events.rowCount)))
    let last = (0..<events.rowCount).reduce(Int64.min) { max($0, events.times[$1]) }
    open.seal(at: last + SessionRules.ga4.gapMilliseconds + 2 * EventTime.minute, into: &sealed)
    #expect(open.keyCount == 0 && sealed.rowCount > 0)
  }

  @Test func sealedSessionsEqualTheDefinition() throws {
    for seed in 1...300 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let rules = SessionRules(
        gapMilliseconds: Int64.random(in: 1...6, using: &random) * EventTime.minute,
        lengthMilliseconds: Bool.random(using: &random) ? 20 * EventTime.minute : nil,
        maximumEvents: Bool.random(using: &random) ? 4 : nil)
      let lateness = Int64.random(in: 0...10, using: &random) * EventTime.minute
      let events = batch(&random)
      var open = OpenSessions(rules: rules, table: Self.table, leastTextLimit: 4)
      var sealed = BatchBuilder(Self.table.schema)
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
      var withOpen = BatchBuilder(Self.table.schema)
      open.appendOpen(to: &withOpen)
      let soFar = sealed.build()
      #expect((rows(soFar) + rows(withOpen.build())).sorted() == expected, "seed \(seed)")
      open.sealAll(into: &sealed)
      #expect((rows(soFar) + rows(sealed.build())).sorted() == expected, "seed \(seed)")
      #expect(open.keyCount == 0, "seed \(seed)")
    }
  }

  /// The end of one run is not the end of time: sessions of the next are sealed when they are due.
  @Test func sessionsAreSealedAgainBehindAnEnd() throws {
    var random = SeededRandom(seed: 1)
    var open = OpenSessions(rules: .ga4, table: Self.table)
    var sealed = BatchBuilder(Self.table.schema)
    for _ in 0..<2 {
      let events = batch(&random)
      open.insert(events, rows: SelectionVector(0..<UInt32(events.rowCount)))
      open.sealAll(into: &sealed)
      open = try restored(open)
    }
    #expect(open.keyCount == 0)
    let events = batch(&random)
    open.insert(events, rows: SelectionVector(0..<UInt32(events.rowCount)))
    let before = sealed.rowCount
    open.seal(at: events.times[events.rowCount - 1] + EventTime.hour, into: &sealed)
    #expect(open.keyCount == 0 && sealed.rowCount > before)
  }

  private func restored(_ sessions: OpenSessions) throws -> OpenSessions {
    var writer = ByteWriter()
    sessions.encode(into: &writer)
    // Two halves, as when key groups change, put together again.
    var copy = OpenSessions(rules: sessions.rules, table: sessions.table, leastTextLimit: 4)
    for half in 0..<2 {
      var reader = ByteReader(writer.bytes)
      try copy.restore(from: &reader) { Int($0.last ?? 0) % 2 == half }
      #expect(reader.isAtEnd)
    }
    #expect(copy.keyCount == sessions.keyCount)
    return copy
  }

  private func batch(_ random: inout SeededRandom) -> EventBatch {
    var builder = BatchBuilder(Self.schema)
    let count = Int.random(in: 1...80, using: &random)
    for offset in 0..<count {
      let late = Int.random(in: 0..<3, using: &random) == 0 ? Int64.random(in: 0...15, using: &random) : 0
      builder.append(Int64(0), to: 0)
      builder.append(Int64(offset), to: 1)
      builder.append((1_000 + Int64(offset) - late) * EventTime.minute, to: 2)
      builder.append(Int64?.none, to: 3)
      builder.append(Int64?.none, to: 4)
      for (index, name) in Self.texts.enumerated() {
        let text: String? =
          switch name {
          case "event_id": "event \(offset)"
          case "session_id": "key \(Int.random(in: 0..<4, using: &random))"
          default: nil
          }
        builder.append(text, to: 5 + index)
      }
    }
    var watermark: PartitionWatermark?
    let hashes = ColumnBuffer([UInt64](repeating: 0, count: count))
    return EventBatch(
      builder.build(), layout: EventLayout(schema: Self.schema, names: Self.names), mode: .given,
      types: ColumnBuffer([UInt8](repeating: 0, count: count)), contentHashes: hashes, watermark: &watermark)
  }

  private func rows(_ batch: Batch) -> [Row] {
    (0..<batch.rowCount).map { row in
      Row(
        key: batch.strings(SessionTable.keyColumn).text(row) ?? "",
        start: batch.integers(SessionTable.startColumn)[row] ?? 0,
        end: batch.integers(SessionTable.endColumn)[row] ?? 0, events: batch.integers(3)[row] ?? 0)
    }
  }
}
