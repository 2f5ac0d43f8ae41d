import ColdStore
import Columns
import Commerce
import CommerceTestSupport
import Dispatch
import Foundation
import Kafka
import KafkaTestSupport
import Query
import Shoppers
import Synchronization
import Telemetry
import TestSupport
import Testing
import Windows

/// A topic and engines on it, one after the other, all on one data directory.
final class LiveTrial: Sendable {
  let place = TemporaryDirectory()
  let configuration: KafkaConfiguration
  let topic: String
  let run: EngineRun
  private let producer: KafkaProducer

  init(_ configuration: KafkaConfiguration, topic: String, _ settings: JobSettings = LiveTrial.settings) throws {
    self.configuration = configuration
    self.topic = topic
    run = try EngineRun(settings, in: place.file("data"))
    producer = try KafkaProducer(configuration)
  }

  /// Commits often, so that a test sees many.
  static var settings: JobSettings {
    var settings = JobSettings()
    settings.checkpointIntervalMilliseconds = 100
    settings.rollups = [
      .init(name: "kpi_1m", shape: .tumbling(size: 60_000)),
      .init(name: "kpi_hop", shape: .hopping(size: 900_000, slide: 300_000), groupBy: ["geo_country"]),
    ]
    return settings
  }

  /// An engine on the trial's directory, which no other may be working on.
  func engine(
    isBounded: Bool, start: KafkaInput.Start = .earliest, fileSystem: any FileSystem = LocalFileSystem(),
    log: Log = Log(level: .error)
  ) throws -> LiveEngine {
    let input = KafkaInput(
      configuration: configuration, topic: topic, groupID: "riffle-test", memoryBytes: 32 << 20, start: start)
    var run = run
    run.fileSystem = fileSystem
    return try LiveEngine(
      job: run.job, input: input, directory: run.open(), isBounded: isBounded, log: log)
  }

  /// Reads to the end of what is there.
  func runOnce() throws { try engine(isBounded: true).run() }

  // MARK: - Traffic

  /// Lines of shoppers with duplicates, late and malformed ones among them.
  static func lines(seed: UInt64, count: Int, partitions: Int) throws -> [TrafficLine] {
    var options = TrafficOptions()
    options.seed = seed
    options.eventCount = count
    options.partitions = partitions
    options.users = 100
    (options.duplicateRate, options.farDuplicateRate, options.malformedRate) = (0.02, 0.01, 0.02)
    (options.lateRate, options.latenessMilliseconds) = (0.03, 60 * EventTime.minute)
    return try Array(Traffic(options))
  }

  /// Sends `lines` and waits until the broker has them.
  ///
  /// - Parameter other: instead of the trial's producer, which learns of a new partition after minutes only.
  func produce(_ lines: some Sequence<TrafficLine>, by other: KafkaProducer? = nil) throws {
    let producer = other ?? producer
    var batch = ProducerBatch()
    for line in lines { batch.append(key: line.key, value: line.bytes, partition: Int32(line.partition)) }
    try producer.send(batch, topic: topic)
    try producer.flush(timeoutMilliseconds: 60_000)
  }

  /// Sends one message and waits until the broker has it.
  func produce(_ value: [UInt8], partition: Int32 = 0) throws {
    try producer.send(topic: topic, partition: partition, value: value)
    try producer.flush(timeoutMilliseconds: 30_000)
  }

  // MARK: - The same from files

  /// A backfill of the same lines. Each file is called as the topic is, so that exports say the same of a row's origin.
  func backfilled(_ lines: [TrafficLine], partitions: Int) throws -> EngineRun {
    let paths = try (0..<partitions).map { partition in
      let folder = place.file("partition-\(partition)")
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
      return try place.write(
        "partition-\(partition)/\(topic)", lines: lines.filter { $0.partition == partition }.map(\.bytes))
    }
    let files = try EngineRun(run.job.settings, in: place.file("backfill"))
    try files.runOnDispatch(paths)
    return files
  }

  /// Compares everything that users see with a backfill of `lines`. Which of two copies in different partitions stays
  /// is a matter of which was read first: events are compared without their origin.
  func expectSameAsFiles(_ lines: [TrafficLine], partitions: Int, _ comment: Comment? = nil) throws {
    let files = try backfilled(lines, partitions: partitions)
    for table in ["kpi_1m", "kpi_hop", "sessions", "orders", "dead_letters"] {
      let expected = try files.rows(of: table)
      #expect(expected.count > 3, "\(table)")
      try expectSame(run.rows(of: table), expected, table, comment)
    }
    let columns = ["event_id", "event_type", "event_ts", "session_id", "page", "price"]
    let (found, expected) = (try run.cells(columns, of: "events"), try files.cells(columns, of: "events"))
    expectSame(found.sorted(), expected.sorted(), "events", comment)
    let report = try run.verify()
    #expect(report.isGood, "\(report.text)")
  }

  private func expectSame(_ found: [String], _ expected: [String], _ table: String, _ comment: Comment?) {
    guard found != expected else { return }
    let pair = zip(found, expected).first { $0 != $1 }
    Issue.record(
      """
      \(table) has \(found.count) rows, not \(expected.count); \(comment?.rawValue ?? "")
      found    \(pair?.0 ?? found.last ?? "nothing")
      expected \(pair?.1 ?? expected.last ?? "nothing")
      """)
  }
}

/// An engine at work on a thread of its own.
final class RunningEngine: Sendable {
  private let held: Mutex<LiveEngine?>
  private let failure: Mutex<(any Error)?>
  private let queue = DispatchQueue(label: "riffle.test.engine")
  private let ended = Atomic(false)

  struct StillRunning: Error {}

  init(_ engine: LiveEngine) {
    held = Mutex(engine)
    failure = Mutex(nil)
    queue.async { [weak self] in
      do { try engine.run() } catch { self?.failure.withLock { $0 = error } }
      self?.ended.store(true, ordering: .releasing)
    }
  }

  /// The engine; until `wait` or `stop` have returned.
  func look<Result>(_ body: (LiveEngine) throws -> Result) throws -> Result {
    guard let engine = held.withLock({ $0 }) else { throw StillRunning() }
    return try body(engine)
  }

  var status: EngineStatus { get throws { try look(\.status) } }
  var hasEnded: Bool { ended.load(ordering: .acquiring) }

  /// Waits for its end by itself and lets go of it: another may take its directory.
  func wait(seconds: Double = 30) throws {
    guard Deadline.wait(seconds: seconds, until: { hasEnded }) else { throw StillRunning() }
    // What the queue held is gone when it takes the next.
    queue.sync {}
    held.withLock { $0 = nil }
    if let failure = failure.withLock({ $0 }) { throw failure }
  }

  /// Stops it in order.
  func stop() throws {
    held.withLock { $0 }?.stop()
    try wait()
  }
}
