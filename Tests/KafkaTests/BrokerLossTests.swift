import Kafka
import KafkaTestSupport
import Testing

/// Brokers that crash, and brokers that ask who is there; each test starts its own Apache Kafka.
@Suite(.enabled(if: TestBroker.isOurs, Comment(rawValue: TestBroker.reasonOfOurs)), .serialized)
struct BrokerLossTests {
  @Test func aKilledBrokerCostsNothingButTime() throws {
    let broker = try TestBroker()
    let topic = "events"
    try KafkaAdmin(broker.configuration()).createTopic(topic, partitionCount: 1)
    let producer = try KafkaProducer(broker.configuration())
    func send(_ numbers: Range<Int>) throws {
      var batch = ProducerBatch()
      for number in numbers { batch.append(key: nil, value: Array("\(number)".utf8)) }
      try producer.send(batch, topic: topic)
    }
    try send(0..<5000)
    try producer.flush(timeoutMilliseconds: 30_000)

    // A small budget, so that much is still to be fetched when the broker goes.
    let consumer = try KafkaConsumer(
      broker.configuration([("fetch.message.max.bytes", "4096")]), memoryBytes: 1, partitionCount: 1)
    let reader = try consumer.add(topic: topic, partition: 0, from: .beginning)
    var texts = reader.read(maximumMessages: 100) { $0.messages.count >= 1000 }.messages.map(\.text)
    broker.kill()
    try send(5000..<6000)
    #expect(Deadline.wait { consumer.connectionState.phase == .lost })
    #expect(consumer.connectionState.lastError?.kind == .unreachable)
    try broker.start()
    texts += reader.read(seconds: 60) { texts.count + $0.messages.count >= 6000 }.messages.map(\.text)
    #expect(texts == (0..<6000).map { "\($0)" })
    #expect(consumer.connectionState.phase == .connected)
    try producer.flush(timeoutMilliseconds: 30_000)
    #expect(producer.deliveryCounts.delivered == 6000)
    #expect(producer.deliveryCounts.failed == 0)
  }

  @Test(arguments: [false, true]) func plainLoginWorksWithAndWithoutTLS(usesTLS: Bool) throws {
    let security = TestBroker.Security(usesTLS: usesTLS, login: ("shop", "secret-1"))
    let broker = try TestBroker(security: security)
    try roundTrip(broker)
    let wrong = try KafkaAdmin(broker.configuration([("sasl.password", "wrong")]))
    let error = #expect(throws: KafkaError.self) { try wrong.listTopics(timeoutMilliseconds: 5000) }
    #expect(error?.kind == .authentication)
    #expect(wrong.connectionState.phase == .lost)
    if KafkaLibrary.hasSoundSCRAM {
      let admin = try KafkaAdmin(broker.configuration([("sasl.mechanisms", "SCRAM-SHA-256")]))
      #expect(try !admin.listTopics().isEmpty)
    }
  }

  @Test func tlsTrustsOnlyTheAuthorityThatIsNamed() throws {
    let broker = try TestBroker(security: TestBroker.Security(usesTLS: true))
    try roundTrip(broker)
    let configuration = KafkaConfiguration(brokers: broker.brokers, properties: [("security.protocol", "ssl")])
    let stranger = try KafkaAdmin(configuration)
    let error = #expect(throws: KafkaError.self) { try stranger.listTopics(timeoutMilliseconds: 5000) }
    #expect(error?.kind == .authentication)
    #expect(error?.message.contains("certificate") == true)
  }

  private func roundTrip(_ broker: TestBroker) throws {
    try KafkaAdmin(broker.configuration()).createTopic("events", partitionCount: 1)
    let producer = try KafkaProducer(broker.configuration())
    try producer.send(topic: "events", value: [1, 2, 3])
    try producer.flush(timeoutMilliseconds: 20_000)
    let consumer = try KafkaConsumer(broker.configuration(), partitionCount: 1)
    let read = try consumer.add(topic: "events", partition: 0, from: .beginning).readToEnd()
    #expect(read.messages.map(\.payload) == [[1, 2, 3]])
    #expect(read.errors.isEmpty)
  }
}
