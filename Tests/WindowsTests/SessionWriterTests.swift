import Columns
import Dataflow
import Encodings
import TestSupport
import Testing

@testable import Windows

/// What is written of sessions, whole or as it came in, is what they hold, to the last text.
@Suite struct SessionWriterTests {
  /// An event with its texts in place of codes.
  private struct Plain: Hashable {
    let event: [Int64]
    let texts: [String]

    init(_ event: SessionEvent, _ texts: SessionTexts) {
      self.event = [event.time, event.offset, Int64(event.source), Int64(event.type), event.amount]
      self.texts = [
        String(texts.campaigns, event.campaign), String(texts.pages, event.page), String(texts.users, event.user),
        String(texts.currencies, event.currency),
      ]
    }
  }

  private static func contents(_ sessions: OpenSessions) -> [String: [Plain]] {
    var contents: [String: [Plain]] = [:]
    for key in sessions.keys where !key.events.isEmpty {
      contents[String(decoding: key.bytes, as: UTF8.self)] = key.events.map { Plain($0, sessions.texts) }
    }
    return contents
  }

  @Test func partsRestoreEveryText() throws {
    var (wholes, changed, dropped) = (0, 0, 0)
    for seed in 1...80 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      // A limit that texts often pass: then codes become others in the middle of what is recorded.
      var sessions = OpenSessions(
        rules: SessionRules(gapMilliseconds: 3 * EventTime.minute), table: KeyedEvents.table, recordsSealed: true,
        leastTextLimit: 8)
      var changes = SessionChanges()
      var parts: [[UInt8]] = []
      var sealed = BatchBuilder(KeyedEvents.table.schema)
      var offset = 0
      for _ in 1...30 {
        let count = Int.random(in: 1...8, using: &random)
        let source = Int64.random(in: 0...2, using: &random)
        let events = KeyedEvents.batch(count, &random, firstOffset: offset, source: source, texts: 4)
        offset += count
        sessions.insert(events, rows: SelectionVector(0..<UInt32(count)))
        changes.review(&sessions)
        if Int.random(in: 0..<3, using: &random) == 0 {
          let before = sessions.texts.count
          sessions.seal(at: events.times[0] - 10 * EventTime.minute, into: &sealed)
          dropped += sessions.texts.count < before ? 1 : 0
        }
        guard Bool.random(using: &random) else { continue }
        let snapshot = changes.takeSnapshot(of: &sessions)
        if snapshot.isWhole { parts = [] }
        if snapshot.isWhole { wholes += 1 } else { changed += 1 }
        parts.append(snapshot.bytes())
        var copy = OpenSessions(rules: sessions.rules, table: sessions.table)
        for part in parts { try copy.restore(from: part) { _ in true } }
        #expect(Self.contents(copy) == Self.contents(sessions), "seed \(seed)")
        #expect(copy.horizon == sessions.horizon && copy.eventCount == sessions.eventCount, "seed \(seed)")
      }
    }
    #expect(wholes > 100 && changed > 100 && dropped > 100)
  }

  /// A row is a few bytes where it is like the one before.
  @Test func rowsAreShort() throws {
    var random = SeededRandom(seed: 3)
    var sessions = OpenSessions(rules: .ga4, table: KeyedEvents.table)
    sessions.record(true)
    let events = KeyedEvents.batch(1000, &random)
    sessions.insert(events, rows: SelectionVector(0..<1000))
    let writer = try #require(sessions.arrivals)
    #expect(writer.rowCount == 1000)
    #expect(writer.pieces(horizon: 0, sealed: []).reduce(0) { $0 + $1.count } < 13_000)
  }

  /// Bytes that were changed anywhere are an error or other sessions, never a trap.
  @Test func damageIsAnError() throws {
    var random = SeededRandom(seed: 4)
    var sessions = OpenSessions(rules: .ga4, table: KeyedEvents.table)
    let events = KeyedEvents.batch(40, &random, texts: 4)
    sessions.insert(events, rows: SelectionVector(0..<40))
    let bytes = sessions.encoded()
    var refused = 0
    for _ in 0..<1000 {
      var damaged = bytes
      damaged[Int.random(in: 0..<bytes.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 1...bytes.count, using: &random)) }
      var copy = OpenSessions(rules: .ga4, table: KeyedEvents.table)
      do { try copy.restore(from: damaged) { _ in true } } catch { refused += 1 }
    }
    #expect(refused > 500)
  }
}

extension String {
  fileprivate init(_ interner: Interner, _ code: UInt32) {
    let text = interner.text(code)
    self = String(decoding: text.indices.map { text[$0] }, as: UTF8.self)
  }
}
