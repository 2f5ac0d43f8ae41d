internal import Columns

/// Groups that were looked up already, of a few parents.
struct KnownGroups {
  /// As many numbers are made anew for each unit.
  private static let countMax = 1 << 16
  private static let none = UInt32.max

  /// Of a dictionary by parent and code, nulls behind the last; of times by parent.
  private var numbers: [UInt32]
  private let codeCount: Int
  /// By parent the beginning and the end of the bucket that it had last.
  private var buckets: [Range<Int64>]
  private let bucket: Int64

  /// Nil where the column is of another kind, or there are too many parents.
  init?(_ column: Column, _ key: PlannedKey, parentCount: Int) {
    switch (column, key.bucketMilliseconds) {
    case (.string(let text), _):
      guard let distinct = text.distinct, parentCount * (distinct.count + 1) <= KnownGroups.countMax else { return nil }
      (codeCount, bucket) = (distinct.count, 1)
      numbers = [UInt32](repeating: KnownGroups.none, count: parentCount * (distinct.count + 1))
      buckets = []
    case (.integer(let times), let bucket?):
      guard times.validity == nil, parentCount <= KnownGroups.countMax else { return nil }
      (codeCount, self.bucket) = (0, bucket)
      numbers = [UInt32](repeating: KnownGroups.none, count: parentCount)
      buckets = [Range<Int64>](repeating: 0..<0, count: parentCount)
    default: return nil
    }
  }

  @inline(__always)
  mutating func number(_ parent: UInt32, code: UInt32, _ look: () -> UInt32) -> UInt32 {
    // A null has the highest code of all.
    let place = Int(parent) * (codeCount + 1) + min(Int(code), codeCount)
    if numbers[place] == KnownGroups.none { numbers[place] = look() }
    return numbers[place]
  }

  @inline(__always)
  mutating func number(_ parent: UInt32, time: Int64, _ look: (Int64) -> UInt32) -> UInt32 {
    let index = Int(parent)
    if !buckets[index].contains(time) {
      let start = EventTime.floorDivide(time, bucket) * bucket
      // The last bucket of all time has no end: it is looked up each time.
      let end = start.addingReportingOverflow(bucket)
      buckets[index] = start..<(end.overflow ? start : end.partialValue)
      numbers[index] = look(start)
    }
    return numbers[index]
  }
}
