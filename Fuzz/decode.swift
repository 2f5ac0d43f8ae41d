import Columns
import Ingest

/// The fuzzed bytes as messages: one of all, and one each line, decoded in one chunk without traps or stray reads.
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
  for case .string(let column) in decoded.batch.columns {
    for row in 0..<column.rowCount {
      precondition((try? UTF8Span(validating: column.bytes(row))) != nil, "a cell is not UTF-8")
    }
  }
  return 0
}

enum Fuzzed {
  static let decoder = (try? EventShape.make()).map { MessageDecoder(shape: $0) }
}
