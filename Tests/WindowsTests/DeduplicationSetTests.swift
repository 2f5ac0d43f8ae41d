import Columns
import Encodings
import TestSupport
import Testing
import Windows

@Suite struct DeduplicationSetTests {
  /// The identity that stands for an empty slot, and half an entry.
  @Test func impossibleSnapshotsAreRefused() {
    for words in [[0, 0, 1], [1, 2]] as [[UInt64]] {
      var writer = ByteWriter()
      writer.write(Int64(5))
      writer.writeVarint(1)
      writer.write(UInt64(3))
      writer.write(words: words)
      var set = DeduplicationSet()
      #expect(throws: CorruptionError.self) { try set.restore(from: writer.bytes) }
    }
  }

  /// Whatever is inside the horizon is found, exactly; a snapshot knows the same.
  @Test func agreesWithADictionary() throws {
    for seed in 1...40 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      var set = DeduplicationSet()
      var model: [Hash128: FirstCopy] = [:]
      var oldest = Int64.min
      for step in 0..<2_000 as Range<Int64> {
        let identity = Hash128(low: UInt64.random(in: 1...900, using: &random), high: seed)
        let copy = FirstCopy(
          time: step + Int64.random(in: -300...0, using: &random), source: Int32.random(in: 0...3, using: &random),
          contentHash: UInt32(truncatingIfNeeded: random.next()))
        if let known = model[identity], known.time >= oldest { #expect(set.find(identity) == known, "seed \(seed)") }
        if let found = set.find(identity) { #expect(found == model[identity], "seed \(seed)") }
        set.insert(copy, for: identity)
        model[identity] = copy
        if step % 50 == 0 {
          oldest = step - 400
          set.expire(before: oldest)
        }
        if step % 499 == 0 { set = try decoded(set) }
      }
      let live = model.filter { $0.value.time >= oldest }
      for (identity, copy) in live { #expect(set.find(identity) == copy, "seed \(seed)") }
      #expect(try decoded(set).count == live.count, "seed \(seed)")
    }
  }

  private func decoded(_ set: DeduplicationSet) throws -> DeduplicationSet {
    var writer = ByteWriter()
    set.encode(into: &writer)
    var copy = DeduplicationSet()
    try copy.restore(from: writer.bytes)
    return copy
  }

  @Test func zeroIsNoIdentity() async {
    await #expect(processExitsWith: .failure) {
      var set = DeduplicationSet()
      set.insert(FirstCopy(time: 0, source: 0, contentHash: 0), for: Hash128(low: 0, high: 0))
    }
  }
}
