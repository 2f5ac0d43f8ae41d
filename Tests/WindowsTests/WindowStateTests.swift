import TestSupport
import Testing
import Windows

/// The simplest thing a window can hold.
struct Total: Mergeable, Equatable, ExpressibleByIntegerLiteral {
  var value: Int

  init(integerLiteral value: Int) { self.value = value }

  mutating func merge(_ other: Total) { value += other.value }
}

@Suite struct WindowStateTests {
  private typealias Key = PaneKey<String>
  private typealias Output = WindowOutput<String, Total>

  private static func ascending(_ left: Key, _ right: Key) -> Bool {
    (left.group, left.pane.lowerBound) < (right.group, right.pane.lowerBound)
  }

  private static func text(_ output: Output) -> String {
    switch output {
    case .onTime(let key, let total): "ontime \(key.pane) \(total.value)"
    case .update(let key, let total): "update \(key.pane) \(total.value)"
    case .final(let key, let total): "final \(key.pane) \(total.value)"
    case .delta(let key, let total): "delta \(key.pane) \(total.value)"
    }
  }

  /// The golden vector T3: windows of 60, lateness 30, no disorder allowed for.
  @Test func goldenTumblingWindow() {
    var state = WindowState<String, Total>(shape: .tumbling(size: 60, offset: 0), allowedLatenessMilliseconds: 30)
    var watermark = Int64.min
    var outputs: [Output] = []
    for time in [10, 50, 65, 40, 80, 95, 20, 130, 5, 200] as [Int64] {
      let start = time - time % 60
      let (_, output) = state.merge(1, into: Key(pane: start..<start + 60, group: "k"), at: watermark)
      if let output { outputs.append(output) }
      watermark = max(watermark, time)
      outputs += state.advance(to: watermark, ascending: Self.ascending)
    }
    outputs += state.advance(to: .max, ascending: Self.ascending)
    #expect(
      outputs.map(Self.text) == [
        "ontime 0..<60 2", "update 0..<60 3", "final 0..<60 3", "delta 0..<60 1", "ontime 60..<120 3", "delta 0..<60 1",
        "ontime 120..<180 1", "final 60..<120 3", "ontime 180..<240 1", "final 120..<180 1", "final 180..<240 1",
      ])
    #expect(state.count == 0)
  }

  /// P3: what was let out for good and what is live always sum to all contributions, also over a snapshot.
  @Test func partialsSumToAllContributions() {
    for seed in 1...1500 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let size = [5, 10, 60][Int.random(in: 0..<3, using: &random)] as Int64
      let lateness = [0, 5, 30][Int.random(in: 0..<3, using: &random)] as Int64
      let disorder = [0, 3, 20][Int.random(in: 0..<3, using: &random)] as Int64
      var state = WindowState<String, Total>(
        shape: .tumbling(size: size, offset: 0), allowedLatenessMilliseconds: lateness)
      var (stored, raw): ([Key: Int], [Key: Int]) = ([:], [:])
      var watermark = Int64.min
      for step in 0..<Int64.random(in: 1...60, using: &random) {
        let late = Int.random(in: 0..<4, using: &random) == 0 ? Int64.random(in: 0...80, using: &random) : 0
        let time = max(0, step * Int64.random(in: 1...3, using: &random) - late)
        let start = time - time % size
        let key = Key(pane: start..<start + size, group: Bool.random(using: &random) ? "a" : "b")
        raw[key, default: 0] += 1
        if case .delta(let key, let total)? = state.merge(1, into: key, at: watermark).output {
          stored[key, default: 0] += total.value
        }
        watermark = max(watermark, time - disorder)
        for case .final(let key, let total) in state.advance(to: watermark, ascending: Self.ascending) {
          stored[key, default: 0] += total.value
        }
        if Int.random(in: 0..<8, using: &random) == 0 { state = restored(state) }
        var sum = stored
        state.forEach { key, total, _ in sum[key, default: 0] += total.value }
        guard sum == raw else {
          Issue.record("seed \(seed), step \(step): \(sum) instead of \(raw)")
          break
        }
      }
    }
  }

  private func restored(_ state: WindowState<String, Total>) -> WindowState<String, Total> {
    var copy = WindowState<String, Total>(
      shape: state.shape, allowedLatenessMilliseconds: state.allowedLatenessMilliseconds)
    state.forEach { copy.restore($0, $1, hasFired: $2) }
    return copy
  }
}
