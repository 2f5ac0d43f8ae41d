import Columns
import Dataflow
import TestSupport
import Testing
import Windows

/// A key group's state in parts: what was whole once, and the changes since, is the state.
@Suite struct KeyGroupTests {
  private final class Ignored<Input: Sendable>: Operator {
    func process(_ input: Input, from edge: Int) {}
    func advance(to watermark: Int64) {}
    func snapshot(at epoch: UInt64) {}
    func finish() {}
  }

  private struct Place {
    let graph = Graph(runtime: SimulationRuntime(seed: 1))
    let checkpoints = CheckpointCollector()
    let plan = KeyedPlan(
      rollups: [], sessionRules: SessionRules(gapMilliseconds: 3 * EventTime.minute), sessionTable: KeyedEvents.table,
      allowedLatenessMilliseconds: 20 * EventTime.minute, deduplicationHorizonMilliseconds: 60 * EventTime.minute,
      distinctExactLimit: 100, keyGroupCount: 1)

    func keyGroup() -> KeyGroup {
      let merger = graph.add(Ignored<[WindowPartial]>(), name: "merger")
      let sink = graph.add(Ignored<SinkMessage>(), name: "sink")
      return KeyGroup(
        name: "key-group-0", plan: plan, sealedThrough: EventTime.distantPast, merger: graph.connect(to: merger),
        sink: graph.connect(to: sink, capacity: .max), checkpoints: checkpoints)
    }

    func snapshot(
      of keyGroup: KeyGroup, at epoch: UInt64
    ) throws -> (sessions: StateSnapshot, identities: StateSnapshot) {
      keyGroup.snapshot(at: epoch)
      let states = checkpoints.take(epoch: epoch).states
      guard case .state(let sessions)? = states["key-group-0"], case .state(let identities)? = states["identities-0"]
      else { throw CancellationError() }
      return (sessions, identities)
    }

    func openSessions(_ parts: [[UInt8]]) throws -> [KeyedEvents.SessionRow] {
      var rows = BatchBuilder(KeyedEvents.table.schema)
      try KeyGroup.appendOpenSessions(of: parts, rules: plan.sessionRules, table: plan.sessionTable, to: &rows)
      return KeyedEvents.rows(rows.build()).sorted()
    }
  }

  @Test func partsAreTheWholeStateWhateverWasSealedBetween() throws {
    var changes = 0
    for seed in 1...60 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let place = Place()
      var keyGroup = place.keyGroup()
      var parts = KeyGroupParts()
      var offset = 0
      var newest = EventTime.distantPast
      for epoch in 1...30 as ClosedRange<UInt64> {
        let count = Int.random(in: 1...12, using: &random)
        let events = KeyedEvents.batch(count, &random, firstOffset: offset)
        offset += count
        newest = max(newest, (0..<count).map { events.times[$0] }.max() ?? newest)
        keyGroup.process(EventSlice(events: events, rows: SelectionVector(0..<UInt32(count))), from: 0)
        if Bool.random(using: &random) { keyGroup.advance(to: newest) }
        let (sessions, identities) = try place.snapshot(of: keyGroup, at: epoch)
        // The bytes are made later, while the key group goes on.
        keyGroup.process(EventSlice(events: events, rows: SelectionVector(0..<UInt32(count))), from: 0)
        if sessions.isWhole { parts.sessions = [] } else { changes += 1 }
        parts.sessions.append(sessions.bytes())
        #expect(!identities.isWhole, "seed \(seed), epoch \(epoch)")
        parts.identities.append(identities.bytes())
        // Restored as another's, it must write all; that is what the parts should come to.
        let copy = place.keyGroup()
        try copy.restore(from: parts, group: 0, isOwn: false)
        let whole = try place.snapshot(of: copy, at: epoch)
        #expect(whole.sessions.isWhole && whole.identities.isWhole)
        var live = BatchBuilder(KeyedEvents.table.schema)
        _ = keyGroup.appendActiveSessions(after: EventTime.distantPast, limit: .max, to: &live)
        let open = try place.openSessions(parts.sessions)
        #expect(try place.openSessions([whole.sessions.bytes()]) == open, "seed \(seed), epoch \(epoch)")
        #expect(Set(KeyedEvents.rows(live.build())).isSubset(of: open), "seed \(seed), epoch \(epoch)")
        guard Int.random(in: 0..<5, using: &random) == 0 else { continue }
        keyGroup = place.keyGroup()
        try keyGroup.restore(from: parts, group: 0, isOwn: true)
      }
    }
    #expect(changes > 300)
  }

  /// Copies of what came before a restart are known behind it, from the parts that were not too old.
  @Test func identitiesOutliveARestart() throws {
    for seed in 1...20 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let place = Place()
      let keyGroup = place.keyGroup()
      var parts = KeyGroupParts()
      var all: [EventSlice] = []
      for epoch in 1...8 as ClosedRange<UInt64> {
        let events = KeyedEvents.batch(10, &random, firstOffset: Int(epoch) * 10)
        all.append(EventSlice(events: events, rows: SelectionVector(0..<10)))
        keyGroup.process(all[all.count - 1], from: 0)
        let snapshot = try place.snapshot(of: keyGroup, at: epoch)
        if snapshot.sessions.isWhole { parts.sessions = [] }
        parts.sessions.append(snapshot.sessions.bytes())
        parts.identities.append(snapshot.identities.bytes())
      }
      let restored = place.keyGroup()
      try restored.restore(from: parts, group: 0, isOwn: true)
      for slice in all { restored.process(slice, from: 0) }
      let after = try place.snapshot(of: restored, at: 9)
      #expect(after.identities.bytes().count < 16, "seed \(seed): nothing was accepted again")
    }
  }
}
