internal import HotIndex

/// Windows of memory and of the newest commit as one series.
enum WindowSeries {
  /// Both lists, which are sorted, as one. O(windows).
  ///
  /// A window that is in both is taken from the one that knows more of its events, which is the newer state of it: the
  /// commit where the window was given up in memory, or where it is newer than the look at memory; memory else.
  static func joined(stored: [HotWindow], hot: [HotWindow]) -> [HotWindow] {
    var joined: [HotWindow] = []
    joined.reserveCapacity(stored.count + hot.count)
    var next = stored[...]
    for window in hot {
      while let first = next.first, HotWindow.precedes(first, window) { joined.append(next.removeFirst()) }
      guard let first = next.first, first.hasKey(of: window) else {
        joined.append(window)
        continue
      }
      next.removeFirst()
      joined.append(first.eventCount > window.eventCount ? first : window)
    }
    return joined + next
  }
}
