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
  private let clock: SourceClock
  private var output: LaneOutput
  private let checkpoints: CheckpointCollector
  private let progress: ReadProgress
  private var position: SourcePosition

  /// A lane that continues at `position`, whose file is checked to be the one read before.
  ///
  /// - Parameter floor: the watermark up to which an earlier run may have sealed, perhaps without this file.
  public init(
    name: String, plan: LanePlan, reader: LineReader, position: SourcePosition, clock: SourceClock,
    floor: Int64?, keyGroups: [Outlet<EventSlice>], sink: Outlet<SinkMessage>, checkpoints: CheckpointCollector,
    progress: ReadProgress
  ) throws(FileReadError) {
    self.name = name
    self.plan = plan
    self.reader = reader
    self.position = position
    self.clock = clock
    output = LaneOutput(
      source: position.source, plan: plan, newest: position.maximumEventTime, keyGroups: keyGroups, sink: sink)
    if let floor { output.raiseFloor(to: floor) }
    self.checkpoints = checkpoints
    self.progress = progress
    try reader.skip(to: position.byteOffset, checksum: position.checksum)
  }

  public var isPaused: Bool { clock.isPaused(position.source) }

  public func poll() throws -> SourceProgress {
    let arena = ByteArena(
      capacity: min(FileLane.batchBytes, plan.maximumRecords * 1024) + 2 * LineReader.largestBlockBytes)
    let lines = try reader.lines(into: arena, atMost: plan.maximumRecords, byteCount: FileLane.batchBytes)
    guard !lines.isEmpty else { return .ended }
    let messages = lines.enumerated().map { index, line in
      MessageRange(
        offset: UInt32(line.lowerBound), length: Int32(line.count), logOffset: position.nextOffset + Int64(index))
    }
    position.nextOffset += Int64(messages.count)
    progress.add(bytes: reader.byteOffset - position.byteOffset, messages: Int64(messages.count))
    position.byteOffset = reader.byteOffset
    position.checksum = reader.checksum
    output.emit(arena: arena, messages)
    position.maximumEventTime = output.newest
    guard let watermark = output.watermark?.watermark, let newest = output.newest else { return .advanced }
    output.send(watermark: watermark)
    clock.observe(position.source, newest: newest, arrival: nil)
    return .advanced
  }

  public func snapshot(at epoch: UInt64) { checkpoints.put(.position(position), of: name, at: epoch) }

  public func finish() {
    position.isDone = true
    checkpoints.putFinal(.position(position), of: name)
    clock.end(position.source)
  }
}
