import Kafka
import KafkaTestSupport
import Testing

/// Looking at topics, against the embedded broker.
@Suite struct AdminTests {
  private let broker: EmbeddedBroker
  private let admin: KafkaAdmin

  init() throws {
    broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 3)
    admin = try KafkaAdmin(KafkaConfiguration(brokers: broker.brokers))
  }

  @Test func topicsAreListedAndDescribed() throws {
    try broker.createTopic("alerts", partitionCount: 1)
    #expect(try admin.listTopics().map(\.name) == ["alerts", "events"])
    let events = try admin.describeTopic("events")
    #expect(events.partitions.map(\.partition) == [0, 1, 2])
    #expect(events.partitions.allSatisfy { $0.leader == 1 && $0.replicas == [1] && $0.replicasInSync == [1] })
    #expect(admin.connectionState.phase == .connected)
  }

  @Test func aTopicIsCreatedOnce() throws {
    let error = #expect(throws: KafkaError.self) { try broker.createTopic("events", partitionCount: 3) }
    #expect(error?.kind == .topicExists)
    #expect(error?.place == "events")
  }

  @Test func offsetsAreThoseOfTheMessages() throws {
    let producer = try KafkaProducer(KafkaConfiguration(brokers: broker.brokers))
    for number in 0..<30 {
      try producer.send(topic: "events", partition: Int32(number % 3 % 2), value: [UInt8(number)])
    }
    try producer.flush(timeoutMilliseconds: 10_000)
    let ranges = try admin.offsetRanges(topic: "events", partitions: [0, 1, 2])
    #expect(
      ranges == [0: OffsetRange(low: 0, high: 20), 1: OffsetRange(low: 0, high: 10), 2: OffsetRange(low: 0, high: 0)])
    #expect(try admin.offsetRanges(topic: "events", partitions: []) == [:])
  }

  /// As for a moment after a topic was made.
  @Test func partitionsWithoutALeaderAreAskedAgain() throws {
    broker.refuseOffsets(count: 3)
    let ranges = try admin.offsetRanges(topic: "events", partitions: [0])
    #expect(ranges == [0: OffsetRange(low: 0, high: 0)])
    broker.refuseOffsets(count: 100)
    let error = #expect(throws: KafkaError.self) {
      try admin.offsetRanges(topic: "events", partitions: [0], timeoutMilliseconds: 300)
    }
    #expect(error?.code == "NOT_LEADER_FOR_PARTITION")
  }

  @Test func impossibleRequestsAreRefused() throws {
    let none = #expect(throws: KafkaError.self) { try admin.createTopic("x", partitionCount: 0) }
    #expect(none?.kind == .configuration)
    let unsupported = #expect(throws: KafkaError.self) {
      try admin.createTopic("x", partitionCount: 1, timeoutMilliseconds: 300)
    }
    #expect(unsupported?.operation == "create topic")
    #expect(unsupported?.place == "x")
  }
}
