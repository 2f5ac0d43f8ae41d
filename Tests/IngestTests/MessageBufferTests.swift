import Columns
import Testing

@testable import Ingest

@Suite struct MessageBufferTests {
  private static func fill(_ buffer: inout MessageBuffer, _ texts: [String], from offset: Int64) {
    for (index, text) in texts.enumerated() {
      let bytes = Array(text.utf8)
      buffer.append(bytes.span, offset: offset + Int64(index), arrival: 7)
    }
  }

  private static func texts(_ buffer: MessageBuffer) -> [String] {
    guard let arena = buffer.arena else { return [] }
    return buffer.messages.map { message in
      let range = Int(message.offset)..<Int(message.offset) + Int(message.length)
      return String(decoding: range.map { arena.span[$0] }, as: UTF8.self)
    }
  }

  /// The next messages lie where the last ones did, and nothing of these is left.
  @Test func memoryIsFilledAgain() throws {
    var buffer = MessageBuffer()
    #expect(buffer.arena == nil && buffer.byteCount == 0)
    Self.fill(&buffer, ["first", "", "third"], from: 5)
    buffer.append(nil, offset: 8, arrival: 9)
    #expect(Self.texts(buffer) == ["first", "", "third", ""])
    #expect(buffer.messages.map(\.logOffset) == [5, 6, 7, 8] && buffer.arrivals == [7, 7, 7, 9])
    let place = try ObjectIdentifier(#require(buffer.arena))
    buffer.removeAll(keeping: 1 << 20)
    #expect(buffer.count == 0 && buffer.byteCount == 0 && buffer.arrivals.isEmpty)
    Self.fill(&buffer, ["other"], from: 9)
    #expect(Self.texts(buffer) == ["other"])
    #expect(try ObjectIdentifier(#require(buffer.arena)) == place)
  }

  /// What somebody still reads is not written over; what one long message took does not stay.
  @Test func memoryIsLeftToItsReadersAndNotKeptForEver() throws {
    var buffer = MessageBuffer()
    Self.fill(&buffer, ["held"], from: 0)
    let held = try #require(buffer.arena)
    buffer.removeAll(keeping: 1 << 20)
    #expect(buffer.arena == nil && held.count == 4)
    Self.fill(&buffer, [String(repeating: "x", count: 1 << 20)], from: 1)
    buffer.removeAll(keeping: 1 << 16)
    #expect(buffer.arena == nil)
  }
}
