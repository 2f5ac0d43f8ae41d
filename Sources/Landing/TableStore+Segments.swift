internal import Checkpoints
internal import ColdStore
internal import Columns

// Segments in the place of others, and segments that go.
extension TableStore {
  /// Puts merged segments in the place of those that they were merged from. False, and nothing happens, where these are
  /// no longer what they were.
  package func replace(_ merged: MergedSegments) -> Bool {
    let paths = Set(merged.replaced.map(\.path))
    let current = segments.filter { paths.contains($0.path) }
    guard current.count == merged.replaced.count,
      paths.allSatisfy({ deletions[$0] == merged.deletions[$0] })
    else { return false }
    segments = segments.filter { !paths.contains($0.path) } + merged.added
    for path in paths { deletions[path] = nil }
    return true
  }

  /// Forgets the segments of days that end at `time` or before. Returns how many visible rows went with them, and the
  /// end of the last such day; nil where there are none.
  package func drop(endedBy time: Int64) -> (rowCount: Int, end: Int64)? {
    let dropped = segments.filter { $0.dayMilliseconds + EventTime.day <= time }
    guard let last = dropped.map(\.dayMilliseconds).max() else { return nil }
    let rowCount = dropped.reduce(0) { $0 + $1.rowCount - (deletions[$1.path]?.count ?? 0) }
    segments.removeAll { $0.dayMilliseconds + EventTime.day <= time }
    for segment in dropped { deletions[segment.path] = nil }
    return (rowCount, last + EventTime.day)
  }
}
