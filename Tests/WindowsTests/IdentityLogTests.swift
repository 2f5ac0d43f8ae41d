import Columns
import Dataflow
import TestSupport
import Testing

@testable import Windows

@Suite struct IdentityLogTests {
  /// What parts say, less those that are too old as a whole, is what the set knows within its horizon.
  @Test func partsThatAreNotTooOldAreTheSet() throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      var set = DeduplicationSet()
      var log = IdentityLog()
      var parts: [(newest: Int64, bytes: [UInt8])] = []
      var model: [Hash128: FirstCopy] = [:]
      var offset = 0
      for _ in 1...40 {
        let count = Int.random(in: 1...30, using: &random)
        let events = KeyedEvents.batch(count, &random, firstOffset: offset)
        offset += count
        for row in 0..<count {
          set.insert(events.firstCopy(row), for: events.identities[row])
          model[events.identities[row]] = events.firstCopy(row)
        }
        log.add(events, rows: SelectionVector(0..<UInt32(count)), known: set)
        if Int.random(in: 0..<3, using: &random) == 0 {
          set.expire(before: (model.values.map(\.time).max() ?? 0) - 10 * EventTime.minute)
        }
        guard Bool.random(using: &random) else { continue }
        let snapshot = log.takeSnapshot(of: set)
        let span = try #require(snapshot.logSpan)
        parts.removeAll { $0.newest < span.neededFrom }
        parts.append((span.newest, snapshot.bytes()))
        var copy = DeduplicationSet()
        // Parts side by side are one part.
        if Bool.random(using: &random) {
          try copy.restore(from: parts.flatMap(\.bytes))
        } else {
          for part in parts { try copy.restore(from: part.bytes) }
        }
        for (identity, first) in model where first.time >= set.oldestKept {
          #expect(copy.find(identity) == first, "seed \(seed)")
        }
        #expect(copy.oldestKept == set.oldestKept, "seed \(seed)")
      }
    }
  }

  /// Without checkpoints memory does not grow: what would be longer than the set gives way to it.
  @Test func theSetIsWrittenWhereTheLogWouldBeLonger() throws {
    var random = SeededRandom(seed: 7)
    var set = DeduplicationSet()
    var log = IdentityLog()
    let events = KeyedEvents.batch(1000, &random, firstOffset: 0)
    let rows = SelectionVector(0..<1000)
    for row in 0..<1000 { set.insert(events.firstCopy(row), for: events.identities[row]) }
    for _ in 0...(IdentityLog.mostCollected / 1000) { log.add(events, rows: rows, known: set) }
    #expect(log.isIncomplete)
    let whole = log.takeSnapshot(of: set)
    #expect(whole.isWhole)
    var copy = DeduplicationSet()
    try copy.restore(from: whole.bytes())
    #expect(copy.count == set.count)
    #expect(!log.takeSnapshot(of: set).isWhole)
  }
}
