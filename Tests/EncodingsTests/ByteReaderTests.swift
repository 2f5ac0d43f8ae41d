import Encodings
import TestSupport
import Testing

@Suite struct ByteReaderTests {
  /// One thing that a writer can write.
  enum Item: Equatable {
    case byte(UInt8), word32(UInt32), word64(UInt64), signed(Int64), varint(UInt64), signedVarint(Int64)
    case flag(Bool), text(String), bytes([UInt8]), words([UInt64])

    static func random(_ random: inout SeededRandom) -> Item {
      let bits = UInt64.random(in: 0...64, using: &random)
      let number = bits == 0 ? 0 : random.next() >> (64 - bits)
      let count = [0, 1, 7, 8, 63, 64, 65, 127, 128, 1000].randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<10, using: &random) {
      case 0: return .byte(UInt8(truncatingIfNeeded: number))
      case 1: return .word32(UInt32(truncatingIfNeeded: number))
      case 2: return .word64(number)
      case 3: return .signed(Int64(bitPattern: number))
      case 4: return .varint(number)
      case 5: return .signedVarint(Int64(bitPattern: number &* 0x9E37_79B9_7F4A_7C15) >> Int64(64 - max(bits, 1)))
      case 6: return .flag(number & 1 == 1)
      case 7: return .text(String(repeating: "né", count: count))
      case 8: return .bytes((0..<count).map { UInt8(truncatingIfNeeded: $0) })
      default: return .words((0..<count).map { _ in random.next() })
      }
    }

    func write(to writer: inout ByteWriter) {
      switch self {
      case .byte(let value): writer.write(value)
      case .word32(let value): writer.write(value)
      case .word64(let value): writer.write(value)
      case .signed(let value): writer.write(value)
      case .varint(let value): writer.writeVarint(value)
      case .signedVarint(let value): writer.writeSignedVarint(value)
      case .flag(let value): writer.write(value)
      case .text(let value): writer.write(value)
      case .bytes(let value): writer.write(bytes: value)
      case .words(let value): writer.write(words: value)
      }
    }

    func readBack(from reader: inout ByteReader) throws(CorruptionError) -> Item {
      switch self {
      case .byte: .byte(try reader.readUInt8())
      case .word32: .word32(try reader.readUInt32())
      case .word64: .word64(try reader.readUInt64())
      case .signed: .signed(try reader.readInt64())
      case .varint: .varint(try reader.readVarint())
      case .signedVarint: .signedVarint(try reader.readSignedVarint())
      case .flag: .flag(try reader.readBool())
      case .text: .text(try reader.readText())
      case .bytes: .bytes(try reader.readBytes())
      case .words: .words(try reader.readWords())
      }
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func whatIsWrittenIsRead(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let items = (0..<500).map { _ in Item.random(&random) }
    var writer = ByteWriter()
    for item in items { item.write(to: &writer) }
    var reader = ByteReader(writer.bytes)
    for item in items { #expect(try item.readBack(from: &reader) == item, "seed \(seed)") }
    #expect(reader.isAtEnd)
  }

  @Test(arguments: [4, 5] as [UInt64])
  func everyTruncationIsAnError(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<200 {
      let item = Item.random(&random)
      var writer = ByteWriter()
      item.write(to: &writer)
      for length in Set([0, 1, writer.count / 2, writer.count - 1]) where length < writer.count {
        #expect(throws: CorruptionError.self, "seed \(seed), \(item), \(length) bytes") {
          var reader = ByteReader(writer.bytes[..<length])
          _ = try item.readBack(from: &reader)
        }
      }
    }
  }

  @Test func extremesOfVarints() throws {
    for value in [0, 127, 128, 16_383, 16_384, UInt64.max - 1, .max] {
      var writer = ByteWriter()
      writer.writeVarint(value)
      writer.writeSignedVarint(Int64(bitPattern: value))
      var reader = ByteReader(writer.bytes)
      #expect(try reader.readVarint() == value)
      #expect(try reader.readSignedVarint() == Int64(bitPattern: value))
    }
  }

  @Test func anOverlongVarintIsAnError() {
    var reader = ByteReader([UInt8](repeating: 0xFF, count: 10))
    #expect(throws: CorruptionError.self) { try reader.readVarint() }
  }

  @Test func aDeclaredLengthBeyondTheEndIsAnErrorBeforeAllocation() {
    var writer = ByteWriter()
    writer.writeVarint(UInt64.max)
    writer.write(UInt64(0))
    for read in [
      { (reader: inout ByteReader) throws in _ = try reader.readText() },
      { (reader: inout ByteReader) throws in _ = try reader.readBytes() },
      { (reader: inout ByteReader) throws in _ = try reader.readWords() },
    ] {
      var reader = ByteReader(writer.bytes)
      #expect(throws: CorruptionError.self) { try read(&reader) }
    }
  }

  @Test func illFormedTextIsAnError() {
    var writer = ByteWriter()
    writer.write(bytes: [0xC3, 0x28])
    var reader = ByteReader(writer.bytes)
    #expect(throws: CorruptionError.self) { try reader.readText() }
  }

  @Test func anErrorSaysWhereAndInWhat() {
    let error = CorruptionError("a magic is missing", offset: 12).inside("row group 3").withPath("a/b.seg")
    #expect(error.description == "a/b.seg is corrupt at byte 12: row group 3: a magic is missing")
  }
}
