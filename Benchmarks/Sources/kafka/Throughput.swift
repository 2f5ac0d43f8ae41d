import Columns
import Foundation
import Kafka
import Synchronization

// Sends messages of about 490 bytes to a topic of a real broker and reads them back with one thread a partition, each
// copying payloads into an arena as a lane does; prints messages a second and the process's CPU time for each.
//
//   swift run -c release kafka 127.0.0.1:9092 [messages] [partitions] [memory in MiB] [nanoseconds of work a message] [property=value]…
//
// With work a reader is slower than the broker, its queue is full all the time, and what counts is how soon
// librdkafka fetches again.

@main struct Throughput {
  let configuration: KafkaConfiguration
  let messageCount: Int
  let partitionCount: Int
  let memoryBytes: Int
  let workNanoseconds: Int
  let topic = "benchmark-\(UInt32.random(in: .min ... .max))"

  static func main() throws {
    let words = CommandLine.arguments
    guard words.count > 1 else {
      print("usage: kafka BROKERS [messages] [partitions] [memory in MiB] [nanoseconds of work a message]")
      return
    }
    func number(_ index: Int, _ standard: Int) -> Int { words.count > index ? Int(words[index]) ?? standard : standard }
    let run = Throughput(
      configuration: KafkaConfiguration(brokers: words[1], properties: words.dropFirst(6).compactMap(property)),
      messageCount: number(2, 2_000_000),
      partitionCount: number(3, 4), memoryBytes: number(4, 256) << 20, workNanoseconds: number(5, 0))
    try KafkaAdmin(run.configuration).createTopic(run.topic, partitionCount: run.partitionCount)
    try run.measure("send") { try run.send() }
    try run.measure("read") { try run.read() }
  }

  /// `name=value`.
  static func property(_ word: String) -> (name: String, value: String)? {
    let parts = word.split(separator: "=", maxSplits: 1)
    return parts.count == 2 ? (String(parts[0]), String(parts[1])) : nil
  }

  func measure(_ name: String, _ body: () throws -> Void) rethrows {
    let cpu = Throughput.cpuSeconds()
    let duration = try ContinuousClock().measure(body)
    let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
    let nanoseconds = (Throughput.cpuSeconds() - cpu) * 1e9 / Double(messageCount)
    let rate = Int(Double(messageCount) / seconds)
    print("\(name): \(rate) messages/s, \(Int(nanoseconds)) ns CPU each, \(Throughput.residentMegabytes()) MB at most")
  }

  func send() throws {
    let producer = try KafkaProducer(configuration)
    var value = Array(String(repeating: #"{"event_type":"page_view","page":"/product/sku_12345"}"#, count: 9).utf8)
    var batch = ProducerBatch()
    var state: UInt64 = 42
    for index in 0..<messageCount {
      // Something to compress that is not all the same.
      for place in stride(from: 8, to: value.count, by: 24) {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        value[place] = UInt8(97 + (state >> 33) % 26)
      }
      batch.append(key: nil, value: value, partition: Int32(index % partitionCount))
      if batch.count == 1000 {
        try producer.send(batch, topic: topic, timeoutMilliseconds: 60_000)
        batch.removeAll()
      }
    }
    try producer.send(batch, topic: topic, timeoutMilliseconds: 60_000)
    try producer.flush(timeoutMilliseconds: 60_000)
    guard producer.deliveryCounts.delivered == messageCount else { fatalError("lost: \(producer.deliveryCounts)") }
  }

  func read() throws {
    let consumer = try KafkaConsumer(configuration, memoryBytes: memoryBytes, partitionCount: partitionCount)
    let starts = (0..<partitionCount).map { PartitionStart(partition: Int32($0), from: .beginning) }
    let readers = try consumer.assign(topic: topic, starts)
    let total = Atomic<Int>(0)
    DispatchQueue.concurrentPerform(iterations: partitionCount) { index in
      var (count, ended) = (0, false)
      while !ended {
        let before = count
        let arena = ByteArena(capacity: 2_500_000)
        let events = readers[index].poll(maximumMessages: 4096, timeoutMilliseconds: 100) { message in
          if let payload = message.payload { arena.append(payload) }
          count += 1
        }
        work((count - before) * workNanoseconds)
        ended = events.contains { if case .reachedEnd = $0 { true } else { false } }
      }
      total.add(count, ordering: .relaxed)
    }
    let count = total.load(ordering: .relaxed)
    guard count == messageCount else { fatalError("\(count) of \(messageCount) messages were read") }
  }

  /// Keeps this thread busy for so many nanoseconds of its own CPU time.
  func work(_ nanoseconds: Int) {
    let end = Throughput.seconds(CLOCK_THREAD_CPUTIME_ID) + Double(nanoseconds) * 1e-9
    while nanoseconds > 0, Throughput.seconds(CLOCK_THREAD_CPUTIME_ID) < end {}
  }

  static func cpuSeconds() -> Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }

  static func seconds(_ clock: clockid_t) -> Double {
    var time = timespec()
    unsafe clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  /// The most memory that the process ever had.
  static func residentMegabytes() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0) / 1024
  }
}
