import Kafka
import KafkaTestSupport
import Testing

@testable import riffle

/// `riffle topics` with the embedded broker.
@Suite struct TopicsCommandTests {
  private let broker: EmbeddedBroker
  private let settings: Settings

  init() throws {
    broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 2)
    try broker.createTopic("a", partitionCount: 11)
    settings = try SettingsLoader.load(overrides: ["kafka.brokers=\(broker.brokers)"])
    let producer = try KafkaProducer(KafkaConfiguration(brokers: broker.brokers))
    for number in 0..<3 { try producer.send(topic: "events", partition: 1, value: [UInt8(number)]) }
    try producer.flush(timeoutMilliseconds: 10_000)
  }

  @Test func topicsAreListed() throws {
    #expect(
      try TopicsCommand.listText(settings, json: false)
        == "topic   partitions\na               11\nevents           2\n")
    #expect(
      try TopicsCommand.listText(settings, json: true)
        == #"[{"topic":"a","partitions":11},{"topic":"events","partitions":2}]"# + "\n")
  }

  @Test func aTopicIsDescribed() throws {
    #expect(
      try TopicsCommand.describeText("events", settings, json: false) == """
        partition  leader  low  high  messages
                0       1    0     0         0
                1       1    0     3         3
        3 messages in 2 partitions of events

        """)
    let json = try TopicsCommand.describeText("events", settings, json: true)
    #expect(
      json == #"{"topic":"events","messages":3,"partitions":["#
        + #"{"partition":0,"leader":1,"replicas":[1],"in_sync":[1],"low":0,"high":0,"messages":0},"#
        + #"{"partition":1,"leader":1,"replicas":[1],"in_sync":[1],"low":0,"high":3,"messages":3}]}"# + "\n")
  }

  @Test func unreachableBrokersAreNamed() throws {
    let nowhere = try SettingsLoader.load(overrides: ["kafka.brokers=127.0.0.1:1"])
    let error = #expect(throws: CommandError.self) { try TopicsCommand.listText(nowhere, json: false) }
    #expect(error?.code == .unavailable && error?.message.contains("no answer from 127.0.0.1:1") == true)
  }

  @Test(arguments: [
    ["topics"], ["topics", "drop"], ["topics", "describe", "a b"], ["topics", "describe", "a", "--topic", "b"],
    ["topics", "create", "a", "--partitions", "0"], ["topics", "create", "a", "--property", "x"],
    ["topics", "list", "--brokers", " "], ["topics", "list", "--set", "kafka.properties={no.such: property}"],
  ])
  func mistakesAreUsageErrors(_ words: [String]) { #expect(Riffle.main(words, [:]) == .usage) }
}
