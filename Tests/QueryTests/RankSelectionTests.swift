import TestSupport
import Testing

@testable import Query

/// Places of the sorted order, found without sorting, are those that sorting gives.
@Suite struct RankSelectionTests {
  enum Shape: CaseIterable {
    case equal, few, prices, random, extremes, outlier, ascending

    func number(_ index: Int, _ random: inout SeededRandom) -> Int64 {
      switch self {
      case .equal: 42
      case .few: Int64(random.next() % 5)
      case .prices: Int64(random.next() % 90_000) * 100 + 100
      case .random: Int64(bitPattern: random.next())
      case .extremes: random.choose([Int64.min, .max, 0, -1])
      case .outlier: index == 7 ? .max : Int64(random.next() % 1000)
      case .ascending: Int64(index)
      }
    }
  }

  @Test(arguments: Shape.allCases)
  func equalsSorting(shape: Shape) {
    for count in [1, 2, 511, 512, 513, 3000, 70_000] {
      var random = SeededRandom(seed: UInt64(count))
      let numbers = (0..<count).map { shape.number($0, &random) }
      let sorted = numbers.sorted()
      let chosen = (0..<6).map { _ in Int(random.next() % UInt64(count)) } + [0, count - 1]
      let places = Set(chosen).sorted()
      #expect(
        RankSelection.values(at: places, of: numbers.span) == places.map { sorted[$0] }, "\(count), seed \(count)")
      #expect(RankSelection.values(at: [], of: numbers.span) == [])
      if count == 3000 { #expect(RankSelection.values(at: Array(0..<count), of: numbers.span) == sorted) }
    }
  }
}
