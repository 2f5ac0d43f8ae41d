import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import HotIndex
import Kafka
import KafkaTestSupport
import Landing
import Query
import Synchronization
import TestSupport
import Testing
import Windows

/// What a running engine shows.
@Suite(.serialized) struct LiveViewTests {
  private let broker: EmbeddedBroker

  init() throws { broker = try EmbeddedBroker() }

  private func trial(partitions: Int, _ settings: JobSettings = LiveTrial.settings) throws -> LiveTrial {
    try broker.createTopic("shop", partitionCount: partitions)
    return try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop", settings)
  }

  private static var nowMilliseconds: Int64 { LiveTrial.nowMilliseconds }

  @Test func anEventIsSeenAtOnce() throws {
    let trial = try trial(partitions: 1)
    let engine = try trial.quietEngine()
    // This broker lets a fetch wait for its full tenth of a second, whatever arrives meanwhile.
    #expect(try trial.medianVisibilityMilliseconds(engine) < 1_000)
    try engine.stop()
  }

  /// No input, and still the last window closes: first on time, then for good.
  @Test func theWallClockClosesTheLastWindow() throws {
    var settings = LiveTrial.settings
    settings.rollups = [.init(name: "kpi_1m", shape: .tumbling(size: 1_000))]
    settings.outOfOrdernessMilliseconds = 100
    settings.idleTimeoutMilliseconds = 300
    settings.allowedLatenessMilliseconds = 1_000
    let trial = try trial(partitions: 3, settings)
    let engine = try trial.quietEngine()
    // Ahead of the clock, so that both are there before their window is over.
    let time = Self.nowMilliseconds + 1_500
    for partition in 0..<2 {
      try trial.produce(
        EventLine.make("e\(partition)", "page_view", at: time, session: "s\(partition)"), partition: Int32(partition))
    }
    var seen: [HotStatus] = []
    let isFinal = try Deadline.wait(seconds: 20) {
      let windows = try engine.look(\.hot).rollups["kpi_1m"]?.latest() ?? []
      if let window = windows.first(where: { $0.window.contains(time) && $0.eventCount == 2 }),
        window.status != seen.last
      {
        seen.append(window.status)
      }
      return seen.last == .final
    }
    #expect(isFinal && seen == [.open, .onTime, .final], "\(seen)")
    let watermark = try #require(try engine.look(\.hot).watermark)
    #expect(watermark <= Self.nowMilliseconds - 400 && watermark > time)
    let status = try engine.status
    #expect(!status.isReplaying && status.partitions.allSatisfy { $0.state == "excluded" }, "\(status)")
    // The watermark that a commit keeps has come along, and a late event is told from an early one after a restart.
    try engine.stop()
    #expect(try #require(try trial.run.newestCommit()).watermark > time)
  }

  @Test func aReplayDoesNotJumpToToday() throws {
    var settings = LiveTrial.settings
    settings.idleTimeoutMilliseconds = 200
    let trial = try trial(partitions: 2, settings)
    let time = Self.nowMilliseconds - 7_200_000
    for partition in 0..<2 {
      try trial.produce(
        EventLine.make("e\(partition)", "page_view", at: time, session: "s"), partition: Int32(partition))
    }
    let engine = RunningEngine(try trial.engine(isBounded: false))
    #expect(try Deadline.wait { try engine.status.isReplaying })
    let epoch = try engine.status.commitEpoch
    // Several idle timeouts and commits later nothing has moved.
    #expect(try Deadline.wait { try engine.status.commitEpoch >= epoch + 8 })
    let hot = try engine.look(\.hot)
    #expect(hot.watermark == time - settings.outOfOrdernessMilliseconds)
    #expect(hot.rollups["kpi_1m"]?.latest().map(\.status) == [.open])
    // An event of today, where the others are old, does not take them along either; one in each partition does.
    try trial.produce(EventLine.make("now", "page_view", at: Self.nowMilliseconds, session: "s"), partition: 0)
    #expect(try Deadline.wait { try engine.look(\.hot).now ?? 0 > time + 1_000 })
    try trial.produce(EventLine.make("now too", "page_view", at: Self.nowMilliseconds, session: "s"), partition: 1)
    let isLive = try Deadline.wait { try engine.look(\.hot).watermark ?? 0 > time + 7_000_000 }
    #expect(isLive)
    #expect(try !engine.status.isReplaying)
    try engine.stop()
  }

