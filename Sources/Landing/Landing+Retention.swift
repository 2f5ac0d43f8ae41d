public import Checkpoints
internal import Columns

// What is too old goes, day by day, in whole segments.
extension Landing {
  /// Drops the segments of days that ended longer ago than their table keeps rows, by the watermark of the last commit.
  ///
  /// Not while a repair or a merge reads them.
  func dropExpired() {
    let watermark = commit.watermark
    guard repairs.running == nil, compactions.running == nil, watermark > EventTime.distantPast / 2,
      watermark < EventTime.distantFuture
    else { return }
    for (name, milliseconds) in plan.retentionMilliseconds {
      guard let dropped = table(name).drop(endedBy: watermark - milliseconds) else { continue }
      commit.noteDropped(dropped.rowCount, endedBy: dropped.end, from: name)
    }
  }
}

extension Commit {
  private static func rowsKey(_ table: String) -> String { "retention.\(table).rows" }
  private static func endKey(_ table: String) -> String { "retention.\(table).end_ms" }

  mutating func noteDropped(_ rowCount: Int, endedBy end: Int64, from table: String) {
    counters[Commit.rowsKey(table), default: 0] += Int64(rowCount)
    counters[Commit.endKey(table)] = max(end, counters[Commit.endKey(table)] ?? end)
  }

  /// Rows of `table` that were accepted and are no longer kept.
  public func droppedRows(of table: String) -> Int { Int(counters[Commit.rowsKey(table)] ?? 0) }

  /// Of days before this time `table` may lack rows that are no longer kept; nil where none went.
  public func droppedEnd(of table: String) -> Int64? { counters[Commit.endKey(table)] }
}
