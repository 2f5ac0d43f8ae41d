internal import Columns
internal import Commerce
internal import Ingest
internal import Serving

extension FuzzTarget {
  /// A body of events, as an array, a line each, or one. What goes to Kafka becomes what its client was told: an event
  /// with this identifier, or a dead letter for this reason.
  static let intake = FuzzTarget(
    "intake", "a body of events that came over HTTP", maximumByteCount: 2048, seeds: IntakeSeeds.all
  ) { bytes in
    let isLines = bytes.first == UInt8(ascii: "\n")
    let ranges = try IntakeBody.items(of: bytes, isLines: isLines)
    let job = try EngineFiles.job.get()
    let items = EventIntake(job).judge(bytes, ranges, at: IntakeSeeds.now)
    precondition(items.count == ranges.count, "an item was lost")
    let shape = EventSchema.shape(types: job.types, maximumMessageBytes: 1 << 20)
    let decoder = MessageDecoder(shape: shape)
    for item in items { check(item, decoder) }
    if let refusal = items.first?.refusal {
      throw HTTPFailure.invalidEvent(reason: refusal.reason.name, field: refusal.field, isKept: true)
    }
  }

  private static func check(_ item: IntakeItem, _ decoder: MessageDecoder) {
    guard let value = item.message?.value else { preconditionFailure("a short message is not sent") }
    let range = MessageRange(offset: 0, length: Int32(value.count), logOffset: 0)
    let decoded = decoder.decode(arena: ByteArena(value), messages: [range])
    guard let refusal = item.refusal else {
      precondition(decoded.batch.rowCount == 1, "an accepted event is a dead letter")
      let column = decoder.shape.schema.index(of: "event_id")
      let found = column.flatMap { decoded.batch.strings($0).text(0) }
      precondition(found == item.eventID, "an event has another identifier")
      return
    }
    // Times and amounts that are too far off are judged behind the decoder.
    guard let reject = decoded.rejects.first else {
      precondition(refusal.reason == .absurdTime || refusal.field == "price", "a refused event is accepted")
      return
    }
    precondition(reject.reason == refusal.reason && reject.field == refusal.field, "the reason is another")
  }
}

enum IntakeSeeds {
  static let now: Int64 = 1_700_136_000_000

  @Sendable static func all() -> [[UInt8]] {
    [
      #"[{"event_type":"click","session_id":"s"},{"event_type":"nonsense"},{"session_id":"],"}]"#,
      "\n" + #"{"event_type":"click","event_id":"e","event_ts":1700000000}"# + "\n"
        + #"{"event_type":"search","query":"\u00e4","properties":{"a":[1]}}"#,
      #" {"timestamp":"2023-11-16T12:00:00Z","event_id":null,"event_type":"purchase","price":2.5,"quantity":3} "#,
    ].map { Array($0.utf8) }
  }
}
