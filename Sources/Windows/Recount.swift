public import Columns
public import Encodings

/// Windows computed once more from stored events, which were judged before: aggregation and finality, no lateness.
///
/// Events come day by day. A window is stored as sealed, or left open, as it would be at `watermark`.
public struct WindowRecount {
  private let tables: [RollupTable]
  private let aggregator: WindowAggregator
  private let allowedLatenessMilliseconds: Int64
  private let watermark: Int64
  private var windows: [WindowState<GroupValues, PartialAggregate>]

  /// - Parameter watermark: where event time stood; `distantFuture` seals everything.
  public init(plan: KeyedPlan, tables: [RollupTable], watermark: Int64) {
    self.tables = tables
    self.watermark = watermark
    allowedLatenessMilliseconds = plan.allowedLatenessMilliseconds
    aggregator = WindowAggregator(rollups: plan.rollups, distinctExactLimit: plan.distinctExactLimit)
    windows = plan.rollups.map {
      WindowState(shape: $0.shape, allowedLatenessMilliseconds: plan.allowedLatenessMilliseconds)
    }
  }

  /// Adds `rows` of `events`. O(rows × measures).
  public mutating func add(_ events: EventBatch, rows: SelectionVector) {
    for partial in aggregator.aggregate(events, rows: rows) {
      _ = windows[partial.rollup].merge(partial.value, into: partial.key, at: EventTime.distantPast)
    }
  }

  /// Every event before `time` was added: calls `store` with the rows of windows that are sealed by now, by rollup.
  public mutating func advance(
    to time: Int64, store: (_ rollup: Int, Batch) throws -> Void
  ) rethrows {
    let reached = min(watermark, saturatingAdd(time, allowedLatenessMilliseconds))
    for rollup in windows.indices {
      var rows = BatchBuilder(tables[rollup].schema)
      for output in windows[rollup].advance(to: reached, ascending: { $0.pane.lowerBound < $1.pane.lowerBound }) {
        guard case .final(let key, let value) = output else { continue }
        tables[rollup].append(key, value, .sealed, to: &rows)
      }
      if rows.rowCount > 0 { try store(rollup, rows.build()) }
    }
  }

  /// The state of a merger that goes on from here; `earlier` is that of before, whose informational counts are kept.
  public func mergerState(continuing earlier: [UInt8]?) throws(CorruptionError) -> [UInt8] {
    let head = try earlier.map { bytes throws(CorruptionError) in try MergerState.Head(bytes) } ?? MergerState.Head()
    return MergerState.encode(head, windows)
  }
}

/// Sessions computed once more from stored events: those of the keys whose events are added.
///
/// Events come day by day. A session is stored as sealed, or left open, as it would be at `horizon`.
public struct SessionRecount {
  private let horizon: Int64
  private var sessions: OpenSessions
  private var identities = DeduplicationSet()
  private let identitiesFrom: Int64

  /// - Parameters:
  ///   - horizon: the watermark less the allowed lateness; `distantFuture` seals everything.
  ///   - identitiesFrom: events from this time on are remembered, so that a copy of one is known; `distantFuture` where
  ///     a state of before knows them. A copy of a remembered event counts as one of another content, since the bytes
  ///     that it came in are not stored.
  public init(plan: KeyedPlan, horizon: Int64, identitiesFrom: Int64) {
    self.horizon = horizon
    self.identitiesFrom = identitiesFrom
    sessions = OpenSessions(rules: plan.sessionRules, table: plan.sessionTable)
  }

  public mutating func add(_ events: EventBatch, rows: SelectionVector) {
    sessions.insert(events, rows: rows)
    for row in rows where events.times[Int(row)] >= identitiesFrom {
      let source = Int32(truncatingIfNeeded: events.sources[Int(row)])
      identities.insert(
        FirstCopy(time: events.times[Int(row)], source: source, contentHash: 0), for: events.identities[Int(row)])
    }
  }

  /// Every event before `time` was added: the rows of sessions that are sealed by now.
  public mutating func advance(to time: Int64) -> Batch {
    var rows = BatchBuilder(sessions.table.schema)
    sessions.seal(at: min(time, horizon), into: &rows)
    return rows.build()
  }

  /// The stored states of a key group: the sessions that are still open, and the remembered identities.
  public func keyGroupParts() -> (sessions: [UInt8], identities: [UInt8]) {
    var writer = ByteWriter()
    identities.encode(into: &writer)
    return (sessions.encoded(), writer.bytes)
  }
}
