import Commerce
import CommerceTestSupport
import Foundation
import Kafka
import KafkaTestSupport
import Query
import Serving
import Telemetry
import TestSupport
import Testing

@testable import riffle

/// Events over HTTP, sent by curl as a person would, through Kafka into the engine.
@Suite(.serialized, .enabled(if: Curl.isInstalled, "needs curl")) struct IntakeLiveTests {
  private let broker: EmbeddedBroker
  private let trial: LiveTrial
  private let settings: Settings

  init() throws {
    broker = try EmbeddedBroker()
    try broker.createTopic("shop", partitionCount: 2)
    trial = try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
    settings = try SettingsLoader.load(overrides: [
      "kafka.brokers=\(broker.brokers)", "kafka.topic=shop", "http.listen=127.0.0.1:0",
      "kafka.properties={delivery.timeout.ms: 2000}",
    ])
  }

  /// A page view as a shop's page sends it: no id, no time.
  private static let example = """
    {"event_type": "add_to_cart", "session_id": "sess-1", "user_id": "user-1", \
    "page_url": "https://shop.example/p/sku-1", "product_id": "sku-1", "quantity": 1, "element_id": "buy", \
    "properties": {"page_url": "https://shop.example/p/sku-1"}}
    """

  @Test func whatIsSentIsCountedOnceAndWhatIsNoEventIsADeadLetter() throws {
    let engine = RunningEngine(try trial.engine(isBounded: false))
    let server = try engine.look { try EngineServer.start($0, settings) }
    defer { server.stop() }
    let place = EngineServer.place(server, settings)
    let tracked = try Curl.ask([
      "-X", "POST", "\(place)/track", "-H", "Content-Type: application/json", "-d", Self.example,
    ])
    #expect(tracked.status == 202, "\(tracked.text)")
    #expect(tracked.text.hasPrefix(#"{"status":"accepted","event_id":""#))
    let batch = #"[{"event_type":"page_view","session_id":"sess-1"},{"session_id":"sess-1"},{"event_type":"nonsense"}]"#
    let collected = try Curl.ask(["-X", "POST", "\(place)/collect", "-d", batch])
    #expect(collected.status == 207, "\(collected.text)")
    #expect(collected.text.hasPrefix(#"{"accepted":1,"rejected":2,"failed":0,"#))
    let isRead = try Deadline.wait { try engine.status.partitions.reduce(0) { $0 + $1.received } == 4 }
    #expect(isRead)
    try engine.stop()
    let events = try trial.run.cells(["event_type", "session_id", "page", "product_id", "element_id"], of: "events")
    #expect(
      events.count == 2 && events.contains { $0.contains("sku-1") && $0.contains("https://shop.example/p/sku-1") })
    let letters = try trial.run.rows(of: "dead_letters")
    #expect(letters.count == 2)
    #expect(letters.contains { $0.contains("missing_field") } && letters.contains { $0.contains("unknown_event_type") })
    let report = try trial.run.verify()
    #expect(report.isGood, "\(report.text)")
  }

  @Test func aLostBrokerIsSaidAndComesBack() throws {
    let engine = RunningEngine(try trial.engine(isBounded: false))
    let server = try engine.look { try EngineServer.start($0, settings) }
    defer { server.stop() }
    let words = ["-X", "POST", "\(EngineServer.place(server, settings))/track", "-d", Self.example]
    #expect(try Curl.ask(words).status == 202)
    try broker.setReachable(false)
    let refused = try Curl.ask(words)
    #expect(refused.status == 503, "\(refused.text)")
    #expect(refused.text.contains("Kafka did not take it") && !refused.text.contains(broker.brokers))
    try broker.setReachable(true)
    #expect(try Deadline.wait { try Curl.ask(words).status == 202 })
    try engine.stop()
  }
}
