internal import Checkpoints
internal import Columns
internal import Commerce
internal import Landing
internal import Windows

/// The time of which both the events and a table made of them are still kept: what lies before cannot be compared.
struct RetainedSpan {
  /// Nil where all is kept.
  private let begin: Int64?

  init(_ commit: Commit, _ table: String) {
    begin = [TableNames.events, table].compactMap { commit.droppedEnd(of: $0) }.max()
  }

  func holds(_ window: KpiWindow) -> Bool { begin.map { window.window.lowerBound >= $0 } ?? true }

  /// The rows of `batch` that can be compared.
  func rows(_ batch: Batch, time column: String) -> Batch {
    guard let begin, let index = batch.schema.index(of: column) else { return batch }
    let times = batch.integers(index)
    let rows = SelectionVector(0..<UInt32(batch.rowCount)).filter { (times[Int($0)] ?? begin) >= begin }
    let columns = batch.columns.map { Gathering.column($0, rows) }
    return Batch(schema: batch.schema, rowCount: rows.count, columns: columns)
  }

  /// The keys of those `sessions`, recomputed from the events that are kept, that may have had earlier events.
  func keysThatWereCut(_ sessions: SessionRows, gapMilliseconds: Int64) -> Set<[UInt8]> {
    guard let begin else { return [] }
    let cut = (0..<sessions.count).filter { sessions.bounds($0).lowerBound <= begin + gapMilliseconds }
    return Set(cut.map { sessions.key($0) })
  }

  /// Positions of the sessions that can be compared.
  func sessions(_ sessions: SessionRows, but cut: Set<[UInt8]>) -> [Int] {
    (0..<sessions.count).filter { index in
      begin.map { sessions.bounds(index).lowerBound >= $0 && !cut.contains(sessions.key(index)) } ?? true
    }
  }
}
