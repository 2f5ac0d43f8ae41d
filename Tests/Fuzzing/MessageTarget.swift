internal import Columns
internal import Commerce
internal import Ingest

extension FuzzTarget {
  /// The input as messages: one of all, and one each line, decoded in one chunk by a decoder that has learned from all
  /// messages before as by a new one. Making that one takes longer than decoding, so that one input in eight has to do.
  static let message = FuzzTarget(
    "message", "messages of a topic: JSON to columns", maximumByteCount: 2048, seeds: MessageSeeds.all
  ) { bytes in
    let decoder = try MessageSeeds.decoder.get()
    let messages = MessageSeeds.messages(bytes)
    let decoded = decoder.decode(arena: ByteArena(bytes), messages: messages)
    precondition(decoded.batch.rowCount + decoded.rejects.count == messages.count, "a message was lost")
    checkText(decoded)
    if bytes.count & 7 == 0 {
      let fresh = MessageDecoder(shape: decoder.shape).decode(arena: ByteArena(bytes), messages: messages)
      checkSame(decoded, fresh)
    }
  }

  private static func checkText(_ decoded: DecodedMessages) {
    for case .string(let column) in decoded.batch.columns {
      for row in 0..<column.rowCount {
        precondition((try? UTF8Span(validating: column.bytes(row))) != nil, "a cell is not UTF-8")
      }
    }
  }

  private static func checkSame(_ learned: DecodedMessages, _ fresh: DecodedMessages) {
    precondition(fresh.rejects.map(\.reason) == learned.rejects.map(\.reason), "what was learned changed a verdict")
    for case (.string(let column), .string(let expected)) in zip(learned.batch.columns, fresh.batch.columns) {
      for row in 0..<column.rowCount {
        precondition(column.text(row) == expected.text(row), "what was learned changed a cell")
      }
    }
  }
}

enum MessageSeeds {
  /// One for all inputs of a process, so that it learns.
  static let decoder = Result {
    MessageDecoder(shape: EventSchema.shape(types: try EngineFiles.job.get().types, maximumMessageBytes: 1 << 20))
  }

  static func messages(_ bytes: [UInt8]) -> [MessageRange] {
    var messages = [MessageRange(offset: 0, length: Int32(bytes.count), logOffset: 0)]
    var start = 0
    for (index, byte) in (bytes + [0x0A]).enumerated() where byte == 0x0A {
      messages.append(MessageRange(offset: UInt32(start), length: Int32(index - start), logOffset: Int64(index)))
      start = index + 1
    }
    return messages
  }

  @Sendable static func all() -> [[UInt8]] {
    [
      #"{"event_type":"purchase","event_ts":"2023-11-16T12:00:04.235Z","page":"\u00e4","price":29.90,"quantity":2,"#
        + #""utm":{"source":"a","term":1},"geo":{"lat":48.1,"lon":-1e-3},"device":{"mobile":true},"#
        + #""properties":{"k":[1]},"x":null}"#,
      #"{"timestamp":1700000000.5,"event_type":"order.paid","price":-1e-5,"a":{"b":"\ud83d\ude00"}}"#,
      #"{"event_type":"click","event_ts":1700000000000,"session_id":"s_1"}"# + "\n"
        + #"{"event_type":"click","event_ts":1700000000000,"session_id":"s_2","element_id":"b"}"#,
    ].map { Array($0.utf8) }
  }
}