  @Test func openSessionsAreThoseThatWereProduced() throws {
    let trial = try trial(partitions: 2)
    let noon = EventLine.noon
    for (number, minute) in [0, 3, 9].enumerated() {
      let time = noon + Int64(minute) * EventTime.minute
      try trial.produce(EventLine.make("a\(number)", "page_view", at: time, session: "anna"), partition: 0)
    }
    for number in 0..<12 {
      let time = noon + Int64(number) * EventTime.minute
      try trial.produce(
        EventLine.make("b\(number)", "page_view", at: time, session: "visitor \(number)"), partition: Int32(number % 2))
    }
    let engine = RunningEngine(try trial.engine(isBounded: false))
    #expect(try Deadline.wait { try engine.status.partitions.reduce(0) { $0 + $1.received } == 15 })

    let anna = try answer(engine) { $0.openSessions(of: Array("anna".utf8), $1) }
    #expect(anna?.count == 1 && anna?.rows.rowCount == 1)
    let start = anna?.rows.integers(SessionTable.startColumn)[0]
    let end = anna?.rows.integers(SessionTable.endColumn)[0]
    #expect(start == noon && end == noon + 9 * EventTime.minute)
    let nobody = try answer(engine) { $0.openSessions(of: Array("nobody".utf8), $1) }
    #expect(nobody?.count == 0 && nobody?.rows.rowCount == 0)

    let after = noon + 6 * EventTime.minute
    let active = try answer(engine) { $0.openSessions(activeAfter: after, limit: 3, $1) }
    // Visitors 7 to 11 and anna; the newest three are the last visitors.
    #expect(active?.count == 6)
    #expect(active.map(keys) == ["visitor 11", "visitor 10", "visitor 9"])
    let all = try answer(engine) { $0.openSessions(activeAfter: 0, limit: 100, $1) }
    #expect(all?.count == 13 && all?.rows.rowCount == 13)
    try engine.stop()
  }

  /// Messages are seen long before a commit has them, each once, before and after it.
  @Test func messagesAreSeenBeforeTheyAreCommitted() throws {
    var settings = LiveTrial.settings
    settings.checkpointIntervalMilliseconds = 3_600_000
    settings.rowGroupRows = 900
    let trial = try trial(partitions: 2, settings)
    let lines = try LiveTrial.lines(seed: 41, count: 3_000, partitions: 2)
    try trial.produce(lines.prefix(1_600))
    let engine = RunningEngine(try trial.engine(isBounded: false))
    #expect(try Deadline.wait { try engine.status.partitions.reduce(0) { $0 + $1.offset } == 1_600 })
    try trial.produce(lines.dropFirst(1_600))
    var seen: (events: Int, unwritten: Int) = (0, 0)
    let isSeen = try Deadline.wait {
      let present = try present(engine)
      let before = seen.events
      seen = try events(present, trial)
      #expect(seen.events >= before)
      return try engine.status.partitions.reduce(0) { $0 + $1.offset } == 3_000 && seen.events == before
    }
    #expect(try isSeen && engine.status.commitEpoch == 0)
    #expect(seen.events > seen.unwritten && seen.unwritten > 0, "some are in files, some not yet")
    try engine.stop()
    let committed = try trial.run.snapshot()
    let stored = try committed.table("events").rowCount
    // What was too late to be judged from memory is judged at the end.
    let judged = committed.commit.sources.reduce(0) { $0 + $1.accepted } - Int64(seen.events)
    #expect(stored >= seen.events && judged == Int64(stored - seen.events))
  }

  /// Events that a reader finds, and how many of them no file has; each has a place of its own.
  private func events(_ present: Present, _ trial: LiveTrial) throws -> (events: Int, unwritten: Int) {
    let snapshot = Snapshot(directory: trial.run.directory, present: present)
    var request = QueryRequest(table: "events")
    request.select = ["topic", "partition", "offset"]
    let answer = try QueryAnswer(snapshot, job: trial.run.job, request)
    var places: [[OutputValue]] = []
    while let more = try answer.next() { places += more }
    #expect(Set(places).count == places.count)
    return (places.count, try snapshot.table("events").unwritten.reduce(0) { $0 + $1.rowCount })
  }

  private func present(_ engine: RunningEngine) throws -> Present {
    let answers = Answers<Present?>()
    try engine.look { $0.present { answers.add($0) } }
    #expect(Deadline.wait { !answers.all.isEmpty })
    return try #require(answers.all.first ?? nil)
  }

  private func keys(_ sessions: OpenSessionRows) -> [String] {
    (0..<sessions.rows.rowCount).map { sessions.rows.strings(SessionTable.keyColumn).text($0) ?? "null" }
  }

  /// Waits for an answer that comes on another queue.
  private func answer(
    _ engine: RunningEngine, _ ask: (LiveEngine, @escaping @Sendable (OpenSessionRows) -> Void) -> Void
  ) throws -> OpenSessionRows? {
    let answers = Answers<OpenSessionRows>()
    try engine.look { ask($0) { answers.add($0) } }
    #expect(Deadline.wait { !answers.all.isEmpty })
    return answers.all.first
  }
}

private final class Answers<Answer: Sendable>: Sendable {
  private let received = Mutex<[Answer]>([])

  var all: [Answer] { received.withLock { $0 } }
  func add(_ answer: Answer) { received.withLock { $0.append(answer) } }
}
