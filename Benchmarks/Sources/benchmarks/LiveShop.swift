import Foundation
import Kafka

/// A running engine with shoppers, seen over HTTP.
final class LiveShop {
  let brokers: String
  let topic: String
  let connection: HTTPConnection
  private let engine: RunningProcess
  /// The shoppers, where they are not in the engine's process.
  private let producer: RunningProcess?

  /// `riffle run` and `riffle produce` on a topic of their own.
  init(brokers: String, rate: Int, _ options: FreshnessOptions) throws {
    self.brokers = brokers
    topic = "freshness-\(UInt32.random(in: .min ... .max))"
    try KafkaAdmin(KafkaConfiguration(brokers: brokers)).createTopic(topic, partitionCount: options.partitions)
    let place = ["--brokers", brokers, "--topic", topic]
    let data = try LiveShop.data(options)
    engine = try RunningProcess(
      [options.riffle, "run", "--data", data, "--listen", options.place] + place + options.settings,
      errors: "/dev/null")
    producer = try RunningProcess(
      [options.riffle, "produce", "--rate", "\(rate)", "--currency", "EUR"] + place, errors: "/dev/null")
    connection = try LiveShop.connect(options)
  }

  /// `riffle demo`, whose embedded broker takes messages from outside too.
  init(embedded rate: Int, _ options: FreshnessOptions) throws {
    topic = "events"
    let errors = "\(options.work)/freshness.log"
    engine = try RunningProcess(
      [
        options.riffle, "demo", "--rate", "\(rate)", "--data", try LiveShop.data(options), "--listen", options.place,
        "--topic", topic,
      ] + options.settings, errors: errors)
    producer = nil
    connection = try LiveShop.connect(options)
    guard let text = try? String(contentsOfFile: errors, encoding: .utf8),
      let brokers = text.firstMatch(of: /broker\s+([^,]+),/)?.1
    else { throw BenchmarkError("the demo does not say where its broker is; see \(errors)", exitCode: 69) }
    self.brokers = String(brokers)
  }

  /// How many messages have been read.
  func offset() throws -> Double { Metrics(try connection.body(of: "/metrics") ?? "")("partition_offset") }

  func cpuSeconds() throws -> Double { try ProcessUse(engine.identifier).cpuSeconds }

  private static func data(_ options: FreshnessOptions) throws -> String {
    let directory = "\(options.work)/freshness"
    if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
    return directory
  }

  /// As soon as there are KPIs.
  private static func connect(_ options: FreshnessOptions) throws -> HTTPConnection {
    try HTTPConnection.whenAnswering(options.place, path: Markers.path, seconds: 30)
  }
}
