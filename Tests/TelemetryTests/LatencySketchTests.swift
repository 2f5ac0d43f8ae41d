import Testing

@testable import Telemetry

@Suite struct LatencySketchTests {
  /// A generator whose seed is printed with a failure.
  struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var mixed = state
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
  }

  /// Values of every magnitude, as latencies are.
  private func values(_ count: Int, _ generator: inout SeededGenerator) -> [Int64] {
    (0..<count).map { _ in
      Int64(UInt64.random(in: 0...UInt64(Int64.max), using: &generator) >> UInt64.random(in: 0...62, using: &generator))
    }
  }

  @Test func quantilesAreWithinOnePercent() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(state: seed)
    for count in [1, 2, 3, 10, 99, 100, 101, 5000] {
      let values = values(count, &generator)
      var sketch = LatencySketch()
      for value in values { sketch.add(value) }
      let sorted = values.sorted()
      for share in [0.0, 0.01, 0.5, 0.9, 0.95, 0.99, 0.999, 1.0] {
        let exact = sorted[max(1, Int((share * Double(count)).rounded(.up))) - 1]
        let answer = try #require(sketch.quantile(share))
        let error = abs(Double(answer) - Double(exact))
        #expect(error <= 0.01 * Double(exact), "seed \(seed), \(count) values, quantile \(share): \(answer), \(exact)")
      }
    }
  }

  @Test func mergingIsAdding() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var generator = SeededGenerator(state: seed)
    let values = values(3000, &generator)
    var whole = LatencySketch()
    var parts = Array(repeating: LatencySketch(), count: 7)
    for value in values {
      whole.add(value)
      parts[Int.random(in: 0..<7, using: &generator)].add(value)
    }
    var forward = LatencySketch()
    for part in parts { forward.merge(part) }
    var backward = LatencySketch()
    for part in parts.reversed() { backward.merge(part) }
    #expect(forward == whole, "seed \(seed)")
    #expect(backward == whole, "seed \(seed)")
    #expect(whole.count == 3000)
  }

  @Test func smallValuesAreExact() {
    for value in Int64(0)...127 {
      var sketch = LatencySketch()
      sketch.add(value)
      #expect(sketch.p50 == value)
    }
  }

  @Test func theEndsOfTheRangeAreTaken() throws {
    var sketch = LatencySketch()
    sketch.add(-1)
    #expect(sketch.p99 == 0)
    sketch.add(.max, times: 1000)
    let greatest = try #require(sketch.p99)
    #expect(greatest > Int64.max / 100 * 99)
    #expect(LatencySketch.bucket(of: .max) < LatencySketch.bucketCountMax)
  }

  @Test func anEmptySketchHasNoQuantile() {
    #expect(LatencySketch().p50 == nil)
    #expect(LatencySketch().count == 0)
  }

  @Test func bucketsAscendWithoutGaps() {
    var last = -1
    for bucket in 0..<LatencySketch.bucketCountMax - 64 {
      let middle = LatencySketch.middle(ofBucket: bucket)
      #expect(LatencySketch.bucket(of: middle) == bucket)
      #expect(bucket == last + 1)
      last = bucket
    }
  }

  @Test func aSketchComesBackFromItsBuckets() throws {
    var sketch = LatencySketch()
    for value in [3, 420, 780, 1200, 1200] as [Int64] { sketch.add(value) }
    #expect(LatencySketch(buckets: sketch.buckets) == sketch)
    let wrong: [[(index: Int, count: UInt64)]] = [
      [(-1, 1)], [(LatencySketch.bucketCountMax, 1)], [(1, .max), (2, 1)],
      [(1, 1 << 48), (2, 1)],
    ]
    for buckets in wrong { #expect(LatencySketch(buckets: buckets) == nil) }
  }
}
