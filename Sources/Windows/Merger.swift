internal import Columns
public import Dataflow
public import Encodings
public import HotIndex

/// Combines the partials of all key groups into global windows, and decides when they are final.
public final class Merger: Operator {
  public static let name = "merger"

  private let tables: [RollupTable]
  private let sink: Outlet<SinkMessage>
  private let checkpoints: CheckpointCollector
  private var windows: [WindowState<GroupValues, PartialAggregate>]
  private var finished: [BatchBuilder]
  private var watermark = EventTime.distantPast
  /// Events by lateness tier: informational, they depend on how partitions were interleaved (SEMANTICS §6).
  private var corrections: Int64 = 0
  private var deltas: Int64 = 0
  /// Of this run, by rollup.
  public private(set) var lateness: [LatenessCounts]
  /// Nil where nobody looks before the end.
  private var publisher: WindowPublisher?
  /// Changes that had to be taken before their state was given up.
  private var takenChanges: [(rollup: String, window: HotWindow)] = []

  /// - Parameter publishes: whether `takeChanges` is going to be called, again and again.
  public init(
    tables: [RollupTable], allowedLatenessMilliseconds: Int64, sink: Outlet<SinkMessage>,
    checkpoints: CheckpointCollector, publishes: Bool = false
  ) {
    publisher =
      publishes ? WindowPublisher(tables, allowedLatenessMilliseconds: allowedLatenessMilliseconds) : nil
    self.tables = tables
    self.sink = sink
    self.checkpoints = checkpoints
    windows = tables.map {
      WindowState(shape: $0.rollup.shape, allowedLatenessMilliseconds: allowedLatenessMilliseconds)
    }
    finished = tables.map { BatchBuilder($0.schema) }
    lateness = tables.map { _ in LatenessCounts() }
  }

  public func process(_ partials: [WindowPartial], from edge: Int) {
    for partial in partials {
      let (outcome, output) = windows[partial.rollup].merge(partial.value, into: partial.key, at: watermark)
      switch outcome {
      case .onTime: break
      case .corrected: corrections += partial.value.eventCount
      case .delta: deltas += partial.value.eventCount
      }
      lateness[partial.rollup].add(partial.value.eventCount, outcome)
      publisher?.note(partial, at: watermark)
      if let output { store(output, rollup: partial.rollup) }
    }
  }

  public func advance(to watermark: Int64) {
    self.watermark = watermark
    sealWindows(at: watermark)
  }

  /// The windows that changed since the last call, with their new numbers; in no particular order.
  public func takeChanges() -> [(rollup: String, window: HotWindow)] {
    defer { takenChanges = [] }
    return takenChanges + (publisher?.takeChanges(windows) ?? [])
  }

  /// Windows that changed after they were sealed, and whose change commit `epoch` holds.
  public func takeAmended(upTo epoch: UInt64) -> [HotKey] { publisher?.takeAmended(upTo: epoch) ?? [] }

  private func sealWindows(at watermark: Int64) {
    if publisher != nil, windows.contains(where: { $0.isDue(at: watermark) }) {
      takenChanges = takeChanges()
      publisher?.forgetFinal(at: watermark)
    }
    for rollup in windows.indices {
      let outputs = windows[rollup].advance(to: watermark) { $0.pane.lowerBound < $1.pane.lowerBound }
      for output in outputs { store(output, rollup: rollup) }
      if finished[rollup].rowCount >= 1024 { flush(rollup) }
    }
  }

  /// Final values and deltas become rows; first values and revisions are for subscribers, and the state still has
  /// them.
  private func store(_ output: WindowOutput<GroupValues, PartialAggregate>, rollup: Int) {
    switch output {
    case .onTime, .update: return
    case .final(let key, let value):
      tables[rollup].append(key, value, .sealed, to: &finished[rollup])
    case .delta(let key, let value): tables[rollup].append(key, value, .delta, to: &finished[rollup])
    }
  }

  private func flush(_ rollup: Int) {
    guard finished[rollup].rowCount > 0 else { return }
    sink.send(.rows(table: tables[rollup].rollup.name, finished[rollup].build()))
  }

