import Columns
import Commerce
import CommerceTestSupport
import Dataflow
import Ingest
import Kafka
import KafkaTestSupport
import Testing
import Windows

/// Lanes by themselves, polled as a test wants it.
@Suite(.serialized) struct KafkaLaneTests {
  /// What came in after a bounded run had begun belongs to the next run, though it was fetched along with the rest.
  @Test func aBoundedLaneStopsAtItsEndAndNoFurther() throws {
    let bench = try LaneBench(partitions: 1, endOffset: 60)
    try bench.produce((0..<100).map { (0, EventLine.noon + Int64($0)) })
    try bench.waitUntilFetched()
    let lane = bench.lanes[0]
    #expect(try Deadline.wait { if case .ended = try lane.poll() { true } else { false } })
    lane.finish()
    guard case .position(let position)? = bench.checkpoints.take(epoch: 1).states["lane-0"] else {
      Issue.record("the lane left no position")
      return
    }
    #expect(position.nextOffset == 60)
    #expect(position.maximumEventTime == EventLine.noon + 59)
    #expect(try bench.delivered().map(\.offset) == Array(0..<60))
  }

  /// Sim1: a partition that is stuck in our own queues for four idle timeouts makes nobody late.
  @Test func aPartitionHeldBackByUsMakesNoEventLate() throws {
    let bench = try LaneBench(partitions: 4)
    let events = (0..<1_200).flatMap { step in
      (0..<4).map { (partition: $0, time: EventLine.noon + Int64(step) * 100) }
    }
    try bench.produce(events)
    var second: Int64 = 0
    var worstLag: Int64 = 0
    while second < 200, bench.positions.contains(where: { $0 < 1_200 }) {
      second += 1
      let now = EventLine.noon + second * 1_000
      for tick in 0..<10 { bench.clock.tick(monotonic: now + Int64(tick) * 100, confirmed: now + Int64(tick) * 100) }
      for (index, lane) in bench.lanes.enumerated() where index != 3 || !(40..<80).contains(second) {
        try bench.read(lane, index, upTo: Int64(second) * 10)
      }
      let watermark = bench.clock.source.watermark
      if watermark > 0 { worstLag = max(worstLag, now - watermark) }
    }
    let rows = try bench.delivered()
    #expect(rows.count == 4_800)
    #expect(rows.count { $0.isLate } == 0)
    #expect((38_000...45_000).contains(worstLag), "W waits for what is known to exist: \(worstLag) ms")
  }
}

/// Lanes of one topic, and operators that only note what they get.
final class LaneBench {
  struct Row {
    let offset: Int64
    let isLate: Bool
  }

  let clock: SourceClock
  let checkpoints = CheckpointCollector()
  private(set) var lanes: [KafkaLane] = []
  private let broker: EmbeddedBroker
  private let consumer: KafkaConsumer
  private let reports: [LaneReport]
  private let runtime = SimulationRuntime(seed: 1)
  private let graph: Graph
  private let rows = NotedRows()

  init(partitions: Int, endOffset: Int64? = nil) throws {
    broker = try EmbeddedBroker()
    try broker.createTopic("lane", partitionCount: partitions)
    consumer = try KafkaConsumer(
      KafkaConfiguration(brokers: broker.brokers), memoryBytes: 32 << 20, partitionCount: partitions)
    var settings = JobSettings()
    (settings.outOfOrdernessMilliseconds, settings.maximumBatchRecords) = (0, 10)
    if endOffset != nil { settings.maximumBatchRecords = 8_192 }
    let plan = try Job(settings).lane
    var source = SourceWatermark(outOfOrdernessMilliseconds: 0)
    for partition in 0..<partitions { source.add(partition) }
    clock = SourceClock(source, maximumDriftMilliseconds: 60_000)
    graph = Graph(runtime: runtime)
    let keyGroup = graph.add(rows, name: "key group")
    let sink = graph.add(Unnoted(), name: "sink")
    reports = (0..<partitions).map { _ in LaneReport { EventLine.noon } }
    for partition in 0..<partitions {
      lanes.append(
        KafkaLane(
          name: "lane-\(partition)", plan: plan,
          log: try consumer.add(topic: "lane", partition: Int32(partition), from: .offset(0)), endOffset: endOffset,
          position: SourcePosition(source: partition), floor: nil, clock: clock,
          keyGroups: [graph.connect(to: keyGroup)], sink: graph.connect(to: sink), checkpoints: checkpoints,
          progress: ReadProgress(), report: reports[partition]))
    }
  }

  var positions: [Int64] { reports.map(\.value.offset) }

  /// Sends events that arrive as they happen.
  func produce(_ events: [(partition: Int, time: Int64)]) throws {
    let producer = try KafkaProducer(KafkaConfiguration(brokers: broker.brokers))
    for (number, event) in events.enumerated() {
      try producer.send(
        topic: "lane", partition: Int32(event.partition),
        value: EventLine.make("\(number)", "page_view", at: event.time, session: "s"), timestampMilliseconds: event.time
      )
    }
    try producer.flush(timeoutMilliseconds: 20_000)
  }

  /// Waits until everything in the log is in our queues, with the news that it is everything: the broker has answered
  /// for several times as long as it keeps a fetch waiting.
  func waitUntilFetched() throws {
    var firstAnswer: Int64?
    let isFetched = Deadline.wait {
      guard let answer = consumer.connectionState.lastResponseMilliseconds else { return false }
      if firstAnswer == nil { firstAnswer = answer }
      return answer > (firstAnswer ?? answer) + 500
    }
    #expect(isFetched)
  }

  /// Polls until the lane is at `offset` or the end; what it sent is judged by the watermark before.
  func read(_ lane: KafkaLane, _ index: Int, upTo offset: Int64) throws {
    rows.watermark = clock.source.watermark
    let isThere = try Deadline.wait {
      if positions[index] < min(offset, 1_200) { _ = try lane.poll() }
      return positions[index] >= min(offset, 1_200)
    }
    #expect(isThere, "lane \(index) is at \(positions[index]), not \(offset)")
    // Nothing is left but to learn that it is the end.
    if positions[index] == 1_200 { _ = try lane.poll() }
    try deliver()
  }

  private func deliver() throws { while case .stepped = try runtime.step(graph) {} }

  func delivered() throws -> [Row] {
    try deliver()
    return rows.rows
  }
}

private final class NotedRows: Operator {
  /// Before what comes next was read.
  var watermark = EventTime.distantPast
  private(set) var rows: [LaneBench.Row] = []

  func process(_ slice: EventSlice, from edge: Int) {
    rows += slice.rows.map {
      LaneBench.Row(offset: slice.events.offsets[Int($0)], isLate: slice.events.times[Int($0)] < watermark)
    }
  }
  func advance(to watermark: Int64) {}
  func snapshot(at epoch: UInt64) {}
  func finish() {}
}

private final class Unnoted: Operator {
  func process(_ input: SinkMessage, from edge: Int) {}
  func advance(to watermark: Int64) {}
  func snapshot(at epoch: UInt64) {}
  func finish() {}
}
