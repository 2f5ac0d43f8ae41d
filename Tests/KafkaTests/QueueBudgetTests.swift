import Testing

@testable import Kafka

/// How memory becomes librdkafka's bounds.
@Suite struct QueueBudgetTests {
  private func value(_ name: String, memoryBytes: Int, partitionCount: Int) -> Int? {
    QueueBudget(memoryBytes: memoryBytes, partitionCount: partitionCount).properties
      .first { $0.0 == name }.flatMap { Int($0.1) }
  }

  @Test(arguments: [1, 4, 32, 100]) func thePartitionsTogetherStayWithinTheMemory(partitionCount: Int) throws {
    let memory = 256 << 20
    let kilobytes = try #require(
      value("queued.max.messages.kbytes", memoryBytes: memory, partitionCount: partitionCount))
    let messages = try #require(value("queued.min.messages", memoryBytes: memory, partitionCount: partitionCount))
    let bound = partitionCount * (kilobytes * 1024 + messages * QueueBudget.overheadBytes)
    #expect(bound <= memory && bound > memory * 9 / 10)
  }

  @Test(arguments: [(0, 1), (1, 0), (-5, -5), (1 << 20, 1000)])
  func aQueueHoldsAtLeastAFetch(memoryBytes: Int, partitionCount: Int) {
    #expect(value("queued.max.messages.kbytes", memoryBytes: memoryBytes, partitionCount: partitionCount) == 1024)
    #expect(value("queued.min.messages", memoryBytes: memoryBytes, partitionCount: partitionCount) == 2621)
  }

  @Test func boundsStayWithinWhatTheLibraryAllows() throws {
    let configuration = KafkaConfiguration(brokers: "127.0.0.1:1")
    for memoryBytes in [Int.min, 0, 1 << 40, Int.max] {
      #expect(throws: Never.self) {
        _ = try KafkaConsumer(configuration, memoryBytes: memoryBytes, partitionCount: 1)
      }
    }
  }
}
