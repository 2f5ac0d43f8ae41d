import Kafka
import KafkaTestSupport
import Testing

/// Reading one partition: batches, ends, pauses, seeks, errors; against the embedded broker.
@Suite struct PartitionReaderTests {
  private let broker: EmbeddedBroker
  private let producer: KafkaProducer
  private let consumer: KafkaConsumer

  init() throws {
    broker = try EmbeddedBroker()
    try broker.createTopic("events", partitionCount: 3)
    let configuration = KafkaConfiguration(brokers: broker.brokers)
    producer = try KafkaProducer(configuration)
    consumer = try KafkaConsumer(configuration, groupID: "lag", partitionCount: 3)
  }

  private func send(_ numbers: Range<Int>, partition: Int32 = 0) throws {
    var batch = ProducerBatch()
    for number in numbers { batch.append(key: nil, value: Array("\(number)".utf8), partition: partition) }
    try producer.send(batch, topic: "events")
    try producer.flush(timeoutMilliseconds: 10_000)
  }

  @Test func aPollTakesNoMoreThanAllowedAndKeepsTheOrder() throws {
    try send(0..<1000)
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    var offsets: [Int64] = []
    var largest = 0
    let deadline = Deadline(seconds: 20)
    while offsets.count < 1000, !deadline.hasPassed {
      var count = 0
      _ = reader.poll(maximumMessages: 64, timeoutMilliseconds: 50) {
        offsets.append($0.offset)
        count += 1
      }
      largest = max(largest, count)
    }
    #expect(offsets == Array(0..<1000))
    #expect(largest <= 64 && largest > 1)
  }

  @Test func aPollDoesNotWaitForAFullBatch() throws {
    try send(0..<3)
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    #expect(reader.readToEnd().messages.count == 3)
    try send(3..<4)
    let clock = ContinuousClock()
    var count = 0
    let duration = clock.measure {
      _ = reader.poll(maximumMessages: 1000, timeoutMilliseconds: 10_000) { _ in count += 1 }
    }
    #expect(count == 1)
    #expect(duration < .seconds(5))
  }

  @Test func theEndIsReportedAgainAfterMoreMessages() throws {
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    #expect(reader.readToEnd().end == 0)
    try send(0..<10)
    let read = reader.read { $0.end == 10 }
    #expect(read.messages.map(\.text) == (0..<10).map { "\($0)" })
    #expect(reader.position == 10)
  }

  @Test func partitionsAreReadApart() throws {
    try send(0..<20, partition: 0)
    try send(20..<50, partition: 2)
    let readers = try consumer.assign(
      topic: "events", [PartitionStart(partition: 0, from: .beginning), PartitionStart(partition: 2, from: .offset(5))])
    #expect(readers[1].readToEnd().messages.map(\.text) == (25..<50).map { "\($0)" })
    #expect(readers[0].readToEnd().messages.map(\.text) == (0..<20).map { "\($0)" })
    let later = try consumer.add(topic: "events", partition: 1, from: .end)
    #expect(later.readToEnd().end == 0)
  }

  @Test func aPauseNeitherLosesNorRepeats() throws {
    try send(0..<2000)
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    var texts = reader.read(maximumMessages: 300) { $0.messages.count >= 300 }.messages.map(\.text)
    reader.pause()
    reader.pause()
    #expect(reader.poll(maximumMessages: 100, timeoutMilliseconds: 50) { texts.append("\($0.offset)") } == [])
    try send(2000..<2100)
    try reader.resume()
    try reader.resume()
    texts += reader.read { $0.end == 2100 }.messages.map(\.text)
    #expect(texts == (0..<2100).map { "\($0)" })
  }

  @Test func aPauseBeforeTheFirstMessageKeepsTheStart() throws {
    try send(0..<10)
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    reader.pause()
    #expect(reader.position == nil)
    try reader.resume()
    #expect(reader.readToEnd().messages.count == 10)
  }

