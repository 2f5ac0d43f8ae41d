internal import Ingest

/// What clients send as events, and what they are told of them.
extension JSONSchema {
  /// An event as `/track` takes it: whatever else it has becomes one of its properties.
  static let event = JSONSchema.named(
    "Event",
    .object(
      ["event_type": .text()],
      optional: [
        "event_id": .nullable(.described("Made up where it is missing; the same id counts once.", .text())),
        "event_ts": .described("A time, or an epoch number; now where it is missing or empty.", .any),
      ],
      others: .described("Other fields of event.v1, such as session_id; unknown ones are kept as properties.", .any)))

  /// What an item is judged as is said of it alone, so a list may hold anything.
  static let events = JSONSchema.described("A list of events as /track takes them, or one.", .any)

  static let eventExample =
    #"{"event_type":"add_to_cart","session_id":"s_1","user_id":"u_1","page_url":"/product/sku_1","#
    + #""product_id":"sku_1","quantity":1,"element_id":"buy","properties":{"color":"red"}}"#

  /// Where Kafka has it.
  private static let place: KeyValuePairs<String, JSONSchema> = ["partition": .count, "offset": .nullable(.count)]

  static let trackAnswer = JSONSchema.object(["status": .choice(["accepted"]), "event_id": .text()], optional: place)

  static let collectAnswer = JSONSchema.named(
    "Collected",
    .object([
      "accepted": .count, "rejected": .described("Stored too, as dead letters.", .count),
      "failed": .described("Not stored: send them again, with their ids.", .count),
      "items": .array(
        .object(["index": .count, "status": .integer(200...599)], optional: place).adding(
          .object(
            [:],
            optional: [
              "event_id": .text(), "reason": .choice(DeadLetterReason.allCases.map(\.name)),
              "field": .nullable(.text()),
            ]))),
    ]))
}
