import Foundation
import Kafka
import KafkaTestSupport
import Telemetry
import TestSupport
import Testing

/// What `riffle run` writes to standard error, for programs.
@Suite(.serialized) struct LogLineTests {
  private static let secret = "hunter2-of-the-shop"

  @Test(.enabled(if: RiffleProcess.isBuilt, "there is no executable beside the tests"))
  func everyLineIsJSONAndNoneHoldsASecret() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("shop", partitionCount: 2)
    let trial = try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
    let configuration = """
      \(RiffleProcess.configuration)
      log.format: json
      log.level: debug
      kafka.properties: {sasl.username: shop, sasl.password: \(Self.secret), client.id: riffle-\(Self.secret)}
      """
    try Data(configuration.utf8).write(to: URL(filePath: trial.place.file("riffle.yaml")))
    let path = trial.place.file("errors")
    try #require(FileManager.default.createFile(atPath: path, contents: nil))
    let process = try RiffleProcess.run(trial, errors: try #require(FileHandle(forWritingAtPath: path)))
    try trial.produce(try LiveTrial.lines(seed: 61, count: 300, partitions: 2))
    func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }
    #expect(try Deadline.wait(seconds: 30) { try text().contains(#""received":300"#) })
    process.terminate()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
    let written = try text()
    #expect(!written.contains(Self.secret))
    let lines = try written.split(separator: "\n").map { line in
      try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any], "\(line)")
    }
    for line in lines {
      #expect(line["time"] is String && line["message"] is String, "\(line)")
      #expect((line["level"] as? String).flatMap(Log.Level.init) != nil, "\(line)")
    }
    func first(_ message: String) throws -> [String: Any] {
      try #require(lines.first { $0["message"] as? String == message }, "\(written)")
    }
    #expect(try first("reading")["partitions"] as? Int == 2)
    #expect(try first("reading")["epoch"] as? Int == 0)
    #expect(try first("committed")["epoch"] as? Int == 1)
    #expect(try first("committed")["level"] as? String == "debug")
    #expect(lines.contains { ($0["message"] as? String)?.hasPrefix("answering at http://127.0.0.1:") ?? false })
  }
}