  public func snapshot(at epoch: UInt64) {
    for rollup in finished.indices { flush(rollup) }
    publisher?.barrier(epoch)
    checkpoints.put(.state(StateSnapshot(encodeState())), of: Merger.name, at: epoch)
  }

  public func finish() {
    // The watermark that is saved stays where the data left it, so that later input is judged by the data.
    sealWindows(at: EventTime.distantFuture)
    for rollup in finished.indices { flush(rollup) }
    checkpoints.putFinal(.state(StateSnapshot(encodeState())), of: Merger.name)
  }

  // MARK: - Snapshot

  private func encodeState() -> [UInt8] {
    MergerState.encode(MergerState.Head(watermark: watermark, corrections: corrections, deltas: deltas), windows)
  }

  public func restore(from bytes: [UInt8]) throws(CorruptionError) {
    let state = try MergerState(bytes, tables: tables)
    watermark = state.watermark
    corrections = state.corrections
    deltas = state.deltas
    for window in state.live {
      windows[window.rollup].restore(window.key, window.value, hasFired: window.hasFired)
      publisher?.note(restored: window.key, rollup: window.rollup, at: watermark)
    }
  }
}

/// A merger's snapshot, also for readers of a commit.
public struct MergerState: Sendable {
  public struct Live: Sendable {
    public let rollup: Int
    public let key: PaneKey<GroupValues>
    public let value: PartialAggregate
    public let hasFired: Bool
  }

  /// What does not depend on the rollups.
  struct Head {
    var watermark = EventTime.distantPast
    var corrections: Int64 = 0
    var deltas: Int64 = 0
  }

  public let watermark: Int64
  public let corrections: Int64
  public let deltas: Int64
  public private(set) var live: [Live] = []

  public init(_ bytes: [UInt8], tables: [RollupTable]) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    let head = try Head(from: &reader)
    (watermark, corrections, deltas) = (head.watermark, head.corrections, head.deltas)
    for (index, table) in tables.enumerated() {
      for _ in 0..<(try reader.readCount(of: "live windows", minimumBytes: 17)) {
        live.append(try MergerState.readLive(from: &reader, rollup: index, table: table))
      }
    }
  }

  private static func readLive(
    from reader: inout ByteReader, rollup: Int, table: RollupTable
  ) throws(CorruptionError) -> Live {
    let start = try reader.readInt64()
    let end = try reader.readInt64()
    guard RollupTable.isPane(start, end) else {
      throw CorruptionError("a live window of \(table.rollup.name) cannot be from \(start) to \(end)")
    }
    var group: GroupValues = []
    for _ in table.rollup.groupBy { group.append(try reader.readBool() ? try reader.readBytes() : nil) }
    let hasFired = try reader.readBool()
    let value = try table.readPartial(from: &reader)
    return Live(rollup: rollup, key: PaneKey(pane: start..<end, group: group), value: value, hasFired: hasFired)
  }
}

extension MergerState.Head {
  init(_ bytes: [UInt8]) throws(CorruptionError) {
    var reader = ByteReader(bytes)
    try self.init(from: &reader)
  }

  init(from reader: inout ByteReader) throws(CorruptionError) {
    watermark = try reader.readInt64()
    corrections = try reader.readSignedVarint()
    deltas = try reader.readSignedVarint()
  }
}

extension MergerState {
  /// The stored form: `head`, then of each rollup the live windows.
  static func encode(_ head: Head, _ windows: [WindowState<GroupValues, PartialAggregate>]) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(head.watermark)
    writer.writeSignedVarint(head.corrections)
    writer.writeSignedVarint(head.deltas)
    for state in windows {
      writer.writeVarint(UInt64(state.count))
      state.forEach { key, value, hasFired in
        writer.write(key.pane.lowerBound)
        writer.write(key.pane.upperBound)
        for text in key.group {
          writer.write(text != nil)
          if let text { writer.write(bytes: text) }
        }
        writer.write(hasFired)
        value.encode(into: &writer)
      }
    }
    return writer.bytes
  }
}

extension RollupTable {
  /// Reads a partial that was encoded for this table's measures.
  func readPartial(from reader: inout ByteReader) throws(CorruptionError) -> PartialAggregate {
    try PartialAggregate(from: &reader, rollup.measures, distinctExactLimit: distinctExactLimit)
  }
}
