internal import Columns
public import Dataflow
public import Windows

/// What a lane needs to know besides its file.
public struct LanePlan: Sendable {
  public let shape: MessageShape
  public let layout: EventLayout
  public let sessionMode: SessionMode
  public let outOfOrdernessMilliseconds: Int64
  /// Most messages in a batch.
  public let maximumRecords: Int

  public init(
    shape: MessageShape, layout: EventLayout, sessionMode: SessionMode, outOfOrdernessMilliseconds: Int64,
    maximumRecords: Int
  ) {
    self.shape = shape
    self.layout = layout
    self.sessionMode = sessionMode
    self.outOfOrdernessMilliseconds = outOfOrdernessMilliseconds
    self.maximumRecords = maximumRecords
  }
}

/// The lane of one file: reads lines, decodes them into columns, stamps the partition's watermark, routes to key
/// groups.
///
/// Rows are never copied to be routed: each key group gets the shared batch and the positions of its rows.
public final class FileLane: Source {
  /// A batch also ends here, so that few long messages do not fill the memory.
  private static let batchBytes = 2 << 20

  private let name: String
  private let plan: LanePlan
  private let reader: LineReader
  private let decoder: MessageDecoder
  private let alignment: Alignment
  private let keyGroups: [Outlet<EventSlice>]
  private let sink: Outlet<SinkMessage>
  private let checkpoints: CheckpointCollector
  private let progress: ReadProgress
  private var position: SourcePosition
  private var watermark: PartitionWatermark?

  /// A lane that continues at `position`, whose file is checked to be the one read before.
  public init(
    name: String, plan: LanePlan, reader: LineReader, position: SourcePosition, alignment: Alignment,
    keyGroups: [Outlet<EventSlice>], sink: Outlet<SinkMessage>, checkpoints: CheckpointCollector,
    progress: ReadProgress
  ) throws(FileReadError) {
    self.name = name
    self.plan = plan
    self.reader = reader
    self.position = position
    self.alignment = alignment
    self.keyGroups = keyGroups
    self.sink = sink
    self.checkpoints = checkpoints
    self.progress = progress
    decoder = MessageDecoder(shape: plan.shape)
    try reader.skip(to: position.byteOffset, checksum: position.checksum)
    watermark = PartitionWatermark(
      outOfOrdernessMilliseconds: plan.outOfOrdernessMilliseconds, newest: position.maximumEventTime)
  }

  public var isPaused: Bool { alignment.isPaused(position.source) }

  public func poll() throws -> SourceProgress {
    let arena = ByteArena(capacity: min(FileLane.batchBytes + (16 << 10), plan.maximumRecords * 1024))
    var messages: [MessageRange] = []
    while messages.count < plan.maximumRecords, arena.count < FileLane.batchBytes {
      guard let line = try reader.next(into: arena) else { break }
      messages.append(
        MessageRange(
          offset: UInt32(line.offset), length: Int32(line.length),
          logOffset: position.nextOffset + Int64(messages.count)))
    }
    guard !messages.isEmpty else { return .ended }
    position.nextOffset += Int64(messages.count)
    progress.add(bytes: reader.byteOffset - position.byteOffset, messages: Int64(messages.count))
    position.byteOffset = reader.byteOffset
    position.checksum = reader.checksum
    try emit(decoder.decode(arena: arena, messages: messages, source: Int64(position.source)), arena: arena, messages)
    return .advanced
  }

  private func emit(_ decoded: DecodedMessages, arena: ByteArena, _ messages: [MessageRange]) throws {
    let events = EventBatch(
      decoded.batch, layout: plan.layout, mode: plan.sessionMode, types: decoded.types,
      contentHashes: decoded.contentHash, watermark: &watermark)
    let letters = deadLetters(decoded.rejects, overflowed: events, arena: arena, messages)
    var counts = letters.counts
    counts.received = Int64(messages.count)
    counts.decimalsRounded = Int64(decoded.decimalsRounded)
    if letters.rows.rowCount > 0 { sink.send(.rows(table: TableNames.deadLetters, letters.rows)) }
    sink.send(.counts(source: position.source, counts))
    route(events)
    position.maximumEventTime = watermark?.newest
    guard let watermark = watermark?.watermark else { return }
    for outlet in keyGroups { outlet.send(watermark: watermark) }
    if let newest = position.maximumEventTime { alignment.observe(position.source, newest: newest) }
  }

  private func route(_ events: EventBatch) {
    var selections = [SelectionVector](repeating: [], count: keyGroups.count)
    let groupCount = UInt32(keyGroups.count)
    var overflowed = events.overflowedRows[...]
    for row in 0..<UInt32(events.rowCount) {
      if overflowed.first == row {
        overflowed.removeFirst()
        continue
      }
      selections[Int(events.partitionHashes[Int(row)] % groupCount)].append(row)
    }
    for (outlet, rows) in zip(keyGroups, selections) where !rows.isEmpty {
      outlet.send(EventSlice(events: events, rows: rows))
    }
  }

  /// The rows of refused messages: those of the decoder, and those whose amount is beyond what money can hold.
  private func deadLetters(
    _ rejects: [Reject], overflowed events: EventBatch, arena: ByteArena, _ messages: [MessageRange]
  ) -> (rows: Batch, counts: SourceCounts) {
    var rows = BatchBuilder(DeadLetterTable.schema)
    var counts = SourceCounts()
    func append(_ message: MessageRange, _ reason: DeadLetterReason, field: String?) {
      rows.append(Int64(position.source), to: 0)
      rows.append(message.logOffset, to: 1)
      rows.append(reason.name, to: 2)
      rows.append(field, to: 3)
      let start = Int(message.offset)
      rows.append(arena.span.extracting(start..<start + Int(message.length)), to: 4)
      counts.deadLetters += 1
      counts.reasons[reason.name, default: 0] += 1
    }
    for reject in rejects { append(messages[reject.row], reject.reason, field: reject.field) }
    let first = messages.first?.logOffset ?? 0
    for row in events.overflowedRows {
      append(messages[Int(events.offsets[Int(row)] - first)], .malformedJSON, field: "price")
    }
    return (rows.build(), counts)
  }

  public func snapshot(at epoch: UInt64) { checkpoints.put(.position(position), of: name, at: epoch) }

  public func finish() {
    position.isDone = true
    checkpoints.putFinal(.position(position), of: name)
    alignment.end(position.source)
  }
}
