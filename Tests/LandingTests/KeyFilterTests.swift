import Columns
import Landing
import TestSupport
import Testing

@Suite struct KeyFilterTests {
  @Test(arguments: [0, 1, 3, 1000]) func keysPassAndFewOthersDo(count: Int) {
    var random = SeededRandom(seed: 11)
    func hash() -> Hash128 { Hash128(low: random.next(), high: random.next()) }
    let keys = (0..<count).map { _ in hash() }
    let filter = KeyFilter(keys)
    #expect(keys.allSatisfy(filter.mayContain))
    let others = (0..<10_000).count { _ in filter.mayContain(hash()) }
    #expect(others < 10_000 / 10, "\(others) of 10,000 keys that are not there pass a filter of \(count)")
  }
}
