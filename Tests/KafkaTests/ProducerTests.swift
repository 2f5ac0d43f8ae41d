import Columns
import Kafka
import KafkaTestSupport
import Testing

/// Back-pressure, partitioning and failure of sending.
@Suite struct ProducerTests {
  @Test func aFullQueuePushesBackUntilItsDeadline() throws {
    let configuration = KafkaConfiguration(
      brokers: "127.0.0.1:1", properties: [("queue.buffering.max.messages", "10")])
    let producer = try KafkaProducer(configuration)
    for number in 0..<10 { try producer.send(topic: "events", value: [UInt8(number)], timeoutMilliseconds: 0) }
    let clock = ContinuousClock()
    var error: KafkaError?
    let waited = clock.measure {
      error = #expect(throws: KafkaError.self) {
        try producer.send(
          topic: "events", value: [0], headers: [KafkaHeader(name: "a", value: nil)], timeoutMilliseconds: 200)
      }
    }
    #expect(error?.kind == .queueFull)
    #expect(error?.isRetriable == true)
    #expect(waited >= .milliseconds(200) && waited < .seconds(10))
    #expect(producer.queuedCount == 10)
    #expect(throws: KafkaError.self) { try producer.flush(timeoutMilliseconds: 50) }
  }

  @Test func aBatchGoesOnWhereItFoundNoRoom() throws {
    let configuration = KafkaConfiguration(
      brokers: "127.0.0.1:1", properties: [("queue.buffering.max.messages", "10")])
    let producer = try KafkaProducer(configuration)
    var batch = ProducerBatch()
    for number in 0..<25 { batch.append(key: nil, value: [UInt8(number)]) }
    #expect(try producer.send(batch, from: 0, topic: "events", timeoutMilliseconds: 0) == 10)
    #expect(try producer.send(batch, from: 10, topic: "events", timeoutMilliseconds: 20) == 10)
    #expect(try producer.send(batch, from: 25, topic: "events", timeoutMilliseconds: 0) == 25)
    #expect(producer.queuedCount == 10)
  }

  @Test func aSmallQueueSlowsDownAndLosesNothing() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 1)
    let configuration = KafkaConfiguration(
      brokers: broker.brokers, properties: [("queue.buffering.max.messages", "100"), ("linger.ms", "1")])
    let producer = try KafkaProducer(configuration)
    var batch = ProducerBatch()
    for number in 0..<3000 { batch.append(key: nil, value: Array("\(number)".utf8)) }
    try producer.send(batch, topic: "events")
    for number in 3000..<3500 { try producer.send(topic: "events", value: Array("\(number)".utf8)) }
    try producer.flush(timeoutMilliseconds: 10_000)
    #expect(producer.deliveryCounts.delivered == 3500)
    let consumer = try KafkaConsumer(KafkaConfiguration(brokers: broker.brokers), partitionCount: 1)
    let read = try consumer.add(topic: "events", partition: 0, from: .beginning).readToEnd()
    #expect(read.messages.map(\.text) == (0..<3500).map { "\($0)" })
  }

  @Test func keysArePartitionedAsTheJavaClientsDo() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 7)
    let configuration = KafkaConfiguration(brokers: broker.brokers)
    let producer = try KafkaProducer(configuration)
    let keys = ["s_7a3b1e2f8c9d0e1f", "a", "ab", "abc", "abcd", "", "größe"] + (0..<40).map { "session-\($0)" }
    var batch = ProducerBatch()
    for (index, key) in keys.enumerated() {
      if index.isMultiple(of: 2) {
        try producer.send(topic: "events", key: Array(key.utf8), value: Array(key.utf8))
      } else {
        batch.append(key: Array(key.utf8), value: Array(key.utf8))
      }
    }
    try producer.send(batch, topic: "events")
    try producer.flush(timeoutMilliseconds: 10_000)
    let consumer = try KafkaConsumer(configuration, partitionCount: 7)
    var found: [String: Int] = [:]
    for partition in 0..<7 {
      let read = try consumer.add(topic: "events", partition: Int32(partition), from: .beginning).readToEnd()
      for message in read.messages { found[message.text] = partition }
    }
    let expected = keys.map { ($0, Int(Hash.murmur2(Array($0.utf8).span) & 0x7FFF_FFFF) % 7) }
    #expect(found == Dictionary(uniqueKeysWithValues: expected))
  }

  @Test func aMessageThatCannotGoDoesNotHoldUpTheOthers() throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 1)
    let configuration = KafkaConfiguration(brokers: broker.brokers, properties: [("message.max.bytes", "2000")])
    let producer = try KafkaProducer(configuration)
    var batch = ProducerBatch()
    batch.append(key: nil, value: [1])
    batch.append(key: nil, value: [UInt8](repeating: 2, count: 5000))
    batch.append(key: nil, value: [3])
    let error = #expect(throws: KafkaError.self) { try producer.send(batch, topic: "events") }
    #expect(error?.kind == .messageTooLarge)
    let single = #expect(throws: KafkaError.self) {
      try producer.send(topic: "events", value: [UInt8](repeating: 2, count: 5000))
    }
    #expect(single?.kind == .messageTooLarge)
    try producer.flush(timeoutMilliseconds: 10_000)
    #expect(producer.deliveryCounts.delivered == 2)
  }

  @Test func whatCannotBeDeliveredIsCountedWithItsReason() throws {
    var options = ProducerOptions()
    options.deliveryTimeoutMilliseconds = 300
    let producer = try KafkaProducer(KafkaConfiguration(brokers: "127.0.0.1:1"), options)
    try producer.send(topic: "events", partition: 0, value: [1])
    try producer.send(topic: "events", partition: 0, value: [2])
    #expect(Deadline.wait { producer.deliveryCounts.failed == 2 })
    #expect(producer.deliveryCounts.firstError?.kind == .timedOut)
    #expect(producer.deliveryCounts.firstError?.place.hasPrefix("events[") == true)
    #expect(producer.deliveryCounts.delivered == 0)
    #expect(producer.queuedCount == 0)
  }
}
