/// Ranks 0..<count by Zipf's law: rank k has a weight of 1 / (k + shift). O(count) memory, O(1) expected per sample.
///
/// The cumulative weights are searched from a guide that tells, for each of equal slices of probability, the first
/// rank.
struct ZipfTable: Sendable {
  private let cumulative: [Double]
  private let guide: [Int32]

  init(count: Int, shift: Double) {
    var sum = 0.0
    var cumulative: [Double] = []
    cumulative.reserveCapacity(count)
    for rank in 0..<count {
      sum += 1 / (Double(rank) + shift)
      cumulative.append(sum)
    }
    for rank in 0..<count { cumulative[rank] /= sum }
    var rank = 0
    guide = (0..<count).map { slice in
      while rank < count - 1, cumulative[rank] <= Double(slice) / Double(count) { rank += 1 }
      return Int32(rank)
    }
    self.cumulative = cumulative
  }

  func sample(_ random: inout SeededGenerator) -> Int {
    let target = random.fraction()
    var rank = Int(guide[min(Int(target * Double(guide.count)), guide.count - 1)])
    while rank < cumulative.count - 1, cumulative[rank] <= target { rank += 1 }
    return rank
  }
}
