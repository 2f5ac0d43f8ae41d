public import Columns

/// What a decoder made of a chunk of messages.
public struct DecodedMessages: Sendable {
  /// One row for each accepted message, in their order, of the shape's schema.
  public let batch: Batch
  /// The log offset of each row.
  public let offsets: ColumnBuffer<Int64>
  /// The code of each row's event type; see `EventTypes`.
  public let types: ColumnBuffer<UInt8>
  /// `Hash.hash64` of each row's raw message.
  public let contentHash: ColumnBuffer<UInt64>
  /// The messages that were not accepted, in their order.
  public let rejects: [Reject]
  /// Decimals of accepted messages that had more than four fractional digits and lost something by rounding.
  public let decimalsRounded: Int
}

/// Turns JSON messages into columns, without an allocation per row: text stays where it is in the raw bytes.
///
/// One per lane: it learns the order of the keys and is used by one thread at a time, hence `@unchecked Sendable`.
public final class MessageDecoder: @unchecked Sendable {
  private let plan: DecodePlan

  public init(shape: MessageShape) { plan = DecodePlan(shape) }

  public var shape: MessageShape { plan.shape }

  /// Decodes `messages`, whose raw bytes `arena` holds; `source` goes into the shape's source column.
  ///
  /// The arena belongs to the batch from now on; text that is not in it verbatim is appended. Keep a chunk below 1
  /// GiB. A
  /// range outside the arena is a precondition failure. O(bytes).
  public func decode(arena: ByteArena, messages: [MessageRange], source: Int64 = 0) -> DecodedMessages {
    var rows = DecodedRows(plan, capacity: messages.count)
    let rawBytes = arena.count
    var rejects: [Reject] = []
    let cells = unsafe rows.cells
    unsafe cells.withUnsafeBufferPointer { cells in
      guard let cells = cells.baseAddress else { return }
      var parser = unsafe MessageParser(plan, arena, cells)
      for (index, message) in messages.enumerated() {
        precondition(
          message.length >= 0 && Int(message.offset) + Int(message.length) <= rawBytes,
          "a message lies outside its arena")
        switch decode(message, &parser) {
        case .accepted(let type):
          unsafe rows.accept(message, type, parser.states, parser.base)
          parser.row = rows.count
        case .rejected(let reason, let field):
          rejects.append(Reject(row: index, reason: reason, field: field, range: message))
        }
      }
    }
    return rows.finish(arena: arena, source: source, rejects: rejects)
  }

  /// One message, checked in the order of the reasons.
  @inline(__always)
  private func decode(_ message: MessageRange, _ parser: inout MessageParser) -> Verdict {
    let (start, length) = (Int(message.offset), Int(message.length))
    if length == 0 { return .rejected(.emptyMessage, field: nil) }
    if length > plan.shape.maximumMessageBytes { return .rejected(.tooLong, field: nil) }
    let scan = unsafe MessageScan(parser.base + start, length)
    if scan.hasNonASCII, unsafe !UTF8Check.isWellFormed(parser.base + start, length) {
      return .rejected(.invalidUTF8, field: nil)
    }
    var end = start + length
    while end > start, unsafe [0x20, 0x09, 0x0A, 0x0D].contains(parser.base[end - 1]) { end -= 1 }
    // The parser relies on this brace; a message without it is no object anyway.
    guard end > start, unsafe parser.base[end - 1] == 0x7D,
      parser.parse(from: start, to: end, hasControls: scan.hasControls)
    else { return .rejected(.malformedJSON, field: nil) }
    return parser.finish(rawOffset: start, rawLength: length)
  }
}
