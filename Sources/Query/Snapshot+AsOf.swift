internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Commerce
internal import Encodings
internal import Landing
internal import Windows

extension Snapshot {
  /// What "now" is for the stored events: the watermark or the newest event's time, whichever is greater; nil where
  /// there is neither.
  public func asOf() throws -> Int64? {
    [watermark, try newestEventTime()].compactMap { $0 }.max()
  }

  /// The commit's watermark; nil before the first event and after the last.
  var watermark: Int64? { commit.reachedWatermark }

  /// The greatest time of a visible event. O(row groups); rows are read only where some of the newest may be deleted.
  private func newestEventTime() throws -> Int64? {
    let table = try table(TableNames.events)
    let column = EventSchema.timeColumn
    let schema = Schema(EventSchema.table.fields.filter { $0.name == column })
    var newest = table.unwritten.compactMap { $0.greatestTime(column) }.max()
    for (path, file) in try table.files() {
      for (index, group) in file.groups.enumerated() {
        let bound: Int64
        switch group.header.zoneMap(column) {
        case .integers(_, let maximum): bound = maximum
        case .empty: continue
        case .unknown, .reals, .prefixes: bound = .max
        }
        if let newest, bound <= newest { continue }
        let visible = table.state.deletions[path]?.visible(in: group.rows)
        if visible == nil, bound < .max {
          newest = bound
          continue
        }
        let times = try file.read(index, as: schema).integers(0).values
        let rows = visible ?? SelectionVector(0..<UInt32(times.count))
        newest = rows.reduce(newest) { max($0 ?? .min, times[Int($1)]) }
      }
    }
    return newest
  }
}

extension BatchSlice {
  /// The greatest value of the column of times `name`; nil without rows. O(rows).
  fileprivate func greatestTime(_ name: String) -> Int64? {
    guard let index = batch.schema.index(of: name) else { return nil }
    let times = batch.integers(index).values
    return positions.reduce(nil) { max($0 ?? .min, times[Int($1)]) }
  }
}
