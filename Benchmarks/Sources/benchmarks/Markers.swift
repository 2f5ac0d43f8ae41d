import Foundation
import Kafka

/// Purchases in a currency that nobody else uses, one after the other: each is sent, HTTP is asked until its window
/// shows one more, and after a pause of random length comes the next.
final class Markers {
  static let path = "/kpis/latest"
  private static let currency = "XTS"
  private static let pollSeconds = 0.002
  private static let pauseSeconds = 0.0...0.05
  private static let patience = Duration.seconds(10)

  private let producer: KafkaProducer
  private let topic: String
  private let connection: HTTPConnection
  private let run = UInt32.random(in: .min ... .max)
  private var number = 0
  /// The minute in which the latest marker happened, and how many have.
  private var (minute, inMinute) = (0, 0)

  init(brokers: String, topic: String, connection: HTTPConnection) throws {
    var options = ProducerOptions()
    options.lingerMilliseconds = 0
    producer = try KafkaProducer(KafkaConfiguration(brokers: brokers), options)
    self.topic = topic
    self.connection = connection
  }

  /// How long a marker took, in milliseconds, from the call that sends it.
  struct Delay {
    /// Until the broker had it: what is more than that is the engine's.
    let acknowledged: Double
    /// Until an answer showed it.
    let visible: Double
  }

  @discardableResult func run(seconds: Int) throws -> [Delay] {
    let end = ContinuousClock.now + .seconds(seconds)
    var delays: [Delay] = []
    while ContinuousClock.now < end {
      delays.append(try sendAndWait())
      Thread.sleep(forTimeInterval: .random(in: Markers.pauseSeconds))
    }
    return delays
  }

  private func sendAndWait() throws -> Delay {
    let now = try timeInsideMinute()
    if Int(now / 60) != minute { (minute, inMinute) = (Int(now / 60), 0) }
    (number, inMinute) = (number + 1, inMinute + 1)
    let id = "marker-\(run)-\(number)"
    let event =
      #"{"event_id":"\#(id)","event_type":"purchase","event_ts":\#(Int64(now * 1000)),"session_id":"\#(id)","#
      + #""user_id":"\#(id)","product_id":"marker","price":1,"currency":"\#(Markers.currency)"}"#
    let start = ContinuousClock.now
    func elapsed() -> Double { (ContinuousClock.now - start) / .milliseconds(1) }
    try producer.send(topic: topic, key: Array(id.utf8), value: Array(event.utf8))
    var acknowledged: Double?
    while try visibleCount() < inMinute {
      if acknowledged == nil, producer.queuedCount == 0 { acknowledged = elapsed() }
      guard ContinuousClock.now - start < Markers.patience else {
        throw BenchmarkError("marker \(number) was not visible after \(Markers.patience)", exitCode: 1)
      }
      Thread.sleep(forTimeInterval: Markers.pollSeconds)
    }
    let visible = elapsed()
    return Delay(acknowledged: acknowledged ?? visible, visible: visible)
  }

  /// The time, in seconds since 1970; waits where the newest window is about to become another one.
  private func timeInsideMinute() throws -> Double {
    while true {
      let now = Date().timeIntervalSince1970
      let second = now.truncatingRemainder(dividingBy: 60)
      if second > 0.5, second < 58 { return now }
      Thread.sleep(forTimeInterval: 0.05)
    }
  }

  /// The markers in the newest window: each is worth 1.
  private func visibleCount() throws -> Int {
    guard let body = try connection.body(of: Markers.path),
      let mark = body.firstRange(of: "\"\(Markers.currency)\":")
    else { return 0 }
    return Int(body[mark.upperBound...].prefix { $0.isNumber }) ?? 0
  }
}
