import Foundation
import Glibc
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

@testable import riffle

/// The commands against a real Kafka, some of them as a process of their own.
@Suite(.enabled(if: TestBroker.isAvailable, Comment(rawValue: TestBroker.reason)), .serialized)
struct RealKafkaCommandTests {
  private let broker: TestBroker
  private let directory = TemporaryDirectory()

  init() throws { broker = try TestBroker() }

  private var topic: TopicReader { TopicReader(brokers: broker.brokers) }

  private func settings(_ topic: String) throws -> Settings {
    try SettingsLoader.load(overrides: ["kafka.brokers=\(broker.brokers)", "kafka.topic=\(topic)"])
  }

  @Test func topicsAreCreatedOnceWithTheirProperties() throws {
    let name = "\(broker.prefix)made"
    let words = [
      "topics", "create", name, "--brokers", broker.brokers, "--partitions", "3", "--property", "retention.ms=1000000",
    ]
    #expect(Riffle.main(words, [:]) == .success)
    #expect(Riffle.main(words, [:]) == .cannotCreate)
    let text = try TopicsCommand.describeText(name, settings(name), json: false)
    #expect(text.hasSuffix("0 messages in 3 partitions of \(name)\n"))
    #expect(try TopicsCommand.listText(settings(name), json: false).contains(name))
    #expect(Riffle.main(["topics", "describe", "\(name)-not", "--brokers", broker.brokers], [:]) == .unavailable)
  }

  @Test func filesArriveAsTheyAreInPartitionsOfTheirOwn() throws {
    let name = "\(broker.prefix)files"
    let paths = (0..<3).map { directory.file("\($0)") }
    _ = try ProduceCommand.produce(ArgumentParser.parse(["produce", "--events", "20000", "--to"] + paths))
    let summary = try CommandCall.replay(
      paths + ["--partition-per-file", "--brokers", broker.brokers, "--topic", name])
    #expect(summary["delivered"] as? Int == 20_000 && summary["partitions"] as? Int == 3)
    let partitions = try topic.partitions(name, count: 3)
    for (path, messages) in zip(paths, partitions) {
      var sent: [UInt8] = []
      for message in messages { sent += (message.payload ?? []) + [0x0A] }
      #expect(FileManager.default.contents(atPath: path) == Data(sent), "\(path)")
    }
  }

  @Test func aSignalStopsProducingInOrder() throws {
    let name = "\(broker.prefix)live"
    let output = directory.file("summary")
    _ = FileManager.default.createFile(atPath: output, contents: nil)
    let process = Process()
    process.executableURL = Bundle.main.executableURL?.deletingLastPathComponent().appending(path: "riffle")
    process.arguments = ["produce", "--brokers", broker.brokers, "--topic", name, "--rate", "500", "--partitions", "2"]
    process.environment = [:]
    process.standardOutput = try FileHandle(forWritingTo: URL(filePath: output))
    try process.run()
    let admin = try KafkaAdmin(broker.configuration())
    let isFlowing = Deadline.wait(seconds: 30) {
      let ranges = try? admin.offsetRanges(topic: name, partitions: [0, 1])
      return (ranges ?? [:]).values.reduce(0) { $0 + $1.high } > 300
    }
    process.terminate()
    process.waitUntilExit()
    #expect(isFlowing && process.terminationStatus == 0 && process.terminationReason == .exit)
    let summary = try CommandCall.object(String(contentsOfFile: output, encoding: .utf8))
    #expect(summary["interrupted"] as? Bool == true)
    let delivered = try topic.partitions(name, count: 2).map(\.count).reduce(0, +)
    #expect(summary["delivered"] as? Int == delivered && summary["lines"] as? Int == delivered && delivered > 300)
  }
}
