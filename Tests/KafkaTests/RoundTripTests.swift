import Kafka
import KafkaTestSupport
import Testing

/// What is sent is what is read, against the embedded broker.
@Suite struct RoundTripTests {
  private let broker: EmbeddedBroker
  private let configuration: KafkaConfiguration

  init() throws {
    broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 2)
    configuration = KafkaConfiguration(brokers: broker.brokers)
  }

  private func consumer() throws -> KafkaConsumer { try KafkaConsumer(configuration, partitionCount: 2) }

  @Test func keysValuesHeadersAndTimesArriveAsSent() throws {
    let producer = try KafkaProducer(configuration)
    let headers = [
      KafkaHeader(name: "trace", value: [1, 2]), KafkaHeader(name: "trace", value: []),
      KafkaHeader(name: "none", value: nil),
    ]
    try producer.send(
      topic: "events", partition: 1, key: [7], value: Array("full".utf8), headers: headers,
      timestampMilliseconds: 1_700_000_000_123)
    try producer.send(topic: "events", partition: 1, key: nil, value: nil)
    try producer.send(topic: "events", partition: 1, key: [], value: [])
    try producer.flush(timeoutMilliseconds: 10_000)
    #expect(producer.deliveryCounts.delivered == 3)
    #expect(producer.deliveryCounts.failed == 0)
    #expect(producer.queuedCount == 0)

    let read = try consumer().add(topic: "events", partition: 1, from: .beginning).readToEnd()
    #expect(read.messages.map(\.offset) == [0, 1, 2])
    #expect(read.messages.map(\.key) == [[7], nil, []])
    #expect(read.messages.map(\.payload) == [Array("full".utf8), nil, []])
    #expect(read.messages.map(\.headers) == [headers, [], []])
    #expect(read.messages.first?.timestampMilliseconds == 1_700_000_000_123)
    #expect(read.messages.allSatisfy { $0.timestampType == .create })
    #expect(read.end == 3)
    #expect(read.errors.isEmpty)
  }

  @Test(arguments: ProducerOptions.Compression.allCases)
  func batchesArriveInOrder(compression: ProducerOptions.Compression) throws {
    var options = ProducerOptions()
    options.compression = compression
    let producer = try KafkaProducer(configuration, options)
    var batch = ProducerBatch()
    for number in 0..<5000 { batch.append(key: nil, value: Array("value \(number)".utf8), partition: 0) }
    batch.append(key: [1, 2], value: [], partition: 0)
    try producer.send(batch, topic: "events")
    batch.removeAll()
    batch.append(key: [], value: [], partition: 0)
    try producer.send(batch, topic: "events")
    try producer.flush(timeoutMilliseconds: 10_000)

    let reader = try consumer().add(topic: "events", partition: 0, from: .beginning)
    let read = reader.readToEnd()
    #expect(read.messages.map(\.offset) == Array(0..<5002))
    #expect(read.messages.prefix(5000).map(\.text) == (0..<5000).map { "value \($0)" })
    #expect(read.messages.suffix(2).map(\.key) == [[1, 2], []])
    #expect(read.messages.suffix(2).map(\.payload) == [[], []])
    #expect(reader.position == 5002)
    #expect(reader.cachedOffsets.high == 5002)
    #expect(try reader.queryOffsets(timeoutMilliseconds: 5000) == OffsetRange(low: 0, high: 5002))
  }

  @Test func tokensComeBackWithTheFateOfTheirMessages() throws {
    let deliveries = Collector<Delivery>()
    var options = ProducerOptions()
    options.onDelivery = { deliveries.append($0) }
    let producer = try KafkaProducer(configuration, options)
    try producer.send(topic: "events", partition: 0, value: [1], token: 41)
    try producer.send(topic: "events", partition: 0, value: [2])
    try producer.send(topic: "events", partition: 0, value: [3], token: UInt64.max)
    try producer.flush(timeoutMilliseconds: 10_000)
    #expect(deliveries.all.map(\.token) == [41, UInt64.max])
    #expect(deliveries.all.map(\.offset) == [0, 2])
    #expect(deliveries.all.allSatisfy { $0.partition == 0 && $0.error == nil })
  }
}
