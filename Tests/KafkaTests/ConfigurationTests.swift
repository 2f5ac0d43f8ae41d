import Kafka
import Testing

/// What a configuration is refused for, before anything is connected.
@Suite struct ConfigurationTests {
  private func error(_ properties: [(name: String, value: String)], brokers: String = "127.0.0.1:1") throws
    -> KafkaError
  {
    let configuration = KafkaConfiguration(brokers: brokers, properties: properties)
    return try #require(
      #expect(throws: KafkaError.self) { _ = try KafkaConsumer(configuration, partitionCount: 1) })
  }

  @Test func anUnknownPropertyIsNamed() throws {
    let error = try error([("fetch.wait.max.mss", "1")])
    #expect(error.kind == .configuration)
    #expect(error.place == "fetch.wait.max.mss")
    #expect(error.message.contains("No such configuration property"))
    #expect("\(error)".contains("correct kafka.properties"))
  }

  @Test func aBadValueComesWithTheLibrarysExplanation() throws {
    let error = try error([("security.protocol", "carrier-pigeon")])
    #expect(error.kind == .configuration)
    #expect(error.message.contains("carrier-pigeon"))
  }

  @Test func anUnreadableCertificateIsAnError() throws {
    let error = try error([("security.protocol", "ssl"), ("ssl.ca.location", "/nowhere/ca.pem")])
    #expect(error.kind == .configuration)
    #expect(error.message.contains("ssl.ca.location failed"))
  }

  @Test(arguments: KafkaConfiguration.reservedProperties.sorted())
  func whatTheEngineRestsOnCannotBeSet(name: String) throws {
    let error = try error([(name, "1")])
    #expect(error.kind == .configuration)
    #expect(error.message.contains("the engine sets this property itself"))
  }

  @Test(arguments: ["", " ", ",", " , "]) func brokersMustBeNamed(brokers: String) throws {
    #expect(try error([], brokers: brokers).place == "brokers")
  }

  @Test func aPropertyWinsOverOurDefault() throws {
    let configuration = KafkaConfiguration(
      brokers: "127.0.0.1:1", properties: [("queued.min.messages", "5"), ("fetch.wait.max.ms", "7")])
    #expect(throws: Never.self) { _ = try KafkaConsumer(configuration, partitionCount: 1) }
    #expect(throws: Never.self) { _ = try KafkaProducer(configuration) }
    #expect(throws: Never.self) { _ = try KafkaAdmin(configuration) }
  }

  @Test(.enabled(if: !KafkaLibrary.hasSoundSCRAM, "this librdkafka's SCRAM works"))
  func scramIsRefusedWhereItCannotWork() throws {
    for name in ["sasl.mechanisms", "sasl.mechanism"] {
      let error = try error([("security.protocol", "sasl_plaintext"), (name, "SCRAM-SHA-256")])
      #expect(error.kind == .unsupported)
      #expect(error.message.contains("install librdkafka 2.6.1 or newer"))
      #expect(error.message.contains(KafkaLibrary.version))
    }
  }

  @Test func theVersionIsReadable() {
    #expect(KafkaLibrary.version.split(separator: ".").count >= 3)
    #expect(KafkaLibrary.versionNumber >= 0x020002)
  }
}
