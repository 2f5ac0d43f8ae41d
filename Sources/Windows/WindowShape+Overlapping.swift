internal import Columns

extension WindowShape {
  /// The windows that overlap `range`, which is not empty, by ascending start. O(windows + size / slide).
  public func windows(overlapping range: Range<Int64>) -> [Range<Int64>] {
    guard case .hopping(let size, let slide, let offset) = self else {
      var windows: [Range<Int64>] = []
      var time = range.lowerBound
      while time < range.upperBound {
        let window = pane(containing: time)
        windows.append(window)
        time = window.upperBound
      }
      return windows
    }
    let first = (EventTime.floorDivide(range.lowerBound - size - offset, slide) + 1) * slide + offset
    return stride(from: first, to: range.upperBound, by: Int(slide)).map { $0..<$0 + size }
  }

  /// The shortest range that holds every window that overlaps `range`, which is not empty: how ranges snap outward.
  public func hull(overlapping range: Range<Int64>) -> Range<Int64> {
    let (first, last) = (range.lowerBound..<range.lowerBound + 1, range.upperBound - 1..<range.upperBound)
    // With a slide above the size, the ends of the range may lie between windows.
    let start = windows(overlapping: first).first?.lowerBound ?? range.lowerBound
    let end = windows(overlapping: last).last?.upperBound ?? range.upperBound
    return start..<end
  }

  /// About how many windows overlap a range of so many milliseconds; exact but for calendar windows and ends. O(1).
  public func windowCount(overMilliseconds length: Int64) -> Int64 {
    switch self {
    case .hopping(let size, let slide, _): (length + size) / slide + 1
    case .tumbling, .calendar: length / paneMilliseconds + 2
    }
  }
}
