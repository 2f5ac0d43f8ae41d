import Kafka
import KafkaTestSupport
import Testing

/// What the embedded broker cannot show, against Apache Kafka.
@Suite(.enabled(if: TestBroker.isAvailable, Comment(rawValue: TestBroker.reason)), .serialized)
struct RealBrokerTests {
  /// One broker for all tests of the suite; each has topics of its own.
  private static let shared = Result { try TestBroker() }
  private let broker: TestBroker
  private let admin: KafkaAdmin

  init() throws {
    broker = try RealBrokerTests.shared.get()
    admin = try KafkaAdmin(broker.configuration())
  }

  private func topic(_ name: String, partitionCount: Int = 1, properties: [(name: String, value: String)] = []) throws
    -> String
  {
    let topic = "\(broker.prefix)\(name)"
    try admin.createTopic(topic, partitionCount: partitionCount, properties: properties)
    return topic
  }

  @Test func twentyThousandMessagesOverFourPartitionsAreExact() throws {
    let topic = try topic("exact", partitionCount: 4)
    let producer = try KafkaProducer(broker.configuration())
    var batch = ProducerBatch()
    for number in 0..<20_000 {
      batch.append(key: Array("key \(number % 997)".utf8), value: Array("\(number)".utf8))
    }
    try producer.send(batch, topic: topic)
    try producer.flush(timeoutMilliseconds: 30_000)
    #expect(producer.deliveryCounts.delivered == 20_000)

    let consumer = try KafkaConsumer(broker.configuration(), partitionCount: 4)
    let starts = (0..<4).map { PartitionStart(partition: $0, from: .beginning) }
    let ranges = try admin.offsetRanges(topic: topic, partitions: [0, 1, 2, 3])
    var numbers: [Int] = []
    for reader in try consumer.assign(topic: topic, starts) {
      let read = reader.readToEnd()
      #expect(read.messages.map(\.offset) == Array(0..<Int64(read.messages.count)))
      #expect(ranges[reader.partition] == OffsetRange(low: 0, high: Int64(read.messages.count)))
      let own = read.messages.compactMap { Int($0.text) }
      #expect(own == own.sorted())
      numbers += own
    }
    #expect(numbers.sorted() == Array(0..<20_000))
  }

  @Test func topicsAreCreatedDescribedAndGrown() throws {
    let topic = try topic("grown", partitionCount: 2, properties: [("retention.ms", "60000")])
    let again = #expect(throws: KafkaError.self) { try admin.createTopic(topic, partitionCount: 2) }
    #expect(again?.kind == .topicExists)
    let unknown = #expect(throws: KafkaError.self) { try admin.describeTopic("\(broker.prefix)nothing") }
    #expect(unknown?.kind == .unknownTopic)
    let property = #expect(throws: KafkaError.self) {
      try admin.createTopic("\(broker.prefix)x", partitionCount: 1, properties: [("retention.hours", "1")])
    }
    #expect(property?.message.contains("retention.hours") == true)
    let fewer = #expect(throws: KafkaError.self) { try admin.addPartitions(topic: topic, partitionCount: 1) }
    #expect(fewer?.operation == "add partitions to")

    let consumer = try KafkaConsumer(broker.configuration(), partitionCount: 2)
    let first = try consumer.add(topic: topic, partition: 0, from: .beginning)
    #expect(first.readToEnd().end == 0)
    try admin.addPartitions(topic: topic, partitionCount: 3)
    let isGrown = try Deadline.wait { try admin.describeTopic(topic).partitions.map(\.partition) == [0, 1, 2] }
    #expect(isGrown)
    #expect(try admin.listTopics().contains { $0.name == topic })

