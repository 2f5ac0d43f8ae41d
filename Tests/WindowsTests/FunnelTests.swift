import Columns
import TestSupport
import Testing
import Windows

@Suite struct FunnelTests {
  private static func events(_ rows: [(time: Int64, type: UInt8)]) -> [SessionEvent] {
    rows.enumerated().map { SessionEvent(time: $1.time, source: 0, offset: Int64($0), type: $1.type) }
  }

  private let golden = events([(0, 0), (5, 1), (8, 0), (12, 2), (14, 1), (17, 2)])
  private let steps = [OrderedFunnel.mask(0), OrderedFunnel.mask(1), OrderedFunnel.mask(2)]

  /// The golden vector T6: view 0, cart 5, view 8, buy 12, cart 14, buy 17.
  @Test(arguments: [(12, 3), (11, 3), (8, 2), (5, 2)] as [(Int64, Int)])
  func goldenLevels(_ window: Int64, _ level: Int) {
    #expect(OrderedFunnel(steps: steps, windowMilliseconds: window).reach(of: golden).level == level)
  }

  @Test func timeToConvertIsOfTheChainThatGotThereFirst() {
    #expect(summary(OrderedFunnel(steps: steps).reach(of: golden)) == [3, 12, 8])
    #expect(summary(OrderedFunnel(steps: steps, windowMilliseconds: 11).reach(of: golden)) == [3, 9, 8])
    let strict = OrderedFunnel(steps: steps, mode: .strict)
    #expect(summary(strict.reach(of: golden)) == [2, 5, nil])
    let unordered = OrderedFunnel(steps: steps, windowMilliseconds: 7, mode: .unordered)
    #expect(summary(unordered.reach(of: golden)) == [3, 7, 17])
  }

  @Test func equalTimesDoNotChainIfTheyMustGrow() {
    let tied = FunnelTests.events([(5, 0), (5, 1), (6, 2)])
    #expect(OrderedFunnel(steps: steps).reach(of: tied).level == 3)
    #expect(OrderedFunnel(steps: steps, isStrictlyIncreasing: true).reach(of: tied).level == 1)
    #expect(OrderedFunnel(steps: steps, mode: .strict, isStrictlyIncreasing: true).reach(of: tied).level == 1)
  }

  @Test func entriesLimitWhereChainsBegin() {
    let funnel = OrderedFunnel(steps: steps)
    #expect(funnel.reach(of: golden, entries: 1..<8).level == 0)
    #expect(funnel.reach(of: golden, entries: 8..<9).level == 3)
    #expect(summary(funnel.reach(of: golden, entries: 0..<1)) == [3, 12, 0])
  }

  @Test func outcomesTellPendingFromDropped() {
    let funnel = OrderedFunnel(steps: steps, windowMilliseconds: 10)
    let viewer = funnel.reach(of: FunnelTests.events([(100, 0)]))
    let buyer = funnel.reach(of: FunnelTests.events([(100, 0), (101, 1), (102, 2)]))
    for (watermark, dropped) in [(EventTime.distantPast, 0), (110, 0), (111, 1), (EventTime.distantFuture, 1)] {
      var counts = FunnelCounts(stepCount: 3)
      counts.add(viewer, of: funnel, watermark: watermark)
      var others = FunnelCounts(stepCount: 3)
      others.add(buyer, of: funnel, watermark: watermark)
      others.add(.init(), of: funnel, watermark: watermark)
      counts += others
      #expect(
        counts.converted == [1, 1, 1] && counts.dropped == [dropped, 0, 0] && counts.pending == [1 - dropped, 0, 0])
      #expect((0..<3).map(counts.users) == [2, 1, 1])
    }
  }

  /// P2: in every mode, the one pass finds what trying every chain finds.
  @Test func agreesWithTryingEveryChain() {
    for seed in 1...4000 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let stepCount = Int.random(in: 2...4, using: &random)
      let masks = (0..<stepCount).map { step in
        OrderedFunnel.mask(UInt8(step)) | (Int.random(in: 0..<4, using: &random) == 0 ? OrderedFunnel.mask(9) : 0)
      }
      let funnel = OrderedFunnel(
        steps: masks, windowMilliseconds: [3, 10, 30, .max].randomElement(using: &random)!,
        mode: [.ordered, .strict, .unordered].randomElement(using: &random)!,
        isStrictlyIncreasing: .random(using: &random))
      let times = (0..<Int.random(in: 0...9, using: &random)).map { _ in Int64.random(in: 0..<40, using: &random) }
        .sorted()
      let events = FunnelTests.events(
        times.map { ($0, Int.random(in: 0..<8, using: &random) == 0 ? 9 : .random(in: 0..<4, using: &random)) })
      let entries = Bool.random(using: &random) ? nil : Int64.random(in: 0..<20, using: &random)..<25
      let expected = FunnelSearch(funnel: funnel, events: events, entries: entries).best()
      let found = funnel.reach(of: events, entries: entries)
      #expect(found.level == expected.level, "seed \(seed): \(funnel) \(events) \(String(describing: entries))")
      #expect(found.timeToConvertMilliseconds == expected.time, "seed \(seed): \(funnel)")
      #expect(found.timeToConvertMilliseconds <= funnel.windowMilliseconds, "seed \(seed)")
    }
  }

  private func summary(_ reach: OrderedFunnel.Reach) -> [Int64?] {
    [Int64(reach.level), reach.timeToConvertMilliseconds, reach.latestEntry]
  }
}

/// Every chain there is: the highest level, and of the chains that reach it first the shortest.
private struct FunnelSearch {
  let funnel: OrderedFunnel
  let events: [SessionEvent]
  let entries: Range<Int64>?
  private var found: [(level: Int, end: Int64, time: Int64)] = []

  init(funnel: OrderedFunnel, events: [SessionEvent], entries: Range<Int64>?) {
    self.funnel = funnel
    self.events = events
    self.entries = entries
  }

  func best() -> (level: Int, time: Int64) {
    var search = self
    search.extend([])
    guard let level = search.found.map(\.level).max() else { return (0, 0) }
    let reaching = search.found.filter { $0.level == level }
    let end = reaching.map(\.end).min()!
    return (level, reaching.filter { $0.end == end }.map(\.time).min()!)
  }

  private mutating func extend(_ chain: [Int]) {
    let times = chain.map { events[$0].time }
    if let first = times.min(), let last = times.max() {
      guard entries?.contains(first) ?? true || funnel.mode == .unordered else { return }
      let isWithin = last - first <= funnel.windowMilliseconds
      if !isWithin { return }
      if entries?.contains(first) ?? true { found.append((chain.count, last, last - first)) }
    }
    guard chain.count < funnel.steps.count else { return }
    for next in events.indices where funnel.steps[chain.count] >> UInt64(events[next].type) & 1 == 1 {
      if let last = chain.last, funnel.mode != .unordered {
        guard next > last, funnel.mode == .ordered || next == last + 1 else { continue }
        if funnel.isStrictlyIncreasing, events[next].time == events[last].time { continue }
      }
      extend(chain + [next])
    }
  }
}
