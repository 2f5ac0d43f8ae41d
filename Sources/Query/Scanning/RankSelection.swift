/// Finds what stands at some places of the sorted order of numbers without sorting them.
///
/// Numbers are counted by the leading bits in which they differ, two thousand counters at a time; only those that share
/// a counter with a wanted place are looked at again. As radix sort does, but for few places.
enum RankSelection {
  private static let bits = 11
  /// As few numbers are sorted.
  private static let sortedCount = 512

  /// The numbers at `places`, which are ascending positions of the sorted `numbers`. O(n) for each eleven bits that
  /// numbers differ in, and O(places).
  static func values(at places: [Int], of numbers: Span<Int64>) -> [Int64] {
    guard let last = places.last else { return [] }
    precondition(last < numbers.count, "place \(last) of \(numbers.count) numbers")
    guard numbers.count > sortedCount else {
      let sorted = numbers.indices.map { numbers[$0] }.sorted()
      return places.map { sorted[$0] }
    }
    let buckets = Buckets(of: numbers)
    guard buckets.width > 0 else { return places.map { _ in numbers[0] } }
    var counts = [Int](repeating: 0, count: 1 << bits)
    for index in numbers.indices { counts[buckets.index(numbers[index])] += 1 }
    // The wanted buckets, how many numbers stand before each, and its places.
    var wanted: [(bucket: Int, before: Int, places: [Int])] = []
    var (bucket, before) = (0, 0)
    for place in places {
      while before + counts[bucket] <= place {
        before += counts[bucket]
        bucket += 1
      }
      if wanted.last?.bucket != bucket { wanted.append((bucket, before, [])) }
      wanted[wanted.count - 1].places.append(place - before)
    }
    let members = members(of: wanted.map(\.bucket), numbers, buckets, counts)
    return zip(wanted, members).flatMap { wanted, members in values(at: wanted.places, of: members.span) }
  }

  /// The numbers of each of the wanted buckets.
  private static func members(
    of wanted: [Int], _ numbers: Span<Int64>, _ buckets: Buckets, _ counts: [Int]
  ) -> [[Int64]] {
    // The position of a bucket among the wanted ones, behind the last for all others.
    var positions = [UInt8](repeating: UInt8.max, count: 1 << bits)
    guard wanted.count < Int(UInt8.max) else { return wanted.map { bucket in buckets.members(of: bucket, numbers) } }
    var members: [[Int64]] = []
    for (position, bucket) in wanted.enumerated() {
      positions[bucket] = UInt8(position)
      members.append([])
      members[position].reserveCapacity(counts[bucket])
    }
    for index in numbers.indices {
      let position = positions[buckets.index(numbers[index])]
      if position != UInt8.max { members[Int(position)].append(numbers[index]) }
    }
    return members
  }

  /// Numbers by the leading bits of what they are above the smallest.
  private struct Buckets {
    let minimum: Int64
    /// The bits in which numbers differ.
    let width: Int
    private let shift: UInt64

    init(of numbers: Span<Int64>) {
      var (minimum, maximum) = (Int64.max, Int64.min)
      for index in numbers.indices {
        minimum = min(minimum, numbers[index])
        maximum = max(maximum, numbers[index])
      }
      self.minimum = minimum
      // The difference of any two numbers fits into 64 bits without a sign.
      width = 64 - UInt64(bitPattern: maximum &- minimum).leadingZeroBitCount
      shift = UInt64(max(width - bits, 0))
    }

    @inline(__always)
    func index(_ number: Int64) -> Int { Int(truncatingIfNeeded: UInt64(bitPattern: number &- minimum) &>> shift) }

    func members(of bucket: Int, _ numbers: Span<Int64>) -> [Int64] {
      numbers.indices.filter { index(numbers[$0]) == bucket }.map { numbers[$0] }
    }
  }
}