  @Test func seekingGoesBackAndForth() throws {
    try send(0..<100)
    let reader = try consumer.add(topic: "events", partition: 0, from: .beginning)
    #expect(reader.readToEnd().messages.count == 100)
    try reader.seek(to: .offset(90))
    #expect(reader.position == 90)
    #expect(throws: KafkaError.self) { try reader.seek(to: .offset(-1001)) }
    #expect(reader.readToEnd().messages.map(\.offset) == Array(90..<100))
    try reader.seek(to: .beginning)
    #expect(reader.read { $0.messages.count == 100 }.messages.first?.offset == 0)
  }

  @Test func anOffsetOutOfRangeIsAnEventAndNoJump() throws {
    try send(0..<10)
    let reader = try consumer.add(topic: "events", partition: 0, from: .offset(1_000_000))
    let read = reader.read { !$0.errors.isEmpty }
    #expect(read.messages.isEmpty)
    let error = try #require(read.errors.first)
    #expect(error.kind == .offsetOutOfRange)
    #expect(error.place == "events[0]")
    #expect("\(error)".contains("say where to go on"))
    try reader.seek(to: .offset(4))
    #expect(reader.readToEnd().messages.map(\.offset) == Array(4..<10))
  }

  @Test func theEmbeddedBrokerDropsWhatItCannotKeep() throws {
    var batch = ProducerBatch()
    var state: UInt64 = 7
    for _ in 0..<4000 {
      // Noise, so that nothing is saved by compression: 16 MB for a partition that keeps 5 MiB.
      let noise = (0..<500).flatMap { _ -> [UInt8] in
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return unsafe withUnsafeBytes(of: state) { unsafe Array($0) }
      }
      batch.append(key: nil, value: noise, partition: 0)
      guard batch.count == 100 else { continue }
      try producer.send(batch, topic: "events")
      try producer.flush(timeoutMilliseconds: 10_000)
      batch.removeAll()
    }
    let late = try consumer.add(topic: "events", partition: 0, from: .offset(0)).read { !$0.errors.isEmpty }
    #expect(late.errors.first?.kind == .offsetOutOfRange)
    let rest = try consumer.add(topic: "events", partition: 0, from: .beginning).readToEnd()
    let first = try #require(rest.messages.first?.offset)
    #expect(first > 0)
    #expect(rest.messages.map(\.offset) == Array(first..<4000))
  }

  @Test func aPartitionThatDoesNotExistIsNamed() throws {
    let reader = try consumer.add(topic: "events", partition: 9, from: .beginning)
    let read = reader.read { !$0.errors.isEmpty }
    #expect(read.errors.first?.kind == .unknownPartition)
    #expect(read.errors.first?.place == "events[9]")
  }

  @Test func aPartitionHasOneReaderAtATime() throws {
    try send(0..<3)
    do {
      let first = try consumer.add(topic: "events", partition: 0, from: .beginning)
      let error = #expect(throws: KafkaError.self) {
        try consumer.add(topic: "events", partition: 0, from: .beginning)
      }
      #expect(error?.message == "this client reads it already")
      #expect(first.readToEnd().messages.count == 3)
    }
    #expect(try consumer.add(topic: "events", partition: 0, from: .offset(1)).readToEnd().messages.count == 2)
    let negative = #expect(throws: KafkaError.self) {
      try consumer.add(topic: "events", partition: -1, from: .beginning)
    }
    #expect(negative?.kind == .unknownPartition)
    #expect(throws: KafkaError.self) { try consumer.add(topic: "events", partition: 1, from: .offset(-77)) }
    #expect(throws: KafkaError.self) { try consumer.add(topic: "", partition: 1, from: .beginning) }
  }

  @Test func committedOffsetsAreThereForLagTools() throws {
    try consumer.commit([PartitionOffset(topic: "events", partition: 1, offset: 42)])
    let isCommitted = try Deadline.wait {
      try consumer.committed(topic: "events", partitions: [0, 1], timeoutMilliseconds: 5000) == [1: 42]
    }
    #expect(isCommitted)
  }

  @Test func committingNeedsAGroup() throws {
    let lonely = try KafkaConsumer(KafkaConfiguration(brokers: broker.brokers), partitionCount: 1)
    let error = #expect(throws: KafkaError.self) { try lonely.commit([]) }
    #expect(error?.kind == .configuration)
  }
}
