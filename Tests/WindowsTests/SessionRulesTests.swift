import Columns
import TestSupport
import Testing
import Windows

/// Milliseconds that stand for one tick where a test's day has 50 of them.
private let tick = EventTime.day / 50

@Suite struct SessionRulesTests {
  private func events(_ rows: [(time: Int64, campaign: UInt32)]) -> [SessionEvent] {
    rows.enumerated().map { position, row in
      SessionEvent(time: row.time, source: 0, offset: Int64(position), type: 0, campaign: row.campaign)
    }
  }

  /// The golden vector T5: a gap of exactly 30 minutes is new, a campaign cuts only if the rule is on.
  @Test func goldenSessionsWithAndWithoutCampaign() {
    let (google, facebook): (UInt32, UInt32) = (1, 2)
    let golden = events([(0, google), (10, 0), (1809, 0), (3609, 0), (3700, facebook), (3800, 0)])
    var rules = SessionRules(gapMilliseconds: 1800, cutsOnCampaign: true)
    #expect(rules.sessions(of: golden) == [0..<3, 3..<4, 4..<6])
    rules.cutsOnCampaign = false
    #expect(rules.sessions(of: golden) == [0..<3, 3..<6])
  }

  /// T5b: a late event between two sessions makes them one.
  @Test func lateEventMerges() {
    let rules = SessionRules(gapMilliseconds: 1800)
    #expect(rules.sessions(of: events([(0, 0), (1000, 0), (3000, 0)])) == [0..<2, 2..<3])
    #expect(rules.sessions(of: events([(0, 0), (1000, 0), (2000, 0), (3000, 0)])) == [0..<4])
  }

  @Test func presetsDifferAtTheirEdges() {
    let half = 30 * EventTime.minute
    let pair = events([(EventTime.day - 1, 0), (EventTime.day - 1 + half, 0)])
    #expect(SessionRules.ga4.sessions(of: pair).count == 2)
    #expect(SessionRules.flink.sessions(of: pair).count == 1)
    let overMidnight = events([(EventTime.day - 1, 0), (EventTime.day, 0), (EventTime.day + 1, 7)])
    #expect(SessionRules.ga4.sessions(of: overMidnight).count == 1)
    #expect(SessionRules.ua.sessions(of: overMidnight) == [0..<1, 1..<2, 2..<3])
    let many = events((0..<10_001).map { (Int64($0), 0) })
    #expect(SessionRules.ga4.sessions(of: many) == [0..<10_000, 10_000..<10_001])
    #expect(SessionRules.posthog.sessions(of: many).count == 1)
    let long = events((0...60).map { (Int64($0) * 25 * EventTime.minute, 0) })
    #expect(SessionRules.posthog.sessions(of: long).count == 2)
    #expect(SessionRules.preset("matomo") == .matomo && SessionRules.preset("other") == nil)
  }

  @Test func midnightIsTheZones() throws {
    var rules = SessionRules(cutsAtMidnight: true)
    let times = events([(22 * EventTime.hour + 1, 0), (22 * EventTime.hour + 20 * EventTime.minute, 0)])
    rules.zone = try CalendarZone("Europe/Berlin")
    #expect(rules.sessions(of: times).count == 1)
    rules.zone = try CalendarZone("Europe/Helsinki")
    #expect(rules.sessions(of: events([(22 * EventTime.hour - 1, 0), (22 * EventTime.hour, 0)])).count == 2)
  }

  @Test func nothingIsSealedBeforeTheHorizon() {
    let rules = SessionRules(gapMilliseconds: 10)
    let one = events([(100, 0)])
    #expect(rules.sealedPrefix(of: [], horizon: EventTime.distantFuture).isEmpty)
    #expect(rules.sealedPrefix(of: one, horizon: EventTime.distantPast).isEmpty)
    #expect(rules.sealedPrefix(of: one, horizon: 109).isEmpty)
    #expect(rules.sealedPrefix(of: one, horizon: 110) == [0..<1])
    var inclusive = rules
    inclusive.isGapInclusive = true
    #expect(inclusive.sealedPrefix(of: one, horizon: 110).isEmpty)
    #expect(inclusive.sealedPrefix(of: one, horizon: 111) == [0..<1])
  }

