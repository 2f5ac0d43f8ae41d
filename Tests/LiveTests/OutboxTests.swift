import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Foundation
import Glibc
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

/// The outbox of a live engine against the broker inside this process.
@Suite(.serialized) struct OutboxTests {
  private let broker: EmbeddedBroker
  private var configuration: KafkaConfiguration { KafkaConfiguration(brokers: broker.brokers) }

  init() throws { broker = try EmbeddedBroker() }

  private func trial(partitions: Int, _ settings: JobSettings = LiveTrial.settings) throws -> LiveTrial {
    try broker.createTopic("shop", partitionCount: partitions)
    return try LiveTrial(configuration, topic: "shop", settings)
  }

  @Test func aBoundedRunDeliversEverything() throws {
    let trial = try trial(partitions: 2)
    let lines = try LiveTrial.lines(seed: 51, count: 3_000, partitions: 2)
    try trial.produce(lines)
    try trial.engine(isBounded: true, sendingTo: configuration).run()
    try trial.expectSameAsFiles(lines, partitions: 2)
    try trial.expectTopicsHaveTables(configuration)
    let commit = try #require(try trial.run.newestCommit())
    let table = try #require(commit.tables.first { $0.name == "kpi_1m" })
    #expect(commit.outbox.map(\.topic) == [LiveTrial.results, LiveTrial.letters])
    #expect(commit.outbox[0].rows["kpi_1m"] == table.nextSequence && table.nextSequence > 10)
    // What was delivered is not sent again.
    let before = try OutboxTopic(LiveTrial.results, configuration).messages.count
    try trial.engine(isBounded: true, sendingTo: configuration).run()
    #expect(try OutboxTopic(LiveTrial.results, configuration).messages.count == before)
  }

  /// A window from its close to long after: each time it changes, its whole value.
  @Test func aWindowIsSentWheneverItChanges() throws {
    var settings = LiveTrial.settings
    settings.repairIntervalMilliseconds = 100
    let trial = try trial(partitions: 1, settings)
    let engine = RunningEngine(try trial.engine(isBounded: false, sendingTo: configuration))
    let key = #"["kpi_1m",[],"2023-11-16T12:00:00Z"]"#
    func view(_ name: String, second: Int64) throws {
      try trial.produce(
        EventLine.make(name, "page_view", at: EventLine.noon + second * EventTime.second, session: "s-\(name)"))
    }
    func expect(_ status: String, pageViews: Int) throws {
      var newest = ""
      let isThere = try Deadline.wait(seconds: 60) {
        newest = try OutboxTopic(LiveTrial.results, configuration).kept[key]?.message.text ?? "nothing"
        return newest.contains(#""page_views":\#(pageViews),"#) && newest.contains(#""status":"\#(status)""#)
      }
      #expect(isThere, "not \(status) with \(pageViews): \(newest)")
    }
    try view("first", second: 10)
    try view("next", second: 80)
    try expect("on_time", pageViews: 1)
    try view("late", second: 20)
    try expect("revised", pageViews: 2)
    // Three hours later all is settled, so that what comes then is judged by the repair step.
    try view("later", second: 10_800)
    try expect("final", pageViews: 2)
    try view("latest", second: 30)
    try expect("amended", pageViews: 3)
    try engine.stop()
    let texts = try OutboxTopic(LiveTrial.results, configuration).messages.map(\.message)
      .filter { $0.key == Array(key.utf8) }
    #expect(texts.count == 4, "\(texts.map(\.text))")
  }

  /// Its topics are on a broker of their own, which goes away and comes back.
  @Test func anAbsentSinkDelaysOnlyItself() throws {
    let other = try EmbeddedBroker()
    let sink = KafkaConfiguration(brokers: other.brokers)
    try other.setReachable(false)
    let trial = try trial(partitions: 2)
    let lines = try LiveTrial.lines(seed: 52, count: 3_000, partitions: 2)
    let engine = RunningEngine(try trial.engine(isBounded: false, sendingTo: sink))
    try trial.produce(lines.prefix(2_000))
    let goesOn = try Deadline.wait {
      let status = try engine.status
      return status.commitEpoch >= 5 && status.partitions.reduce(0) { $0 + $1.accepted } > 1_000
        && status.sinks.allSatisfy { $0.lagRows > 0 && $0.problem != nil && $0.messageCount == 0 }
    }
    let absent = try engine.status
    #expect(goesOn, "\(absent)")
    #expect(try engine.status.problems == [], "the engine is ready without its sinks")
    try other.setReachable(true)
    try trial.produce(lines.dropFirst(2_000))
    let arrives = try Deadline.wait(seconds: 30) {
      try engine.status.sinks.allSatisfy { $0.lagRows == 0 && $0.problem == nil && $0.messageCount > 0 }
    }
    let sinks = try engine.status.sinks
    #expect(arrives, "\(sinks)")
    try engine.stop()
    try trial.engine(isBounded: true, sendingTo: sink).run()
    try trial.expectSameAsFiles(lines, partitions: 2)
    try trial.expectTopicsHaveTables(sink)
  }

  /// A run that ends does not wait for ever; the next one sends what it left.
  @Test func whatWasNotSentIsSentByTheNextRun() throws {
    let other = try EmbeddedBroker()
    let sink = KafkaConfiguration(brokers: other.brokers)
    let trial = try trial(partitions: 2)
    let lines = try LiveTrial.lines(seed: 53, count: 2_000, partitions: 2)
    try trial.produce(lines)
    try other.setReachable(false)
    try trial.engine(isBounded: true, sendingTo: sink, flushMilliseconds: 100).run()
    #expect(try trial.run.newestCommit()?.outbox.allSatisfy { $0.messageCount == 0 } == true)
    try other.setReachable(true)
    try trial.engine(isBounded: true, sendingTo: sink).run()
    try trial.expectTopicsHaveTables(sink)
    try trial.expectSameAsFiles(lines, partitions: 2)
  }

  @Test(
    .enabled(if: RiffleProcess.isBuilt, "needs the executable: build all, then test"), arguments: [61, 62] as [UInt64])
  func killsLeaveReadersWithTheTables(seed: UInt64) throws {
    let trial = try trial(partitions: 3)
    let topics = "outbox: {results_topic: \(LiveTrial.results), dead_letters_topic: \(LiveTrial.letters)}\n"
    try (RiffleProcess.configuration + topics).write(
      toFile: trial.place.file("riffle.yaml"), atomically: true, encoding: .utf8)
    let lines = try LiveTrial.lines(seed: seed, count: 4_000, partitions: 3)
    var random = SeededRandom(seed: seed)
    for part in 0..<6 {
      let process = try RiffleProcess.run(trial)
      try trial.produce(lines[part * 500..<(part + 1) * 500])
      let wanted = try (trial.run.newestCommit()?.epoch ?? 0) + UInt64.random(in: 1...3, using: &random)
      let odd = Deadline(seconds: Double.random(in: 0.05...0.3, using: &random))
      let isThere = try Deadline.wait { try trial.run.newestCommit()?.epoch ?? 0 >= wanted && odd.hasPassed }
      #expect(isThere, "seed \(seed), part \(part)")
      _ = Glibc.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try trial.produce(lines[3_000...])
    let last = try RiffleProcess.run(trial, ["--once", "--set", "outbox.flush_timeout=30s"])
    last.waitUntilExit()
    #expect(last.terminationStatus == 0)
    try trial.expectSameAsFiles(lines, partitions: 3, "seed \(seed)")
    try trial.expectTopicsHaveTables(configuration, "seed \(seed)")
  }
}
