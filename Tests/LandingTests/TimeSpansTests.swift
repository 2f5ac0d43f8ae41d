import Landing
import TestSupport
import Testing

@Suite struct TimeSpansTests {
  /// Beside a list of every moment that is near enough.
  @Test(arguments: [UInt64(1), 2, 3]) func spansAreTheMomentsNearAnyOfTheTimes(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<200 {
      let times = (0..<Int.random(in: 0...8, using: &random)).map { _ in Int64.random(in: -100...100, using: &random) }
      let reach = Int64.random(in: 0...20, using: &random)
      let spans = TimeSpans(around: times, reach: reach)
      func isNear(_ moment: Int64) -> Bool { times.contains { abs($0 - moment) <= reach } }
      for moment in Int64(-130)...130 {
        #expect((spans.span(of: moment) != nil) == isNear(moment), "seed \(seed)")
        #expect(spans.span(of: moment).map { $0.contains(moment) } ?? true)
      }
      let start = Int64.random(in: -130...130, using: &random)
      let range = start...start + Int64.random(in: 0...30, using: &random)
      #expect(spans.overlap(range) == range.contains(where: isNear), "seed \(seed)")
      #expect(spans.bounds == times.min().map { $0 - reach...(times.max() ?? $0) + reach })
    }
  }

  @Test func spansEndWithTime() {
    #expect(TimeSpans(around: [0], reach: .max).spans == [-Int64.max...Int64.max])
    #expect(TimeSpans(around: [-10, 10], reach: .max).spans == [Int64.min...Int64.max])
    #expect(TimeSpans(around: [], reach: 5).bounds == nil)
  }
}
