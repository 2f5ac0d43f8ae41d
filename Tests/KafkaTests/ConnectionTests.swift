import Kafka
import KafkaTestSupport
import Testing

/// What clients know of their brokers, and what they do without.
@Suite struct ConnectionTests {
  @Test func anUnreachableBrokerIsSeenWithItsReason() throws {
    let configuration = KafkaConfiguration(brokers: "127.0.0.1:1")
    let consumer = try KafkaConsumer(configuration, groupID: "lag", partitionCount: 1)
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    #expect(Deadline.wait { consumer.connectionState.phase == .lost })
    let state = consumer.connectionState
    #expect(state.lastError?.kind == .unreachable)
    #expect(state.lastError?.message.contains("Connection refused") == true)
    #expect(state.lastResponseMilliseconds == nil)
    #expect(reader.poll(maximumMessages: 10, timeoutMilliseconds: 0) { _ in } == [])
    #expect(throws: KafkaError.self) { try reader.queryOffsets(timeoutMilliseconds: 100) }
  }

  @Test func askingAnUnreachableBrokerSaysWhoAndWhy() throws {
    let admin = try KafkaAdmin(KafkaConfiguration(brokers: "127.0.0.1:1"))
    for call in [
      { _ = try admin.listTopics(timeoutMilliseconds: 500) },
      { _ = try admin.describeTopic("events", timeoutMilliseconds: 500) },
      { try admin.createTopic("events", partitionCount: 1, timeoutMilliseconds: 500) },
      { _ = try admin.offsetRanges(topic: "events", partitions: [0], timeoutMilliseconds: 500) },
    ] as [() throws -> Void] {
      let error = #expect(throws: KafkaError.self) { try call() }
      #expect(error?.kind == .unreachable)
      #expect(error?.message.contains("127.0.0.1:1") == true)
      #expect(error?.isRetriable == true)
    }
  }

  @Test func aLostBrokerIsNoticedAndReadOnAfterItsReturn() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 1)
    let configuration = KafkaConfiguration(brokers: broker.brokers)
    let producer = try KafkaProducer(configuration)
    let consumer = try KafkaConsumer(configuration, partitionCount: 1)
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    try producer.send(topic: "events", value: [1])
    #expect(reader.read { $0.messages.count == 1 }.messages.count == 1)
    #expect(consumer.connectionState.phase == .connected)
    let response = try #require(consumer.connectionState.lastResponseMilliseconds)

    try broker.setReachable(false)
    #expect(Deadline.wait { consumer.connectionState.phase == .lost })
    #expect(consumer.connectionState.lastError != nil)
    try producer.send(topic: "events", value: [2])
    try broker.setReachable(true)
    #expect(reader.read { $0.messages.count == 1 }.messages.map(\.payload) == [[2]])
    #expect(consumer.connectionState.phase == .connected)
    #expect(try #require(consumer.connectionState.lastResponseMilliseconds) > response)
    #expect(producer.deliveryCounts.failed == 0)
  }

  @Test func aReaderAtItsEndHearsFromTheBrokerAllTheTime() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 1)
    let consumer = try KafkaConsumer(KafkaConfiguration(brokers: broker.brokers), partitionCount: 1)
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    #expect(reader.readToEnd().end == 0)
    let first = try #require(consumer.connectionState.lastResponseMilliseconds)
    #expect(Deadline.wait { (consumer.connectionState.lastResponseMilliseconds ?? 0) > first })
  }

  @Test func logLinesGoToWhoWantsThem() throws {
    let lines = Collector<KafkaLogLine>()
    let configuration = KafkaConfiguration(brokers: "127.0.0.1:1", properties: [("debug", "broker")]) {
      lines.append($0)
    }
    let consumer = try KafkaConsumer(configuration, partitionCount: 1)
    #expect(Deadline.wait { !lines.all.isEmpty })
    #expect(consumer.connectionState.phase != .connected)
  }

  @Test func clientsEndPromptlyWithoutABroker() throws {
    let duration = try ContinuousClock().measure {
      let configuration = KafkaConfiguration(brokers: "127.0.0.1:1")
      let consumer = try KafkaConsumer(configuration, groupID: "lag", partitionCount: 1)
      _ = try consumer.add(topic: "events", partition: 0, from: .end)
      _ = try KafkaProducer(configuration)
      _ = try KafkaAdmin(configuration)
    }
    #expect(duration < .seconds(10))
  }
}
