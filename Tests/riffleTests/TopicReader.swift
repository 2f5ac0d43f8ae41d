import Foundation
import Kafka
import KafkaTestSupport
import Testing

@testable import riffle

/// What a topic holds, for tests of commands that send.
struct TopicReader {
  let brokers: String

  /// All messages of each partition, in order.
  func partitions(_ topic: String, count: Int) throws -> [[ReceivedMessage]] {
    let consumer = try KafkaConsumer(KafkaConfiguration(brokers: brokers), partitionCount: count)
    let readers = try consumer.assign(
      topic: topic, (0..<Int32(count)).map { PartitionStart(partition: $0, from: .beginning) })
    return readers.map { $0.readToEnd().messages }
  }

  func texts(_ topic: String, count: Int) throws -> [[String]] {
    try partitions(topic, count: count).map { $0.map(\.text) }
  }
}

/// Runs a command as `Riffle` does, but for its output.
enum CommandCall {
  static func replay(_ words: [String]) throws -> [String: Any] {
    let arguments = try ArgumentParser.parse(["replay"] + words)
    return try object(ReplayCommand.replay(arguments, SettingsLoader.load(arguments, [:]), StopWish()))
  }

  static func produce(_ words: [String], stop: StopWish = StopWish()) throws -> [String: Any] {
    let arguments = try ArgumentParser.parse(["produce"] + words)
    return try object(TopicProduction(arguments, SettingsLoader.load(arguments, [:])).run(stop))
  }

  static func replayDeadLetters(_ words: [String]) throws -> [String: Any] {
    let arguments = try ArgumentParser.parse(["dlq", "replay"] + words)
    return try object(DeadLettersCommand.replay(arguments, SettingsLoader.load(arguments, [:]), StopWish()))
  }

  static func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }
}
