import Columns
import Testing

@Suite struct HashTests {
  /// Bytes that look random, the same in each run.
  private func bytes(_ count: Int, seed: UInt64 = 1) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: Hash.mix(UInt64($0) ^ seed, 0x9E37_79B9_7F4A_7C15) >> 29) }
  }

  /// Each bit of inputs of every length around the steps of 16 and 64 bytes matters, in both halves.
  @Test func everyBitCounts() {
    for count in Array(0...40) + [63, 64, 65, 80, 81, 127, 128, 129, 200] {
      let input = bytes(count)
      var seen64: Set = [Hash.hash64(input.span)]
      var (low, high): (Set<UInt64>, Set<UInt64>) = ([Hash.hash128(input.span).low], [Hash.hash128(input.span).high])
      for bit in 0..<count * 8 {
        var changed = input
        changed[bit / 8] ^= 1 << UInt8(bit % 8)
        seen64.insert(Hash.hash64(changed.span))
        low.insert(Hash.hash128(changed.span).low)
        high.insert(Hash.hash128(changed.span).high)
      }
      #expect(seen64.count == count * 8 + 1, "\(count) bytes")
      #expect(low.count == count * 8 + 1 && high.count == count * 8 + 1, "\(count) bytes")
    }
  }

  /// The chains of a long input are not interchangeable.
  @Test func orderCounts() {
    let blocks = (0..<8).map { bytes(16, seed: UInt64($0 + 1) << 20) }
    var seen: Set<UInt64> = []
    for first in 0..<8 {
      for second in first..<8 {
        var order = Array(0..<8)
        order.swapAt(first, second)
        seen.insert(Hash.hash64((order.flatMap { blocks[$0] } + [7]).span))
      }
    }
    // All 28 swaps differ; the eight of a block with itself are one.
    #expect(seen.count == 29)
  }

  @Test func lengthAndSeedCount() {
    let zeros = [UInt8](repeating: 0, count: 300)
    var seen: Set<Hash128> = []
    for count in 0...300 { seen.insert(Hash.hash128(Array(zeros[..<count]).span)) }
    #expect(seen.count == 301)
    let text = bytes(100)
    #expect(Hash.hash64(text.span, seed: 1) != Hash.hash64(text.span, seed: 2))
    let seeds = [(0, 0), (1, 0), (0, 1), (1, 1)].map { Hash128(low: $0.0, high: $0.1) }
    #expect(Set(seeds.map { Hash.hash128(text.span, seed: $0) }).count == 4)
  }

  /// A word that makes one chain forget what came before leaves the other's memory alone.
  @Test func oneChainForgetsAlone() {
    let forgetful: UInt64 = 0x8BB8_4B93_962E_ACC9
    let word = (0..<8).map { UInt8(truncatingIfNeeded: forgetful >> UInt64($0 * 8)) }
    var low: Set<UInt64> = []
    var both: Set<Hash128> = []
    for value in UInt8(0)..<50 {
      let hash = Hash.hash128(([UInt8](repeating: value, count: 16) + word + bytes(30)).span)
      low.insert(hash.low)
      both.insert(hash)
    }
    #expect(low.count == 1)
    #expect(both.count == 50)
  }

  /// Half of the bits flip when one bit of the input does.
  @Test func bitsAvalanche() {
    let input = bytes(150)
    let hash = Hash.hash64(input.span)
    var flipped = 0
    for bit in 0..<1200 {
      var changed = input
      changed[bit / 8] ^= 1 << UInt8(bit % 8)
      flipped += (Hash.hash64(changed.span) ^ hash).nonzeroBitCount
    }
    #expect((31.0...33.0).contains(Double(flipped) / 1200))
  }
}
