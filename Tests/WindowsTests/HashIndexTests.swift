import TestSupport
import Testing

@testable import Windows

@Suite struct HashIndexTests {
  /// Random inserts and removals under few hashes, so that chains run into each other and around the end of the table.
  @Test func agreesWithADictionary() {
    for seed in 1...60 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let hashes = (0..<40).map { _ in UInt64.random(in: 0..<(1 << 10), using: &random) << 38 }
      var index = HashIndex()
      var model: [UInt32: UInt64] = [:]
      for step in 1...1_500 as ClosedRange<UInt32> {
        if Bool.random(using: &random), let (code, hash) = model.randomElement(using: &random) {
          index.remove(code, hash: hash)
          model[code] = nil
        } else if let hash = hashes.randomElement(using: &random) {
          index.insert(step, hash: hash)
          model[step] = hash
        }
        guard step % 100 == 0 else { continue }
        #expect(index.count == model.count, "seed \(seed)")
        for (code, hash) in model { #expect(index.find(hash) { $0 == code } == code, "seed \(seed)") }
        for hash in hashes { #expect(index.find(hash) { model[$0] != hash } == nil, "seed \(seed)") }
      }
    }
  }
}
