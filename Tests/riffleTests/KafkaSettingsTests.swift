import Kafka
import Testing

@testable import riffle

@Suite struct KafkaSettingsTests {
  private static let secrets = """
    kafka:
      brokers: a:9092,b:9092
      properties:
        security.protocol: SASL_SSL
        sasl.username: shop
        sasl.password: s3cr3t-one
        ssl.key.pem: s3cr3t-two
        sasl.oauthbearer.client.secret: s3cr3t-three
    """

  @Test func propertiesReachTheClientUnchanged() throws {
    let settings = try SettingsLoader.load(file: ("riffle.yaml", Self.secrets))
    let place = KafkaPlace(settings)
    #expect(place.configuration.brokers == "a:9092,b:9092" && place.topic == "events")
    #expect(place.configuration.properties.map(\.value).suffix(3) == ["s3cr3t-one", "s3cr3t-two", "s3cr3t-three"])
    #expect(settings.kafkaMemoryBytes == 256 << 20 && settings.kafkaStart == .earliest)
  }

  @Test func secretsAreNotPrinted() throws {
    let settings = try SettingsLoader.load(file: ("riffle.yaml", Self.secrets))
    for text in [ConfigCheckCommand.table(settings), ConfigCheckCommand.json(settings)] {
      #expect(text.contains("SASL_SSL") && text.contains("shop") && text.contains("***"))
      #expect(!text.contains("s3cr3t"))
    }
  }

  @Test(arguments: ["sasl.password=s3cr3t", "[s3cr3t]", "{sasl.password: [s3cr3t]}", "{sasl.password: s3cr3t"])
  func mistakesDoNotTellSecrets(_ text: String) {
    let error = #expect(throws: CommandError.self) {
      try SettingsLoader.load(overrides: ["kafka.properties=\(text)"])
    }
    #expect(error?.message.contains("kafka.properties") == true && error?.message.contains("s3cr3t") == false)
  }

  @Test func whatTheEngineSetsItselfIsRefused() {
    let error = #expect(throws: CommandError.self) {
      try SettingsLoader.load(overrides: ["kafka.properties={group.id: x}"])
    }
    #expect(error?.message.contains("--set: kafka.properties must not have group.id") == true)
  }

  @Test(arguments: [("earliest", KafkaStart.earliest), ("latest", .latest), ("1970-01-02", .time(86_400_000))])
  func startIsAWordOrATime(_ text: String, _ start: KafkaStart) throws {
    #expect(try SettingsLoader.load(overrides: ["kafka.start=\(text)"]).kafkaStart == start)
  }

  @Test(arguments: [
    "kafka.start=newest", "kafka.topic=a b", "kafka.topic=..", "kafka.topic=", "kafka.brokers=a,,b", "kafka.brokers=",
    "kafka.group_id=ä", "kafka.memory=1 KiB",
  ])
  func otherValuesAreRefused(_ text: String) {
    let error = #expect(throws: CommandError.self) { try SettingsLoader.load(overrides: [text]) }
    #expect(error?.code == .usage && error?.message.contains("must be") == true)
  }

  @Test func flagsWinOverSettings() throws {
    let arguments = try ArgumentParser.parse(
      ["topics", "describe", "--topic", "mine", "--brokers=b:1", "--set", "kafka.topic=other"])
    let settings = try SettingsLoader.load(arguments, ["RIFFLE_KAFKA_BROKERS": "a:1"])
    #expect(settings.kafkaTopic == "mine" && settings.kafkaBrokers == "b:1")
    let error = #expect(throws: CommandError.self) {
      try SettingsLoader.load(try ArgumentParser.parse(["topics", "describe", "--topic", "a b"]), [:])
    }
    #expect(error?.message.hasPrefix("--topic: kafka.topic: must be a topic's name") == true)
  }
}
