internal import Columns
public import Dataflow
public import Windows

/// The lane of one file: reads lines and sends them on, a batch at a time, with the file's own watermark.
public final class FileLane: Source {
  /// A batch also ends here, so that few long messages do not fill the memory.
  private static let batchBytes = 4 << 20

  private let name: String
  private let plan: LanePlan
  private let reader: LineReader
  private let alignment: Alignment
  private var output: LaneOutput
  private let checkpoints: CheckpointCollector
  private let progress: ReadProgress
  private var position: SourcePosition

  /// A lane that continues at `position`, whose file is checked to be the one read before.
  ///
  /// - Parameter floor: the watermark up to which an earlier run may have sealed, perhaps without this file.
  public init(
    name: String, plan: LanePlan, reader: LineReader, position: SourcePosition, alignment: Alignment,
    floor: Int64?, keyGroups: [Outlet<EventSlice>], sink: Outlet<SinkMessage>, checkpoints: CheckpointCollector,
    progress: ReadProgress
  ) throws(FileReadError) {
    self.name = name
    self.plan = plan
    self.reader = reader
    self.position = position
    self.alignment = alignment
    output = LaneOutput(
      source: position.source, plan: plan, newest: position.maximumEventTime, keyGroups: keyGroups, sink: sink)
    if let floor { output.raiseFloor(to: floor) }
    self.checkpoints = checkpoints
    self.progress = progress
    try reader.skip(to: position.byteOffset, checksum: position.checksum)
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
    output.emit(arena: arena, messages)
    position.maximumEventTime = output.newest
    guard let watermark = output.watermark?.watermark, let newest = output.newest else { return .advanced }
    output.send(watermark: watermark)
    alignment.observe(position.source, newest: newest)
    return .advanced
  }

  public func snapshot(at epoch: UInt64) { checkpoints.put(.position(position), of: name, at: epoch) }

  public func finish() {
    position.isDone = true
    checkpoints.putFinal(.position(position), of: name)
    alignment.end(position.source)
  }
}
