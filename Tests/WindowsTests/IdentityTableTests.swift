import Columns
import TestSupport
import Testing

@testable import Windows

@Suite struct IdentityTableTests {
  private static func copy(_ number: Int) -> FirstCopy {
    FirstCopy(time: Int64(number), source: Int32(number % 7), contentHash: UInt32(truncatingIfNeeded: number))
  }

  /// Pages split and lose what is too old; what is left is what a dictionary has.
  @Test func agreesWithADictionary() {
    for seed in 1...5 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let table = IdentityTable()
      var model: [Hash128: FirstCopy] = [:]
      for number in 0..<20_000 {
        let isKnown = number % 5 == 4
        let identity =
          isKnown
          ? model.randomElement(using: &random)?.key ?? Hash128(low: 1, high: 1)
          : Hash128(low: random.next(), high: random.next())
        let oldest = Int64(number - 9_000)
        table.put(Self.copy(number), for: identity, at: table.slot(of: identity), oldestKept: oldest)
        model[identity] = Self.copy(number)
        if number % 1000 == 0 { model = model.filter { $0.value.time >= oldest } }
      }
      let kept = model.filter { $0.value.time >= 20_000 - 9_001 }
      for (identity, copy) in kept { #expect(table.copy(of: identity, at: table.slot(of: identity)) == copy) }
      var seen: [Hash128: FirstCopy] = [:]
      table.forEach { seen[$0] = $1 }
      #expect(seen.count == table.count && kept.allSatisfy { seen[$0.key] == $0.value }, "seed \(seed)")
      #expect(table.count < 16_000, "seed \(seed): what is too old goes")
    }
  }

  /// A search that was begun before others were put goes on to the right slot, unless the generation is another.
  @Test func slotsStayWhereTheyAreWithinAGeneration() {
    var random = SeededRandom(seed: 9)
    let table = IdentityTable()
    for _ in 0..<200 {
      let batch = (0..<50).map { _ in Hash128(low: UInt64.random(in: 1...3000, using: &random), high: 0) }
      let (slots, generation) = (batch.map { table.slot(of: $0) }, table.generation)
      for (identity, slot) in zip(batch, slots) {
        let found = table.slot(of: identity, from: table.generation == generation ? slot : nil)
        #expect(table.copy(of: identity, at: found)?.time ?? Int64(identity.low) == Int64(identity.low))
        table.put(Self.copy(Int(identity.low)), for: identity, at: found, oldestKept: .min)
      }
    }
    #expect(table.generation > 2)
  }

  /// Hashes that have most bits in common make a page longer and the directory not.
  @Test func crowdedHashesAreFound() {
    // The factor's inverse modulo 2^64, by Newton's steps: these identities differ in the last bits that are looked at.
    let factor: UInt64 = 0x9E37_79B9_7F4A_7C15
    var inverse = factor
    for _ in 0..<6 { inverse = inverse &* (2 &- factor &* inverse) }
    #expect(factor &* inverse == 1)
    let table = IdentityTable()
    let identities = (1...3000 as ClosedRange<UInt64>).map { Hash128(low: ($0 << 16) &* inverse, high: 0) }
    for (number, identity) in identities.enumerated() {
      table.put(Self.copy(number), for: identity, at: table.slot(of: identity), oldestKept: .min)
    }
    #expect(table.count == 3000)
    for (number, identity) in identities.enumerated() {
      #expect(table.copy(of: identity, at: table.slot(of: identity)) == Self.copy(number))
    }
    #expect(table.copy(of: Hash128(low: 77, high: 1), at: table.slot(of: Hash128(low: 77, high: 1))) == nil)
  }

  /// A set is a value: what was frozen stays as it was.
  @Test func copiesDoNotChangeEachOther() {
    var set = DeduplicationSet()
    for number in 1...2000 { set.insert(Self.copy(number), for: Hash128(low: UInt64(number), high: 5)) }
    let frozen = set
    for number in 1...4000 { set.insert(Self.copy(number + 1), for: Hash128(low: UInt64(number), high: 5)) }
    #expect(frozen.count == 2000 && set.count == 4000)
    #expect(frozen.find(Hash128(low: 7, high: 5)) == Self.copy(7))
    #expect(frozen.find(Hash128(low: 3000, high: 5)) == nil)
    #expect(set.find(Hash128(low: 7, high: 5)) == Self.copy(8))
  }
}