  /// P1: whatever the rules, disorder and lateness, the sessions sealed while events stream in are those of the
  /// definition over the admitted events.
  @Test func sealedSessionsEqualTheDefinition() {
    for seed in 1...2000 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let run = SessionRun(&random)
      var (buffer, sealed, admitted): ([SessionEvent], [[SessionEvent]], [SessionEvent]) = ([], [], [])
      var newest = Int64.min
      for event in run.arrivals {
        let horizon = newest == .min ? Int64.min : newest - run.outOfOrderness - run.lateness
        if event.time >= horizon {
          admitted.append(event)
          buffer.insert(event, at: buffer.firstIndex { event < $0 } ?? buffer.count)
        }
        newest = max(newest, event.time)
        seal(run.rules, &buffer, newest - run.outOfOrderness - run.lateness, &sealed)
      }
      seal(run.rules, &buffer, EventTime.distantFuture, &sealed)
      admitted.sort(by: <)
      let expected = naiveSessions(admitted, run.rules)
      #expect(buffer.isEmpty && sealed == expected, "seed \(seed): \(run)")
    }
  }

  private func seal(
    _ rules: SessionRules, _ buffer: inout [SessionEvent], _ horizon: Int64, _ sealed: inout [[SessionEvent]]
  ) {
    let ranges = rules.sealedPrefix(of: buffer, horizon: horizon)
    sealed += ranges.map { Array(buffer[$0]) }
    buffer.removeFirst(ranges.last?.upperBound ?? 0)
  }

  /// The definition, word by word.
  private func naiveSessions(_ events: [SessionEvent], _ rules: SessionRules) -> [[SessionEvent]] {
    var sessions: [[SessionEvent]] = []
    for event in events {
      guard let session = sessions.last, let first = session.first, let last = session.last else {
        sessions.append([event])
        continue
      }
      let gap = event.time - last.time
      let cuts =
        gap > rules.gapMilliseconds || (gap == rules.gapMilliseconds && !rules.isGapInclusive)
        || event.time - first.time >= rules.lengthMilliseconds ?? .max || session.count >= rules.maximumEvents ?? .max
        || (rules.cutsAtMidnight && event.time / EventTime.day != last.time / EventTime.day)
        || (rules.cutsOnCampaign && event.campaign != 0 && event.campaign != first.campaign)
      if cuts { sessions.append([event]) } else { sessions[sessions.count - 1].append(event) }
    }
    return sessions
  }
}

/// One random run: rules, bounds of disorder, and events in their order of arrival.
private struct SessionRun {
  let rules: SessionRules
  let outOfOrderness: Int64
  let lateness: Int64
  let arrivals: [SessionEvent]

  init(_ random: inout SeededRandom) {
    rules = SessionRules(
      gapMilliseconds: [5, 10, 30].randomElement(using: &random)! * tick,
      lengthMilliseconds: [nil, 20 * tick, 60 * tick].randomElement(using: &random)!,
      maximumEvents: [nil, 3, 10].randomElement(using: &random)!, isGapInclusive: .random(using: &random),
      cutsAtMidnight: .random(using: &random), cutsOnCampaign: .random(using: &random))
    outOfOrderness = [0, 2, 8].randomElement(using: &random)! * tick
    lateness = [0, 3, 10, 25].randomElement(using: &random)! * tick
    let times = (0..<Int.random(in: 1...40, using: &random)).map { _ in Int64.random(in: 0...300, using: &random) }
      .sorted()
    var delayed: [(arrival: Int64, event: SessionEvent)] = []
    for (position, time) in times.enumerated() {
      let campaign: UInt32 = [0, 0, 0, 1, 2].randomElement(using: &random)!
      let source = Int32.random(in: 0...2, using: &random)
      let event = SessionEvent(time: time * tick, source: source, offset: Int64(position), type: 0, campaign: campaign)
      let delays = [0, 0, 0, Int64.random(in: 0...8, using: &random), Int64.random(in: 0...60, using: &random)]
      delayed.append((time + delays.randomElement(using: &random)!, event))
    }
    arrivals = delayed.enumerated().sorted { ($0.1.arrival, $0.0) < ($1.1.arrival, $1.0) }.map(\.1.event)
  }
}
