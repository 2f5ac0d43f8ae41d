public import Kafka

/// A topic of the outbox as its readers see it: all messages, and of each key the one of the highest epoch.
public struct OutboxTopic: Sendable {
  /// `incarnation.commit`, then `out_seq`: compared as three numbers.
  public struct Epoch: Comparable, Sendable {
    public let numbers: [UInt64]

    public static func < (left: Epoch, right: Epoch) -> Bool { left.numbers.lexicographicallyPrecedes(right.numbers) }

    init?(_ message: ReceivedMessage) {
      guard let epoch = message.header("epoch"), let sequence = message.header("out_seq") else { return nil }
      numbers = (epoch.split(separator: ".") + [Substring(sequence)]).compactMap { UInt64($0) }
      guard numbers.count == 3 else { return nil }
    }
  }

  /// Partition by partition, in the order of offsets.
  public private(set) var messages: [(epoch: Epoch, message: ReceivedMessage)] = []
  /// What a reader of the highest epoch holds.
  public private(set) var kept: [String: (epoch: Epoch, message: ReceivedMessage)] = [:]
  /// Messages without a key or without an epoch.
  public private(set) var malformedCount = 0

  /// Reads `topic` to its end.
  public init(_ topic: String, _ configuration: KafkaConfiguration) throws {
    let admin = try KafkaAdmin(configuration)
    let consumer = try KafkaConsumer(
      configuration, groupID: "outbox-reader", memoryBytes: 32 << 20, partitionCount: 8)
    for partition in try admin.describeTopic(topic).partitions.map(\.partition) {
      let reader = try consumer.add(topic: topic, partition: partition, from: .beginning)
      for message in reader.readToEnd().messages { keep(message) }
    }
  }

  private mutating func keep(_ message: ReceivedMessage) {
    guard let key = message.key, let epoch = Epoch(message) else {
      malformedCount += 1
      return
    }
    messages.append((epoch, message))
    let name = String(decoding: key, as: UTF8.self)
    if let known = kept[name], known.epoch >= epoch { return }
    kept[name] = (epoch, message)
  }

  /// The different values of `out_seq`, ascending.
  public var sequences: [UInt64] { Set(messages.compactMap(\.epoch.numbers.last)).sorted() }
}

extension ReceivedMessage {
  /// The text of the first header called `name`; nil where it is missing or null.
  public func header(_ name: String) -> String? {
    headers.first { $0.name == name }?.value.map { String(decoding: $0, as: UTF8.self) }
  }
}
