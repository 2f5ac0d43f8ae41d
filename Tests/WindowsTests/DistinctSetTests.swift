import TestSupport
import Testing
import Windows

@Suite struct DistinctSetTests {
  @Test func agreesWithASetAndWithAnyOrderOfUnions() throws {
    for seed in 1...300 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let limit = [0, 5, 100, 500].randomElement(using: &random)!
      let pool = (0..<Int.random(in: 1...400, using: &random)).map { $0 == 0 ? 0 : random.next() }
      var parts: [(set: DistinctSet, model: Set<UInt64>)] = []
      for _ in 0..<6 {
        var (set, model) = (DistinctSet(exactLimit: limit), Set<UInt64>())
        for _ in 0..<Int.random(in: 0...120, using: &random) {
          let hash = pool.randomElement(using: &random)!
          let isNew = model.insert(hash).inserted
          #expect(set.isApproximate || set.insert(hash) == isNew)
          if set.isApproximate { set.insert(hash) }
        }
        parts.append((set, model))
      }
      let union = parts.reduce(into: Set<UInt64>()) { $0.formUnion($1.model) }
      var expected = DistinctSet(exactLimit: limit)
      for hash in union.sorted() { expected.insert(hash) }
      #expect(expected.isApproximate == (union.count > limit))
      if !expected.isApproximate { #expect(expected.count == union.count) }
      for _ in 0..<4 {
        parts.shuffle(using: &random)
        var folded = DistinctSet(exactLimit: limit)
        for part in parts + parts.prefix(2) { folded.formUnion(part.set) }
        var paired = DistinctSet(exactLimit: limit)
        for pair in stride(from: 0, to: 6, by: 2) {
          var merged = parts[pair].set
          merged.formUnion(parts[pair + 1].set)
          paired.formUnion(merged)
        }
        #expect(folded == expected && paired == expected, "seed \(seed)")
        #expect(folded.encoded() == expected.encoded(), "seed \(seed)")
      }
      let restored = try DistinctSet(encoded: expected.encoded(), exactLimit: limit)
      #expect(restored == expected)
    }
  }

  @Test(arguments: [1_000, 65_537, 300_000, 2_000_000])
  func estimateStaysWithinFourStandardErrors(_ truth: Int) {
    var random = SeededRandom(seed: UInt64(truth))
    var sketch = HyperLogLog()
    for _ in 0..<truth { sketch.insert(random.next()) }
    let error = Double(sketch.count - truth) / Double(truth)
    #expect(abs(error) < 4 * HyperLogLog.standardError, "\(sketch.count) for \(truth)")
  }

  @Test func emptyAndSmallSetsAreCheap() {
    var set = DistinctSet()
    #expect(set.count == 0 && set.byteCount == 0 && set.encoded() == [0])
    #expect(HyperLogLog().count == 0)
    for hash in 1...6 as ClosedRange<UInt64> { set.insert(hash) }
    #expect(set.byteCount == 64 && set.contains(3) == true && set.contains(9) == false)
  }

  @Test func damagedBytesAreRefused() {
    let refusals: [([UInt8], DistinctSetError)] = [
      ([], .wrongLength(0)), ([7], .unknownKind(7)), ([0, 1], .wrongLength(2)), ([1, 0], .wrongLength(2)),
      ([0] + Array(repeating: 5, count: 16), .notAscending(position: 1)),
      ([1] + Array(repeating: 54, count: 4096), .impossibleRegister),
    ]
    for (bytes, error) in refusals { #expect(throws: error) { try DistinctSet(encoded: bytes) } }
  }
}
