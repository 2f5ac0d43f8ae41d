import Foundation
import Kafka

/// Events of so many sessions, seeded: first one of each, which opens it, then events of sessions drawn by chance.
/// All happen when they are sent, so that no session ends meanwhile.
final class SessionTraffic {
  private static let types = ["page_view", "click", "search", "add_to_cart", "page_view", "page_view"]
  private static let batchCount = 10_000
  private static let patienceMilliseconds = 120_000

  let brokers: String
  let topic: String
  private let sessions: Int
  private let producer: KafkaProducer
  private var random: UInt64 = 7
  private var batch = ProducerBatch()
  /// Events sent so far; each is sent once.
  private(set) var sent = 0

  init(brokers: String, sessions: Int, partitions: Int) throws {
    self.brokers = brokers
    self.sessions = sessions
    topic = "recovery-\(UInt32.random(in: .min ... .max))"
    let configuration = KafkaConfiguration(brokers: brokers)
    try KafkaAdmin(configuration).createTopic(topic, partitionCount: partitions)
    producer = try KafkaProducer(configuration)
  }

  /// Sends `count` events, and returns when the broker has them.
  func send(_ count: Int) throws {
    for _ in 0..<count {
      append()
      if batch.count == SessionTraffic.batchCount { try sendBatch() }
    }
    try flush()
  }

  /// Sends `rate` events a second, evenly, until `isEnough`, which is asked about twice a second.
  func send(rate: Int, until isEnough: () throws -> Bool) throws {
    let (start, before) = (ContinuousClock.now, sent)
    var nextLook = 0.5
    while true {
      let seconds = (ContinuousClock.now - start) / .seconds(1)
      for _ in 0..<max(0, Int(seconds * Double(rate)) - (sent - before)) { append() }
      try sendBatch()
      if seconds >= nextLook {
        if try isEnough() { break }
        nextLook = seconds + 0.5
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    try flush()
  }

  private func sendBatch() throws {
    guard batch.count > 0 else { return }
    try producer.send(batch, topic: topic, timeoutMilliseconds: SessionTraffic.patienceMilliseconds)
    batch.removeAll()
  }

  private func flush() throws {
    try sendBatch()
    try producer.flush(timeoutMilliseconds: SessionTraffic.patienceMilliseconds)
  }

  private func append() {
    let session = sent < sessions ? sent : Int(draw() % UInt64(sessions))
    let page = draw() % 5000
    let key = "session-\(session)"
    let event =
      #"{"event_id":"event-\#(sent)","event_type":"\#(SessionTraffic.types[sent % SessionTraffic.types.count])","#
      + #""event_ts":\#(Int64(Date().timeIntervalSince1970 * 1000)),"session_id":"\#(key)","#
      + #""user_id":"user-\#(session / 3)","page":"/product/\#(page)","product_id":"p-\#(page)","price":19.99,"#
      + #""currency":"EUR","utm":{"source":"search","medium":"cpc","campaign":"campaign-\#(page % 20)"}}"#
    batch.append(key: Array(key.utf8), value: Array(event.utf8))
    sent += 1
  }

  /// Numbers without a pattern that would matter (Marsaglia's xorshift).
  private func draw() -> UInt64 {
    random ^= random << 13
    random ^= random >> 7
    random ^= random << 17
    return random
  }
}
