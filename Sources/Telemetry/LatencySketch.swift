/// Quantiles of any number of non-negative integers, such as milliseconds, within 1 % of the true value.
///
/// A relative-error sketch after DDSketch (Masson, Rim and Lee, 2019) with the buckets of HdrHistogram: each power of
/// two is cut into 64 equal parts, so a bucket is found by integer arithmetic alone and two machines never disagree.
/// Values below 128 have a bucket each and are exact; above, the middle of a bucket is at most 1/128 away from what
/// is in it.
///
/// Merging adds counts. It is commutative and associative, so a sketch does not depend on the order or the grouping in
/// which values arrived. At most 3,712 buckets; memory follows the greatest value seen.
public struct LatencySketch: Sendable, Equatable {
  private static let partsBits = 6
  private static let parts = 1 << partsBits
  /// No stream has as many values; thousands of sketches that claim it still merge without overflow.
  private static let storedCountMax: UInt64 = 1 << 48
  /// Above the bucket of `Int64.max`.
  static let bucketCountMax = (64 - partsBits) * parts

  private var counts: [UInt64] = []
  /// How many values are in the sketch.
  public private(set) var count: UInt64 = 0

  public init() {}

  /// Adds a value; what is negative counts as 0. O(1).
  public mutating func add(_ value: Int64, times: UInt64 = 1) {
    add(times, toBucket: LatencySketch.bucket(of: max(0, value)))
  }

  /// Adds all values of another sketch. O(buckets).
  public mutating func merge(_ other: LatencySketch) {
    for (bucket, count) in other.counts.enumerated() where count > 0 { add(count, toBucket: bucket) }
  }

  /// The value below or at which the share `quantile` (0…1) of all values lies, by nearest rank; nil where the sketch
  /// is empty. O(buckets).
  public func quantile(_ quantile: Double) -> Int64? {
    guard count > 0 else { return nil }
    let share = min(max(quantile, 0), 1)
    let rank = max(1, UInt64((share * Double(count)).rounded(.up)))
    var seen: UInt64 = 0
    for (bucket, count) in counts.enumerated() {
      seen += count
      if seen >= rank { return LatencySketch.middle(ofBucket: bucket) }
    }
    return LatencySketch.middle(ofBucket: counts.count - 1)
  }

  public var p50: Int64? { quantile(0.50) }
  public var p95: Int64? { quantile(0.95) }
  public var p99: Int64? { quantile(0.99) }

  /// The buckets that are not empty, in ascending order: what a store keeps of a sketch.
  public var buckets: [(index: Int, count: UInt64)] {
    counts.enumerated().filter { $0.element > 0 }.map { (index: $0.offset, count: $0.element) }
  }

  /// A sketch from stored buckets; nil where an index is none or the counts are too many to be real.
  public init?(buckets: some Sequence<(index: Int, count: UInt64)>) {
    for (index, count) in buckets {
      let isReal = count <= LatencySketch.storedCountMax && self.count + count <= LatencySketch.storedCountMax
      guard index >= 0, index < LatencySketch.bucketCountMax, isReal else { return nil }
      add(count, toBucket: index)
    }
  }

  private mutating func add(_ times: UInt64, toBucket bucket: Int) {
    guard times > 0 else { return }
    if bucket >= counts.count { counts += repeatElement(0, count: bucket + 1 - counts.count) }
    counts[bucket] += times
    count += times
  }

  /// Exact below 2 × parts; then the parts of each power of two follow one another.
  static func bucket(of value: Int64) -> Int {
    guard value >= parts else { return Int(value) }
    let shift = (63 - value.leadingZeroBitCount) - partsBits
    return shift * parts + Int(value >> Int64(shift))
  }

  /// The middle of what is in a bucket.
  static func middle(ofBucket bucket: Int) -> Int64 {
    guard bucket >= 2 * parts else { return Int64(bucket) }
    let shift = bucket / parts - 1
    let lowest = Int64(bucket - shift * parts) << Int64(shift)
    return lowest + (Int64(1) << Int64(shift)) / 2
  }
}