    let added = try consumer.add(topic: topic, partition: 2, from: .beginning)
    let producer = try KafkaProducer(broker.configuration())
    try producer.send(topic: topic, partition: 2, value: [1])
    try producer.send(topic: topic, partition: 0, value: [2])
    #expect(added.read { $0.messages.count == 1 }.messages.map(\.payload) == [[1]])
    #expect(first.read { $0.messages.count == 1 }.messages.map(\.payload) == [[2]])
  }

  @Test func aMissingTopicIsWaitedForVisibly() throws {
    let topic = "\(broker.prefix)late"
    let consumer = try KafkaConsumer(broker.configuration(), partitionCount: 1)
    let reader = try consumer.add(topic: topic, partition: 0, from: .beginning)
    let missing = reader.read { !$0.errors.isEmpty }
    #expect(missing.errors.first?.kind == .unknownTopic)
    #expect(missing.errors.first?.place == "\(topic)[0]")
    // Said now and then, not all the time.
    #expect(reader.read(seconds: 2) { _ in false }.errors.count <= 4)
    try admin.createTopic(topic, partitionCount: 1)
    let producer = try KafkaProducer(broker.configuration())
    try producer.send(topic: topic, partition: 0, value: [1])
    #expect(reader.read { !$0.messages.isEmpty }.messages.map(\.payload) == [[1]])
  }

  @Test func abortedDataIsHiddenAndControlRecordsTakeOffsets() throws {
    let topic = try topic("transactions")
    var options = ProducerOptions()
    options.transactionalID = "\(broker.prefix)writer"
    let producer = try KafkaProducer(broker.configuration(), options)
    try producer.initializeTransactions(timeoutMilliseconds: 20_000)
    func transaction(_ numbers: Range<UInt8>, commits: Bool) throws {
      try producer.beginTransaction()
      for number in numbers { try producer.send(topic: topic, partition: 0, value: [number]) }
      try producer.flush(timeoutMilliseconds: 10_000)
      if commits { try producer.commitTransaction() } else { try producer.abortTransaction() }
    }
    try transaction(0..<5, commits: true)
    try transaction(5..<10, commits: false)
    try transaction(10..<15, commits: true)

    let consumer = try KafkaConsumer(broker.configuration(), partitionCount: 1)
    let reader = try consumer.add(topic: topic, partition: 0, from: .beginning)
    let read = reader.readToEnd()
    #expect(read.messages.map(\.payload) == (Array(0..<5) + Array(10..<15)).map { [$0] })
    // Five messages and a control record, five hidden ones and theirs, five and theirs.
    #expect(read.messages.map(\.offset) == Array(0..<5) + Array(12..<17))
    #expect(read.end == 18)
    #expect(reader.position == 18)
    #expect(try admin.offsetRanges(topic: topic, partitions: [0]) == [0: OffsetRange(low: 0, high: 18)])

    try producer.beginTransaction()
    try producer.send(topic: topic, partition: 0, value: [99])
    try producer.flush(timeoutMilliseconds: 10_000)
    #expect(try admin.offsetRanges(topic: topic, partitions: [0])[0]?.high == 18)
    #expect(reader.read(seconds: 0.5) { !$0.messages.isEmpty }.messages.isEmpty)
    try producer.commitTransaction()
    #expect(reader.read { $0.end == 20 }.messages.map(\.payload) == [[99]])
  }

  @Test func theBrokersClockShowsAsSuch() throws {
    let topic = try topic("appended", properties: [("message.timestamp.type", "LogAppendTime")])
    let producer = try KafkaProducer(broker.configuration())
    try producer.send(topic: topic, value: [1], timestampMilliseconds: 1000)
    try producer.flush(timeoutMilliseconds: 10_000)
    let consumer = try KafkaConsumer(broker.configuration(), partitionCount: 1)
    let read = try consumer.add(topic: topic, partition: 0, from: .beginning).readToEnd()
    #expect(read.messages.first?.timestampType == .logAppend)
    #expect(try #require(read.messages.first).timestampMilliseconds > 1_600_000_000_000)
  }

  @Test func offsetsAreFoundByTime() throws {
    let topic = try topic("timed", partitionCount: 2)
    let producer = try KafkaProducer(broker.configuration())
    for second in 0..<Int64(10) {
      let time = 1_700_000_000_000 + second * 1000
      try producer.send(topic: topic, partition: 0, value: [1], timestampMilliseconds: time)
    }
    try producer.flush(timeoutMilliseconds: 10_000)
    func offsets(_ milliseconds: Int64) throws -> [Int32: Int64] {
      try admin.offsets(topic: topic, partitions: [0, 1], atMilliseconds: milliseconds)
    }
    #expect(try offsets(1_700_000_004_500) == [0: 5])
    #expect(try offsets(0) == [0: 0])
    #expect(try offsets(1_800_000_000_000) == [:])
  }

  @Test func aGroupWithoutMembersKeepsOffsetsForLagTools() throws {
    let topic = try topic("lag")
    let consumer = try KafkaConsumer(broker.configuration(), groupID: "\(broker.prefix)group", partitionCount: 1)
    try consumer.commit([PartitionOffset(topic: topic, partition: 0, offset: 7)])
    let isCommitted = try Deadline.wait {
      try consumer.committed(topic: topic, partitions: [0], timeoutMilliseconds: 10_000) == [0: 7]
    }
    #expect(isCommitted)
    #expect(consumer.connectionState.lastError == nil)
  }

  @Test func pausesUnderLoadNeitherLoseNorRepeat() throws {
    let topic = try topic("paused")
    let producer = try KafkaProducer(broker.configuration())
    var batch = ProducerBatch()
    for number in 0..<50_000 { batch.append(key: nil, value: Array("\(number)".utf8)) }
    try producer.send(batch, topic: topic)
    try producer.flush(timeoutMilliseconds: 30_000)
    let consumer = try KafkaConsumer(broker.configuration(), partitionCount: 1)
    let reader = try consumer.add(topic: topic, partition: 0, from: .beginning)
    var offsets: [Int64] = []
    let deadline = Deadline(seconds: 60)
    while offsets.count < 50_000, !deadline.hasPassed {
      _ = reader.poll(maximumMessages: 4000, timeoutMilliseconds: 100) { offsets.append($0.offset) }
      reader.pause()
      try reader.resume()
    }
    #expect(offsets == Array(0..<50_000))
  }
}
