import Ingest

extension CommandTable {
  /// Commands about messages that were refused.
  static let deadLetters: [CommandSpecification] = [list, replay]

  private static let reason = FlagSpecification(
    name: "reason", kind: .choice(DeadLetterReason.allCases.map(\.name)), summary: "Those with this reason only")

  private static let list = CommandSpecification(
    identity: .deadLettersList,
    name: "dlq list",
    purpose: "Print the dead letters of a data directory",
    details: """
      Where each message came from, why it was refused, the field that is to blame, and its bytes: as text, or where
      they are not UTF-8 in Base64.
      """,
    operands: .none,
    flags: [
      data, reason,
      FlagSpecification(name: "limit", kind: .integer(1...1_000_000_000_000), summary: "At most so many"),
      FlagSpecification(
        name: "format", kind: .choice(DeadLetterFormat.allCases.map(\.rawValue)), defaultText: "ndjson",
        summary: "Row format; json is one array"),
      output,
    ],
    example: "riffle dlq list --data data --reason bad_time --limit 10",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .ourBug, .cannotCreate, .inputOutput])

  private static let replay = CommandSpecification(
    identity: .deadLettersReplay,
    name: "dlq replay",
    purpose: "Send the dead letters of a data directory to a Kafka topic again",
    details: """
      For messages that a changed configuration now accepts. Each goes out byte for byte with the header riffle-origin:
      topic/partition/offset, where it first came from. That is its identity, and its key: replaying twice counts once.
      """,
    operands: .none,
    flags: [data, reason, brokers, topic, partitions, config, set],
    example: "riffle dlq replay --data data --topic events --reason unknown_event_type",
    exitCodes: [.success, .usage, .badData, .cannotOpenInput, .unavailable, .ourBug, .inputOutput])
}
