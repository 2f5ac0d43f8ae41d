/// The windows of one rollup, in order. Immutable once it is in a snapshot: changes make another.
public struct HotRollup: Sendable {
  /// Windows with the same bounds stand together, so that a change copies those of its bounds only.
  private var groups: [[HotWindow]] = []
  /// Bounds of windows that were taken out, some or all of their groups: the store has them.
  private var holes: Set<Range<Int64>> = []

  public init() {}

  /// The number of windows and groups.
  public var count: Int { groups.reduce(0) { $0 + $1.count } }

  /// Where the oldest window begins; nil where there is none. O(1).
  public var oldestStart: Int64? { groups.first?[0].window.lowerBound }

  /// All windows that overlap `range`, ascending by start, end and group. O(windows).
  public func windows(overlapping range: Range<Int64>) -> [HotWindow] {
    groups.filter { $0[0].window.overlaps(range) }.flatMap { $0 }
  }

  /// Whether a window that overlaps `range` was taken out, so that one must look for it in the store.
  public func hasHole(in range: Range<Int64>) -> Bool { holes.contains { $0.overlaps(range) } }

  /// Whether a window that begins at `start` or later was taken out.
  public func hasHole(from start: Int64) -> Bool { holes.contains { $0.lowerBound >= start } }

  /// The windows of the greatest start for which `isWanted` holds for some group; empty if there are none.
  public func latest(where isWanted: (HotWindow) -> Bool = { _ in true }) -> [HotWindow] {
    groups.last { $0.contains(where: isWanted) }?.filter(isWanted) ?? []
  }

  /// Puts `window` in the place of what has its bounds and group.
  mutating func put(_ window: HotWindow) {
    let index = position(of: window.window)
    guard index < groups.count, groups[index][0].window == window.window else {
      return groups.insert([window], at: index)
    }
    var low = 0
    var high = groups[index].count
    while low < high {
      let middle = (low + high) / 2
      if HotWindow.precedes(groups[index][middle], window) { low = middle + 1 } else { high = middle }
    }
    if low < groups[index].count, groups[index][low].hasKey(of: window) {
      groups[index][low] = window
    } else {
      groups[index].insert(window, at: low)
    }
  }

  /// Takes out the window of these bounds and group, if there is one.
  mutating func remove(_ window: Range<Int64>, group: [[UInt8]?]) {
    holes.insert(window)
    let index = position(of: window)
    guard index < groups.count, groups[index][0].window == window else { return }
    groups[index].removeAll { $0.group == group }
    if groups[index].isEmpty { groups.remove(at: index) }
  }

  /// Moves the status of all windows on to what `watermark` and `allowedLatenessMilliseconds` make of it.
  mutating func advance(to watermark: Int64, allowedLatenessMilliseconds: Int64) {
    // The newest windows are the last; what is final stays so.
    for index in groups.indices.reversed() {
      let end = groups[index][0].window.upperBound
      guard watermark >= end else { continue }
      var changes = false
      for position in groups[index].indices {
        var window = groups[index][position]
        guard window.advance(to: watermark, allowedLatenessMilliseconds: allowedLatenessMilliseconds) else { continue }
        groups[index][position] = window
        changes = true
      }
      if !changes, end < watermark - 2 * allowedLatenessMilliseconds { return }
    }
  }

  /// Drops windows that end at `time` or before.
  mutating func drop(endingBy time: Int64) {
    groups.removeAll { $0[0].window.upperBound <= time }
    if !holes.isEmpty { holes = holes.filter { $0.upperBound > time } }
  }

  /// Where windows of these bounds are or belong.
  private func position(of window: Range<Int64>) -> Int {
    var low = 0
    var high = groups.count
    while low < high {
      let middle = (low + high) / 2
      let other = groups[middle][0].window
      if (other.lowerBound, other.upperBound) < (window.lowerBound, window.upperBound) {
        low = middle + 1
      } else {
        high = middle
      }
    }
    return low
  }
}
