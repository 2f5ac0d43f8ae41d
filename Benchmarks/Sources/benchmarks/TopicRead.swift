import Columns
import Foundation
import Kafka
import Synchronization

/// Reading a topic to its end and doing nothing with it but copying payloads into an arena, as a lane does: what no
/// engine on this client can be faster than.
struct TopicRead {
  /// Messages of each partition.
  let partitionCounts: [Int]
  let wallSeconds: Double
  let cpuSeconds: Double

  var messageCount: Int { partitionCounts.reduce(0, +) }

  /// Reads every partition on a thread of its own.
  static func run(brokers: String, topic: String) throws -> TopicRead {
    let configuration = KafkaConfiguration(brokers: brokers)
    let partitions = try KafkaAdmin(configuration).describeTopic(topic).partitions.map(\.partition).sorted()
    let cpu = cpuSeconds()
    let start = ContinuousClock.now
    let consumer = try KafkaConsumer(configuration, memoryBytes: 256 << 20, partitionCount: partitions.count)
    let readers = try consumer.assign(
      topic: topic, partitions.map { PartitionStart(partition: $0, from: .beginning) })
    let counts = Mutex([Int](repeating: 0, count: readers.count))
    let failure = Mutex<KafkaError?>(nil)
    DispatchQueue.concurrentPerform(iterations: readers.count) { index in
      do throws(KafkaError) {
        let count = try count(readers[index])
        counts.withLock { $0[index] = count }
      } catch {
        failure.withLock { $0 = error }
      }
    }
    if let failure = failure.withLock({ $0 }) { throw failure }
    return TopicRead(
      partitionCounts: counts.withLock { $0 },
      wallSeconds: (ContinuousClock.now - start) / .seconds(1), cpuSeconds: cpuSeconds() - cpu)
  }

  private static func count(_ reader: PartitionReader) throws(KafkaError) -> Int {
    var count = 0
    while true {
      let arena = ByteArena(capacity: 2_500_000)
      let events = reader.poll(maximumMessages: 4096, timeoutMilliseconds: 100) { message in
        if let payload = message.payload { arena.append(payload) }
        count += 1
      }
      for event in events {
        switch event {
        case .reachedEnd: return count
        case .failed(let error): if !error.isRetriable { throw error }
        }
      }
    }
  }

  /// Of all threads of this process.
  private static func cpuSeconds() -> Double {
    var time = timespec()
    unsafe clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}
