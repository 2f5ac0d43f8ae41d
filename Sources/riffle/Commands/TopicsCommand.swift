import Kafka
import Telemetry

/// `riffle topics create|list|describe`.
enum TopicsCommand {
  static func create(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let topic = try topic(arguments, settings)
    var properties: [(name: String, value: String)] = []
    for text in arguments.texts("property") {
      let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 2, !parts[0].isEmpty else {
        throw .usage("topics create: --property needs NAME=VALUE; it is '\(text)'")
      }
      properties.append((parts[0], parts[1]))
    }
    let partitionCount = Int(arguments.integer("partitions") ?? 4)
    try EngineCall.run {
      let admin = try KafkaAdmin(KafkaPlace(settings).configuration)
      try admin.createTopic(
        topic, partitionCount: partitionCount, replicationFactor: Int(arguments.integer("replication") ?? 1),
        properties: properties, timeoutMilliseconds: KafkaPlace.timeoutMilliseconds)
    }
    Terminal.note("riffle: created topic \(topic) with \(KafkaPlace.partitions(partitionCount))")
    return .success
  }

  static func list(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    try Terminal.result(listText(settings, json: arguments.has("json")))
    return .success
  }

  static func describe(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> ExitCode {
    let topic = try topic(arguments, settings)
    try Terminal.result(describeText(topic, settings, json: arguments.has("json")))
    return .success
  }

  /// A topic a line: its name and how many partitions it has.
  static func listText(_ settings: Settings, json: Bool) throws(CommandError) -> String {
    let topics = try EngineCall.run {
      try KafkaAdmin(KafkaPlace(settings).configuration).listTopics(timeoutMilliseconds: KafkaPlace.timeoutMilliseconds)
    }
    guard !json else {
      let rows = topics.map {
        JSONText.object([("topic", JSONText.string($0.name)), ("partitions", "\($0.partitions.count)")])
      }
      return JSONText.array(rows) + "\n"
    }
    return TextTable(["topic", "partitions"], topics.map { [$0.name, "\($0.partitions.count)"] }).text
  }

  /// A partition a line: who serves it and what it holds.
  static func describeText(_ topic: String, _ settings: Settings, json: Bool) throws(CommandError) -> String {
    let rows = try EngineCall.run { try partitionRows(topic, settings) }
    let messages = rows.reduce(0) { $0 + $1.messages }
    guard json else {
      let lines = rows.map { row in
        ["\(row.partition.partition)", row.leader, "\(row.range.low)", "\(row.range.high)", "\(row.messages)"]
      }
      return TextTable(["partition", "leader", "low", "high", "messages"], lines).text
        + "\(messages) messages in \(KafkaPlace.partitions(rows.count)) of \(topic)\n"
    }
    return JSONText.object([
      ("topic", JSONText.string(topic)), ("messages", "\(messages)"), ("partitions", JSONText.array(rows.map(\.json))),
    ]) + "\n"
  }

  private static func partitionRows(_ topic: String, _ settings: Settings) throws -> [PartitionRow] {
    let admin = try KafkaAdmin(KafkaPlace(settings).configuration)
    let description = try admin.describeTopic(topic, timeoutMilliseconds: KafkaPlace.timeoutMilliseconds)
    let ranges = try admin.offsetRanges(topic: topic, partitions: description.partitions.map(\.partition))
    return description.partitions.map { partition in
      PartitionRow(partition: partition, range: ranges[partition.partition] ?? OffsetRange(low: 0, high: 0))
    }
  }

  private static func topic(_ arguments: ParsedArguments, _ settings: Settings) throws(CommandError) -> String {
    guard let name = arguments.operands.first else { return settings.kafkaTopic }
    if let flag = arguments.given("topic"), flag != name {
      throw .usage("\(arguments.command.name): '\(name)' and --topic \(flag) are two topics; name one")
    }
    guard TextRule.topic.allows(name) else {
      throw .usage("\(arguments.command.name): NAME must be \(TextRule.topic.allowed); it is '\(name)'")
    }
    return name
  }
}

/// A partition and what it holds.
private struct PartitionRow {
  let partition: PartitionDescription
  let range: OffsetRange

  var messages: Int64 { range.high - range.low }
  var leader: String { partition.leader.map { "\($0)" } ?? "none" }

  var json: String {
    JSONText.object([
      ("partition", "\(partition.partition)"), ("leader", partition.leader.map { "\($0)" } ?? "null"),
      ("replicas", JSONText.array(partition.replicas.map { "\($0)" })),
      ("in_sync", JSONText.array(partition.replicasInSync.map { "\($0)" })), ("low", "\(range.low)"),
      ("high", "\(range.high)"), ("messages", "\(messages)"),
    ])
  }
}
