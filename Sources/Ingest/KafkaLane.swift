internal import Columns
public import Dataflow
internal import Kafka
internal import Synchronization
public import Windows

/// The lane of one Kafka partition: polls its queue, decodes, stamps the watermark, routes to key groups.
///
/// It is asked on the graph's ticks and never waits: what is not there yet is looked for at the next tick. A partition
/// that must wait for slower ones is simply not polled; librdkafka's queue is bounded.
public final class KafkaLane: Source {
  /// A batch also ends here, so that few long messages do not fill the memory.
  private static let batchBytes = 2 << 20

  private let name: String
  private let plan: LanePlan
  private let log: any PartitionLog
  /// Bounded runs end here.
  private let endOffset: Int64?
  private let clock: SourceClock
  private var output: LaneOutput
  private let checkpoints: CheckpointCollector
  private let progress: ReadProgress
  private let report: LaneReport
  private var position: SourcePosition
  private var sentWatermark: Int64?
  private var isAtEnd = false
  /// The memory of the latest batch, for the next one.
  private var spare = MessageBuffer()

  /// - Parameters:
  ///   - log: stands at `position`.
  ///   - endOffset: where a bounded run ends; nil for one that goes on.
  ///   - floor: the watermark up to which an earlier run may have sealed.
  public init(
    name: String, plan: LanePlan, log: any PartitionLog, endOffset: Int64?, position: SourcePosition, floor: Int64?,
    clock: SourceClock, keyGroups: [Outlet<EventSlice>], sink: Outlet<SinkMessage>, checkpoints: CheckpointCollector,
    progress: ReadProgress, report: LaneReport
  ) {
    self.name = name
    self.plan = plan
    self.log = log
    self.endOffset = endOffset
    self.clock = clock
    self.checkpoints = checkpoints
    self.progress = progress
    self.report = report
    self.position = position
    output = LaneOutput(
      source: position.source, plan: plan, newest: position.maximumEventTime, keyGroups: keyGroups, sink: sink)
    if let floor { output.raiseFloor(to: floor) }
    report.update { $0.offset = position.nextOffset }
  }

  /// Alignment is looked at in `poll`, where a lane that waits still passes on the watermark.
  public var isPaused: Bool { false }

  public func poll() throws -> SourceProgress {
    if let endOffset, position.nextOffset >= endOffset { return .ended }
    var advances = false
    if !clock.isPaused(position.source) { advances = try read() }
    passOnWatermark()
    if let endOffset, position.nextOffset >= endOffset { return .ended }
    return advances ? .advanced : .waiting
  }

  /// Sends on what the queue holds; whether there was anything.
  private func read() throws -> Bool {
    var buffer = spare
    spare = MessageBuffer()
    var events: [PartitionEvent] = []
    var isPastEnd = false
    while buffer.count < plan.maximumRecords, buffer.byteCount < KafkaLane.batchBytes {
      let room = min(plan.maximumRecords - buffer.count, 1024)
      let before = buffer.count
      events += log.read(maximumMessages: room) { offset, payload, arrival in
        if let endOffset, offset >= endOffset {
          isPastEnd = true
          return
        }
        buffer.append(payload, offset: offset, arrival: arrival ?? report.nowMilliseconds)
      }
      if buffer.count == before { break }
    }
    let hasMessages = buffer.count > 0
    if let first = buffer.messages.first, let last = buffer.messages.last {
      position.nextOffset = max(first.logOffset, last.logOffset + 1)
      send(buffer)
    }
    buffer.removeAll(keeping: 2 * KafkaLane.batchBytes)
    spare = buffer
    // What is behind the end belongs to the next run; before it there may be offsets without a message.
    if isPastEnd, let endOffset { position.nextOffset = endOffset }
    try handle(events, hasMessages: hasMessages)
    report.update { $0.offset = position.nextOffset }
    return hasMessages
  }

  private func send(_ buffer: MessageBuffer) {
    guard let arena = buffer.arena else { return }
    isAtEnd = false
    output.raiseFloor(to: clock.resumeReading(position.source))
    progress.add(bytes: Int64(arena.count), messages: Int64(buffer.count))
    output.emit(arena: arena, buffer.messages, arrivals: buffer.arrivals)
    position.maximumEventTime = output.newest
    if let newest = output.newest { clock.observe(position.source, newest: newest, arrival: buffer.arrivals.last) }
  }

  private func handle(_ events: [PartitionEvent], hasMessages: Bool) throws {
    for event in events {
      switch event {
      case .reachedEnd(let end):
        // Control records of transactions take offsets at the end that no message has.
        position.nextOffset = max(position.nextOffset, min(end, endOffset ?? end))
        // An end that messages followed is none any more.
        isAtEnd = end >= position.nextOffset
        report.update { $0.problem = nil }
      case .failed(let error):
        // Going on elsewhere would be a silent jump over data that was promised.
        if error.kind == .offsetOutOfRange { throw error }
        report.update { $0.problem = "\(error)" }
      }
    }
    if hasMessages { report.update { $0.problem = nil } }
    if isAtEnd, !hasMessages { clock.reachedEnd(position.source) }
  }

  private func passOnWatermark() {
    guard let watermark = clock.watermark, watermark > sentWatermark ?? .min else { return }
    sentWatermark = watermark
    output.send(watermark: watermark)
  }

  public func snapshot(at epoch: UInt64) { checkpoints.put(.position(position), of: name, at: epoch) }

  public func finish() {
    checkpoints.putFinal(.position(position), of: name)
    clock.end(position.source)
  }
}

/// What a lane tells about itself, to be read at any time.
public final class LaneReport: Sendable {
  public struct Contents: Sendable {
    /// The next offset to be read.
    public var offset: Int64 = 0
    /// What keeps the partition from being read; nil if nothing does.
    public var problem: String?
  }

  private let contents = Mutex(Contents())
  private let wallClock: @Sendable () -> Int64

  /// - Parameter wallClock: milliseconds since 1970, for messages of formats that carry no time.
  public init(wallClock: @escaping @Sendable () -> Int64) { self.wallClock = wallClock }

  public var value: Contents { contents.withLock { $0 } }
  var nowMilliseconds: Int64 { wallClock() }
  func update(_ change: (inout Contents) -> Void) { contents.withLock { change(&$0) } }
}
