internal import Columns

/// Lengths of time that people put on an axis.
enum RoundStep {
  private static let known: [Int64] =
    [1, 2, 5, 10, 15, 30].map { $0 * EventTime.second } + [1, 2, 3, 5, 10, 15, 30].map { $0 * EventTime.minute }
    + [1, 2, 3, 6, 12].map { $0 * EventTime.hour } + [1, 2, 7, 14, 28].map { $0 * EventTime.day }

  /// Longer than from 1970 to the year 9999.
  private static let longestMilliseconds: Int64 = 1 << 48

  /// The shortest multiple of `size` for which `isLongEnough` holds: `size` itself or a round length; of a size that is
  /// none, a round number of times as long. Beyond those, twice as long each time, as far as times go.
  static func first(multipleOf size: Int64, where isLongEnough: (Int64) -> Bool) -> Int64 {
    let steps =
      known.contains(size)
      ? known.filter { $0 >= size && $0 % size == 0 } : [1, 2, 5, 10, 20, 50, 100].map { $0 * size }
    if let step = steps.first(where: isLongEnough) { return step }
    var step = steps.last ?? size
    while !isLongEnough(step), step < longestMilliseconds { step *= 2 }
    return step
  }
}
