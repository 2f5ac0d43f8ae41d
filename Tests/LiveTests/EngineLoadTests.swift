import Columns
import Commerce
import CommerceTestSupport
import Dataflow
import HotIndex
import Kafka
import KafkaTestSupport
import Telemetry
import Testing
import Windows

/// What a running engine tells monitors.
@Suite(.serialized) struct EngineLoadTests {
  private let broker: EmbeddedBroker

  init() throws { broker = try EmbeddedBroker() }

  private func trial(partitions: Int, _ settings: JobSettings = LiveTrial.settings) throws -> LiveTrial {
    try broker.createTopic("shop", partitionCount: partitions)
    return try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop", settings)
  }

  /// What is told of a run is what happened in it.
  @Test func theLoadOfARunIsMeasured() throws {
    let trial = try trial(partitions: 2)
    try trial.produce(try LiveTrial.lines(seed: 52, count: 2_000, partitions: 2))
    let engine = RunningEngine(try trial.engine(isBounded: false))
    let isRead = try Deadline.wait {
      try engine.status.partitions.reduce(0) { $0 + $1.received } == 2_000
    }
    #expect(isRead)
    let (load, status) = try (engine.look(\.load), engine.status)
    #expect(load.readMessageCount == 2_000 && load.readBytes > 100_000)
    let accepted = status.partitions.reduce(0) { $0 + $1.accepted }
    let events = try #require(load.tables.first { $0.name == "events" })
    #expect(events.rowCount == accepted && events.tailBytes > 0)
    let counts = try #require(load.lateness["kpi_1m"])
    #expect(counts.onTime > 0 && counts.onTime + counts.corrected + counts.delta <= accepted)
    #expect(load.operators.count == 2 + 4 + 2, "\(load.operators.map(\.name))")
    for load in load.operators { #expect(load.seconds.reduce(0, +) > 0, "\(load)") }
    #expect(load.stateBytes > 0 && load.diskAvailableBytes ?? 0 > 0 && load.isBrokerConnected)
    #expect(load.errors == ["broker": 0, "compaction": 0, "partition": 0, "storage": 0])
    let durations = try engine.look { $0.checkpointDurations.samples() }
    #expect(durations.last?.value ?? 0 >= 1)
    #expect(Set(status.lifeSigns.map(\.name)) == ["clock", "graph"])
    #expect(status.lifeSigns.allSatisfy { $0.ageMilliseconds < 10_000 }, "\(status.lifeSigns)")
    try engine.stop()
  }

  /// An event for each tier, one after the other.
  @Test func latenessIsCountedByTier() throws {
    var settings = LiveTrial.settings
    settings.repairIntervalMilliseconds = 100
    let trial = try trial(partitions: 1, settings)
    let engine = RunningEngine(try trial.engine(isBounded: false))
    func view(_ name: String, second: Int64) throws {
      try trial.produce(
        EventLine.make(name, "page_view", at: EventLine.noon + second * EventTime.second, session: "s-\(name)"))
    }
    func counts() throws -> LatenessCounts { try engine.look { $0.load.lateness["kpi_1m"] } ?? LatenessCounts() }
    try view("first", second: 10)
    try view("next", second: 80)
    let isOver = try Deadline.wait {
      let window = try engine.look(\.hot).rollups["kpi_1m"]?.windows(overlapping: EventLine.noon..<EventLine.noon + 1)
      return try counts().onTime == 2 && window?.first?.status == .onTime
    }
    #expect(isOver)
    try view("late", second: 20)
    #expect(try Deadline.wait { try counts().corrected == 1 })
    // Three hours later all is settled, so that what comes then is judged from the store.
    try view("later", second: 10_800)
    #expect(try Deadline.wait { try counts().onTime == 3 })
    try view("latest", second: 30)
    #expect(try Deadline.wait { try engine.look(\.load).repairedEventCount == 1 })
    let found = try counts()
    #expect(found.onTime == 3 && found.corrected == 1 && found.delta == 0, "\(found)")
    try engine.stop()
  }
}
