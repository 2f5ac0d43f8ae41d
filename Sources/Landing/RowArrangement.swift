internal import Checkpoints
public import Columns
public import Windows

/// In what order a table's rows are put when segments are merged, and which of them become one.
public enum RowArrangement: Sendable {
  /// As they came.
  case asGiven
  /// By columns of integers or text, the first first; nulls before all else.
  case byColumns([String])
  /// The events of a session one after the other, sessions in the order in which they begin: what they have in common
  /// is stored once, and times and offsets of neighbours are near each other.
  case bySession(StoredEvents)
  /// Partials of one pane, group and kind become one row.
  case merged(RollupTable)

  /// What a segment says of its order.
  var order: [String] {
    switch self {
    case .asGiven: []
    case .byColumns(let names): names
    case .bySession(let stored): ["begin of session", "session", stored.names.eventTime, "source", "offset"]
    case .merged(let table): table.schema.fields.dropLast().map(\.name)
    }
  }

  /// The rows of `batch` as they are to be stored. O(n log n).
  func arrange(_ batch: Batch) throws -> BatchSlice {
    switch self {
    case .asGiven: BatchSlice(batch)
    case .byColumns(let names): BatchSlice(batch, rows: RowArrangement.sorted(batch, names))
    case .bySession(let stored): BatchSlice(batch, rows: RowArrangement.sorted(stored.events(batch)))
    case .merged(let table): BatchSlice(try RowArrangement.merged(batch, table))
    }
  }

  // MARK: - Columns

  private static func sorted(_ batch: Batch, _ names: [String]) -> SelectionVector {
    let columns = names.compactMap { batch.schema.index(of: $0) }.map { batch.columns[$0] }
    return SelectionVector(0..<UInt32(batch.rowCount)).sorted { left, right in
      for column in columns {
        if isLess(column, Int(left), Int(right)) { return true }
        if isLess(column, Int(right), Int(left)) { return false }
      }
      return left < right
    }
  }

  private static func isLess(_ column: Column, _ left: Int, _ right: Int) -> Bool {
    if column.isNull(left) || column.isNull(right) { return column.isNull(left) && !column.isNull(right) }
    switch column {
    case .integer(let values): return values.values[left] < values.values[right]
    case .real(let values): return values.values[left] < values.values[right]
    case .boolean(let values): return values.values[left] < values.values[right]
    case .string(let values):
      let (left, right) = (values.bytes(left), values.bytes(right))
      for index in 0..<min(left.count, right.count) where left[index] != right[index] {
        return left[index] < right[index]
      }
      return left.count < right.count
    }
  }

  // MARK: - Sessions

  /// Rows by session, sessions in the order in which they begin; a session's rows by time, source and offset.
  ///
  /// The sessions are sorted, then the rows of each: a handful, so that next to a row's number nothing is held of it.
  private static func sorted(_ events: EventBatch) -> SelectionVector {
    let (places, sessionCount) = sessionPlaces(events)
    var ends = [Int](repeating: 0, count: sessionCount)
    for place in places { ends[Int(place)] += 1 }
    var start = 0
    for place in ends.indices { (start, ends[place]) = (start + ends[place], start) }
    // Each end begins as the start of its session and moves with each of its rows.
    var rows = SelectionVector(repeating: 0, count: events.rowCount)
    for (row, place) in places.enumerated() {
      rows[ends[Int(place)]] = UInt32(row)
      ends[Int(place)] += 1
    }
    start = 0
    for end in ends {
      if end - start > 1 { rows[start..<end].sort { precedes(Int($0), Int($1), events) } }
      start = end
    }
    return rows
  }

  private static func precedes(_ left: Int, _ right: Int, _ events: EventBatch) -> Bool {
    if events.times[left] != events.times[right] { return events.times[left] < events.times[right] }
    return (events.sources[left], events.offsets[left]) < (events.sources[right], events.offsets[right])
  }

  /// For each row the place of its session among all, by their begin.
  private static func sessionPlaces(_ events: EventBatch) -> (ofRows: [UInt32], count: Int) {
    var numbers: [Hash128: UInt32] = [:]
    var sessions: [(begin: Int64, hash: Hash128)] = []
    var ofRows = (0..<events.rowCount).map { row in
      let (hash, time) = (events.sessionHashes[row], events.times[row])
      guard let number = numbers[hash] else {
        numbers[hash] = UInt32(sessions.count)
        sessions.append((time, hash))
        return UInt32(sessions.count - 1)
      }
      sessions[Int(number)].begin = min(sessions[Int(number)].begin, time)
      return number
    }
    numbers = [:]
    let order = sessions.indices.sorted { left, right in
      let (left, right) = (sessions[left], sessions[right])
      return (left.begin, left.hash.low, left.hash.high) < (right.begin, right.hash.low, right.hash.high)
    }
    var places = [UInt32](repeating: 0, count: sessions.count)
    for (place, number) in order.enumerated() { places[number] = UInt32(place) }
    for row in ofRows.indices { ofRows[row] = places[Int(ofRows[row])] }
    return (ofRows, sessions.count)
  }

  // MARK: - Partials

  private struct PartialKey: Hashable {
    let pane: PaneKey<GroupValues>
    let kind: RollupTable.Kind
  }

  private static func merged(_ batch: Batch, _ table: RollupTable) throws -> Batch {
    var merged: [PartialKey: PartialAggregate] = [:]
    for row in 0..<batch.rowCount {
      let (pane, value, kind) = try table.partial(batch, row: row)
      let key = PartialKey(pane: pane, kind: kind)
      if merged[key]?.merge(value) == nil { merged[key] = value }
    }
    var rows = BatchBuilder(table.schema)
    for (key, value) in merged { table.append(key.pane, value, key.kind, to: &rows) }
    let batch = rows.build()
    let sorted = sorted(batch, table.schema.fields.dropLast().map(\.name))
    return Batch(
      schema: batch.schema, rowCount: batch.rowCount, columns: batch.columns.map { Gathering.column($0, sorted) })
  }
}

/// A table that is compacted.
public struct CompactedTable: Sendable {
  public let name: String
  public let schema: Schema
  /// The column whose day a row belongs to; nil where all rows are of one.
  public let timeColumn: String?
  public let arrangement: RowArrangement

  public init(name: String, schema: Schema, timeColumn: String?, arrangement: RowArrangement) {
    self.name = name
    self.schema = schema
    self.timeColumn = timeColumn
    self.arrangement = arrangement
  }
}
