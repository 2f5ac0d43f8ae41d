import Columns
import Ingest

/// The fuzzed bytes as messages: one of all, and one each line, decoded in one chunk without traps or stray reads, by a
/// decoder that has learned from all messages before as by a new one. Making that one takes longer than decoding, so
/// that one input in eight has to do.
@_cdecl("LLVMFuzzerTestOneInput")
public func decodeFuzz(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  guard let data, let decoder = Fuzzed.decoder else { return 0 }
  let bytes = [UInt8](UnsafeBufferPointer(start: data, count: count))
  let arena = ByteArena(bytes)
  var messages = [MessageRange(offset: 0, length: Int32(count), logOffset: 0)]
  var start = 0
  for (index, byte) in (bytes + [0x0A]).enumerated() where byte == 0x0A {
    messages.append(MessageRange(offset: UInt32(start), length: Int32(index - start), logOffset: Int64(index)))
    start = index + 1
  }
  let decoded = decoder.decode(arena: arena, messages: messages)
  precondition(decoded.batch.rowCount + decoded.rejects.count == messages.count, "a message was lost")
  checkText(decoded)
  if count & 7 == 0 {
    checkSame(decoded, MessageDecoder(shape: decoder.shape).decode(arena: ByteArena(bytes), messages: messages))
  }
  return 0
}

func checkText(_ decoded: DecodedMessages) {
  for case .string(let column) in decoded.batch.columns {
    for row in 0..<column.rowCount {
      precondition((try? UTF8Span(validating: column.bytes(row))) != nil, "a cell is not UTF-8")
    }
  }
}

func checkSame(_ learned: DecodedMessages, _ fresh: DecodedMessages) {
  precondition(fresh.rejects.map(\.reason) == learned.rejects.map(\.reason), "what was learned changed a verdict")
  for case (.string(let column), .string(let expected)) in zip(learned.batch.columns, fresh.batch.columns) {
    for row in 0..<column.rowCount {
      precondition(column.text(row) == expected.text(row), "what was learned changed a cell")
    }
  }
}

enum Fuzzed {
  static let decoder = (try? EventShape.make()).map { MessageDecoder(shape: $0) }
}
