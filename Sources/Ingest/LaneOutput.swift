internal import Columns
internal import Dataflow
internal import Windows

/// What every lane does with the messages it has read: decodes them into columns, sends dead letters and counts to the
/// sink, stamps the partition's watermark on each row, and routes rows to key groups.
///
/// Rows are never copied to be routed: each key group gets the shared batch and the positions of its rows.
struct LaneOutput {
  private let source: Int
  private let plan: LanePlan
  private let decoder: MessageDecoder
  private let keyGroups: [Outlet<EventSlice>]
  private let sink: Outlet<SinkMessage>
  private(set) var watermark: PartitionWatermark?

  /// - Parameter newest: the partition's greatest event time so far.
  init(
    source: Int, plan: LanePlan, newest: Int64?, keyGroups: [Outlet<EventSlice>], sink: Outlet<SinkMessage>
  ) {
    self.source = source
    self.plan = plan
    self.keyGroups = keyGroups
    self.sink = sink
    decoder = MessageDecoder(shape: plan.shape)
    watermark = PartitionWatermark(outOfOrdernessMilliseconds: plan.outOfOrdernessMilliseconds, newest: newest)
  }

  /// The partition's greatest event time, without those too far in the future.
  var newest: Int64? { watermark?.newest }

  /// Judges later events by `floor` at least.
  mutating func raiseFloor(to floor: Int64) {
    if let known = watermark?.floor, floor > known { watermark?.floor = floor }
  }

  /// Sends on `messages`, whose bytes are in `arena`.
  ///
  /// - Parameter arrivals: when the broker got each message, where that is known.
  mutating func emit(arena: ByteArena, _ messages: [MessageRange], arrivals: [Int64]? = nil) {
    let decoded = decoder.decode(arena: arena, messages: messages, source: Int64(source))
    let times = decoded.batch.integers(plan.layout.eventTime).values
    var absurd: SelectionVector = []
    var isFuture: [Bool]?
    if let arrivals {
      let positions = LaneOutput.positions(of: decoded.offsets, in: messages)
      let skews = positions.indices.map { times[$0].subtractingReportingOverflow(arrivals[positions[$0]]).partialValue }
      isFuture = skews.map { $0 > plan.maximumFutureSkewMilliseconds }
      absurd = skews.indices.filter { skews[$0] > LanePlan.absurdSkewMilliseconds }.map { UInt32($0) }
    }
    let events = EventBatch(
      decoded.batch.compacted(), layout: plan.layout, mode: plan.sessionMode, types: decoded.types,
      contentHashes: decoded.contentHash, watermark: &watermark, isFuture: isFuture)
    let refused = Set(absurd).union(events.overflowedRows).sorted()
    var letters = DeadLetters(source: source, arena: arena, messages)
    for reject in decoded.rejects { letters.append(reject.row, reject.reason, field: reject.field) }
    if !refused.isEmpty {
      let positions = LaneOutput.positions(of: decoded.offsets, in: messages)
      let isAbsurd = Set(absurd)
      for row in refused {
        let reason = isAbsurd.contains(row) ? (DeadLetterReason.absurdTime, "event_ts") : (.malformedJSON, "price")
        letters.append(positions[Int(row)], reason.0, field: reason.1)
      }
    }
    var counts = letters.counts
    counts.received = Int64(messages.count)
    counts.decimalsRounded = Int64(decoded.decimalsRounded)
    if let rows = letters.build() { sink.send(.rows(table: TableNames.deadLetters, rows)) }
    sink.send(.counts(source: source, counts))
    route(events, except: refused)
  }

  /// Where in `messages` each row's message stands; both are ascending by offset.
  private static func positions(of offsets: ColumnBuffer<Int64>, in messages: [MessageRange]) -> [Int] {
    var position = 0
    return (0..<offsets.count).map { row in
      while messages[position].logOffset < offsets[row] { position += 1 }
      return position
    }
  }

  private func route(_ events: EventBatch, except refused: SelectionVector) {
    var selections = [SelectionVector](repeating: [], count: keyGroups.count)
    let groupCount = UInt32(keyGroups.count)
    var refused = refused[...]
    for row in 0..<UInt32(events.rowCount) {
      if refused.first == row {
        refused.removeFirst()
        continue
      }
      selections[Int(events.partitionHashes[Int(row)] % groupCount)].append(row)
    }
    for (outlet, rows) in zip(keyGroups, selections) where !rows.isEmpty {
      outlet.send(EventSlice(events: events, rows: rows))
    }
  }

  /// Tells the key groups how far event time has come.
  func send(watermark: Int64) {
    for outlet in keyGroups { outlet.send(watermark: watermark) }
  }
}

/// Collects the rows of refused messages.
private struct DeadLetters {
  private let source: Int
  private let arena: ByteArena
  private let messages: [MessageRange]
  private var rows = BatchBuilder(DeadLetterTable.schema)
  private(set) var counts = SourceCounts()

  init(source: Int, arena: ByteArena, _ messages: [MessageRange]) {
    self.source = source
    self.arena = arena
    self.messages = messages
  }

  mutating func append(_ position: Int, _ reason: DeadLetterReason, field: String?) {
    let message = messages[position]
    let arena = arena
    rows.append(Int64(source), to: 0)
    rows.append(message.logOffset, to: 1)
    rows.append(reason.name, to: 2)
    rows.append(field, to: 3)
    let start = Int(message.offset)
    rows.append(arena.span.extracting(start..<start + Int(message.length)), to: 4)
    counts.deadLetters += 1
    counts.reasons[reason.name, default: 0] += 1
  }

  mutating func build() -> Batch? { rows.rowCount > 0 ? rows.build() : nil }
}
