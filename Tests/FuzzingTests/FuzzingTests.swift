import Fuzzing
import TestSupport
import Testing

/// What the fuzzer starts from is sound, and some thousand blind mutations of it end in a value or a typed error. The
/// fuzzer proper is `make fuzz`.
@Suite struct FuzzingTests {
  @Test(arguments: FuzzTarget.all.map(\.name)) func seedsAreAccepted(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let seeds = try target.seeds()
    #expect(!seeds.isEmpty)
    for (index, seed) in seeds.enumerated() {
      #expect(target.refusal(of: seed) == nil, "seed \(index)")
      #expect(seed.count <= target.maximumByteCount, "seed \(index)")
    }
  }

  @Test(arguments: FuzzTarget.all.map(\.name)) func damagedSeedsAreRefusedOrRead(_ name: String) throws {
    let target = try #require(FuzzTarget.all.first { $0.name == name })
    let seeds = try target.seeds()
    var random = SeededRandom(seed: 11)
    var refusals = 0
    for _ in 0..<400 {
      let input = Mutation.mutate(
        random.choose(seeds), with: random.choose(seeds), maximumByteCount: target.maximumByteCount, &random)
      if target.refusal(of: input) != nil { refusals += 1 }
    }
    // Messages are never refused as a whole: they become dead letters.
    #expect(name == "message" ? refusals == 0 : refusals > 40)
  }
}
