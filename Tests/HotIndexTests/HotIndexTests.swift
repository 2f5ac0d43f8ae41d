import HotIndex
import TestSupport
import Testing

@Suite struct HotIndexTests {
  private static let lateness: Int64 = 100

  private func window(_ start: Int64, _ group: String? = nil, count: Int64, _ status: HotStatus = .open) -> HotWindow {
    HotWindow(
      window: start..<start + 60, group: [group.map { Array($0.utf8) }], eventCount: count, counts: [count],
      distincts: [], amounts: [], isApproximate: false, status: status, corrections: 0, deltas: 0,
      updatedMilliseconds: nil)
  }

  private func index(retention: Int64 = 10_000) -> HotIndex {
    HotIndex(rollups: ["kpi"], allowedLatenessMilliseconds: Self.lateness, retentionMilliseconds: retention)
  }

  @Test func aSnapshotDoesNotChange() {
    let index = index()
    index.publish([("kpi", window(0, count: 1))], watermark: 10, newestEventTime: 15)
    let before = index.snapshot
    index.publish([("kpi", window(0, count: 2)), ("kpi", window(60, count: 3))], watermark: 70, newestEventTime: 75)
    #expect(before.rollups["kpi"]?.windows(overlapping: 0..<1000).map(\.eventCount) == [1])
    #expect(before.now == 15 && before.watermark == 10)
    #expect(index.snapshot.rollups["kpi"]?.windows(overlapping: 0..<1000).map(\.eventCount) == [2, 3])
    #expect(index.snapshot.now == 75 && index.snapshot.revision == 2)
  }

  @Test func theWatermarkMovesTheStatus() {
    let index = index()
    index.publish([("kpi", window(0, count: 1))], watermark: 59)
    func status() -> HotStatus? { index.snapshot.rollups["kpi"]?.latest().first?.status }
    #expect(status() == .open)
    index.publish([], watermark: 60)
    #expect(status() == .onTime)
    index.publish([("kpi", window(0, count: 2, .revised))])
    #expect(status() == .revised)
    index.publish([], watermark: 159)
    #expect(status() == .revised)
    index.publish([], watermark: 160)
    #expect(status() == .final)
    index.publish([("kpi", window(0, count: 3, .amended))], watermark: 500)
    #expect(status() == .amended)
  }

  @Test func latestIsTheNewestWindowThatIsWanted() {
    let index = index()
    index.publish([("kpi", window(0, "a", count: 1, .final)), ("kpi", window(60, "b", count: 2))], watermark: 60)
    let rollup = index.snapshot.rollups["kpi"]
    #expect(rollup?.latest().map(\.eventCount) == [2])
    #expect(rollup?.latest { $0.status == .final }.map(\.eventCount) == [1])
    #expect(rollup?.latest { $0.status == .amended }.isEmpty == true)
  }

  @Test func whatIsTooOldIsDropped() {
    let index = index(retention: 100)
    index.publish([("kpi", window(0, count: 1)), ("kpi", window(60, count: 2))], newestEventTime: 60)
    index.publish([], newestEventTime: 160)
    #expect(index.snapshot.rollups["kpi"]?.windows(overlapping: 0..<1000).map(\.eventCount) == [2])
  }

  /// Random changes in random order come to what a dictionary holds, in order of start and group.
  @Test(arguments: 1...20 as ClosedRange<UInt64>)
  func agreesWithADictionary(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let index = index(retention: .max / 4)
    var model: [Int64: [String: Int64]] = [:]
    for count in 1...400 as ClosedRange<Int64> {
      let start = Int64.random(in: 0..<20, using: &random) * 60
      let group = String(Int.random(in: 100..<110, using: &random))
      model[start, default: [:]][group] = count
      index.publish([("kpi", window(start, group, count: count))])
    }
    let expected = model.sorted { $0.key < $1.key }.flatMap { start, groups in
      groups.sorted { $0.key < $1.key }.map { "\(start) \($0.key) \($0.value)" }
    }
    let rollup = index.snapshot.rollups["kpi"]
    let got = rollup?.windows(overlapping: 0..<2000).map { window in
      "\(window.window.lowerBound) \(String(decoding: window.group[0] ?? [], as: UTF8.self)) \(window.eventCount)"
    }
    #expect(got == expected, "seed \(seed)")
    #expect(rollup?.count == expected.count, "seed \(seed)")
  }
}
