import Checkpoints
import ColdStore
import Commerce
import CommerceTestSupport
import Dispatch
import Foundation
import FoundationNetworking
import Glibc
import Kafka
import KafkaTestSupport
import Serving
import Synchronization
import Telemetry
import Testing

/// What probes see of a running engine: `/ready` says no, and why, while it cannot do its work; `/health` says yes as
/// long as its threads work.
@Suite(.serialized) struct ReadinessTests {
  private func trial(_ broker: EmbeddedBroker) throws -> LiveTrial {
    try broker.createTopic("shop", partitionCount: 2)
    return try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
  }

  @Test func aBrokerThatIsAwayIsAReason() throws {
    var broker: EmbeddedBroker? = try EmbeddedBroker()
    let trial = try trial(try #require(broker))
    let probe = try Probe { try trial.engine(isBounded: false, log: $0) }
    #expect(try Deadline.wait { try probe.ready().status == 200 })
    broker = nil
    let isAway = try Deadline.wait(seconds: 30) { try probe.ready().status == 503 }
    let answer = try probe.ready()
    #expect(isAway && answer.text.contains("no broker of \(trial.configuration.brokers) can be reached"), "\(answer)")
    #expect(answer.text.contains(#""phase":"running""#))
    #expect(try probe.health().status == 200, "a restart would not bring the broker back")
    let isCounted = try Deadline.wait {
      try probe.get("/metrics").text.contains("riffle_errors_total{where=\"broker\"} 1\n")
    }
    #expect(isCounted)
    #expect(try probe.get("/metrics").text.contains("riffle_broker_connected 0\n"))
    try probe.stop()
    #expect(probe.log.contains { $0.contains("warning no broker can be reached epoch=") }, "\(probe.log)")
    #expect(probe.log.contains { $0.contains("warning not ready epoch=") && $0.contains("reasons=\"no broker of") })
  }

  @Test func aFullDiskIsAReasonUntilItIsNot() throws {
    let broker = try EmbeddedBroker()
    let trial = try trial(broker)
    let disk = FaultyFileSystem(code: ENOSPC)
    let probe = try Probe { try trial.engine(isBounded: false, fileSystem: disk, log: $0) }
    #expect(try Deadline.wait { try probe.ready().status == 200 })
    disk.fail { operation, _ in operation == "fsync" }
    #expect(try Deadline.wait { try probe.ready().status == 503 })
    let answer = try probe.ready()
    #expect(
      answer.text.contains("reading is paused: cannot fsync") && answer.text.contains("No space left"), "\(answer)")
    #expect(answer.text.contains(#""phase":"paused""#))
    #expect(try probe.health().status == 200, "a restart would not make room")
    disk.heal()
    #expect(try Deadline.wait { try probe.ready().status == 200 })
    let metrics = try probe.get("/metrics").text
    let count = metrics.split(separator: "\n").first { $0.hasPrefix(#"riffle_errors_total{where="storage"} "#) }
    #expect(count.flatMap { Double($0.split(separator: " ")[1]) } ?? 0 >= 1, "\(metrics)")
    try probe.stop()
    #expect(probe.log.contains { $0.contains("error writing failed") && $0.contains("epoch=") })
  }

  /// Files are opened only when the test says so.
  @Test func stateThatIsBeingRestoredIsAReason() throws {
    let broker = try EmbeddedBroker()
    let trial = try trial(broker)
    try trial.produce(try LiveTrial.lines(seed: 51, count: 400, partitions: 2))
    try trial.runOnce()
    let epoch = try #require(try trial.run.newestCommit()).epoch
    let disk = FaultyFileSystem()
    let gate = DispatchSemaphore(value: 0)
    let probe = try Probe { log in
      let engine = try trial.engine(isBounded: false, fileSystem: disk, log: log)
      // What the directory needs to be opened is read by now.
      disk.beforeOpening { _ in
        gate.wait()
        gate.signal()
      }
      return engine
    }
    let isSaid = try Deadline.wait { try probe.ready().text.contains("state is being restored from commit \(epoch)") }
    let answer = try probe.ready()
    #expect(isSaid && answer.status == 503 && answer.text.contains(#""phase":"restoring""#), "\(answer)")
    #expect(try probe.health().status == 200, "a restart would begin to restore anew")
    gate.signal()
    #expect(try Deadline.wait { try probe.ready().status == 200 })
    try probe.stop()
    #expect(probe.log.contains { $0.contains("info reading topic=shop partitions=2 epoch=\(epoch) ") }, "\(probe.log)")
  }
}

/// A running engine behind its HTTP server.
private final class Probe: Sendable {
  struct Answer: Sendable {
    let status: Int
    let text: String
  }

  private let engine: RunningEngine
  private let server: HTTPServer
  private let port: UInt16
  private let lines: Kept

  /// - Parameter makeEngine: an engine that writes to the log it is given.
  init(_ makeEngine: (Log) throws -> LiveEngine) throws {
    let kept = Kept()
    lines = kept
    let engine = try makeEngine(Log(level: .debug, write: { kept.append($0) }))
    let registry = MetricRegistry()
    server = HTTPServer(
      listen: HTTPAddress(port: 0), router: Router(EngineRoutes(engine, registry: registry).all), registry: registry)
    try server.start()
    port = server.port ?? 0
    self.engine = RunningEngine(engine)
  }

  var log: [String] { lines.all }
  func ready() throws -> Answer { try get("/ready") }
  func health() throws -> Answer { try get("/health") }

  func get(_ path: String) throws -> Answer {
    let url = try #require(URL(string: "http://127.0.0.1:\(port)\(path)"))
    let answer = Mutex<Answer?>(nil)
    let done = DispatchSemaphore(value: 0)
    URLSession.shared.dataTask(with: url) { data, response, _ in
      if let response = response as? HTTPURLResponse {
        answer.withLock {
          $0 = Answer(status: response.statusCode, text: String(decoding: data ?? Data(), as: UTF8.self))
        }
      }
      done.signal()
    }.resume()
    _ = done.wait(timeout: .now() + .seconds(10))
    return try #require(answer.withLock { $0 })
  }

  func stop() throws {
    server.stop(deadlineMilliseconds: 1_000)
    try engine.stop()
  }
}

/// The lines of a log.
private final class Kept: Sendable {
  private let lines = Mutex<[String]>([])

  func append(_ line: [UInt8]) { lines.withLock { $0.append(String(decoding: line, as: UTF8.self)) } }
  var all: [String] { lines.withLock { $0 } }
}
