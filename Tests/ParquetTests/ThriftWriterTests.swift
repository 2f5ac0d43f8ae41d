import Testing

@testable import Parquet

/// Bytes as the compact protocol's specification has them.
@Suite struct ThriftWriterTests {
  @Test func fieldsAreDifferencesAndZigzags() {
    let bytes = ThriftWriter.structure { structure in
      structure.write(1, Int32(1))
      structure.write(2, Int64(-1))
      structure.write(3, true)
      structure.write(4, false)
      structure.write(5, byte: 64)
      structure.write(6, Int16(-300))
      structure.write(7, "é")
    }
    #expect(
      bytes == [0x15, 0x02, 0x16, 0x01, 0x11, 0x12, 0x13, 64, 0x14, 0xD7, 0x04, 0x18, 0x02, 0xC3, 0xA9, 0x00])
  }

  @Test func aFieldFarAheadHasItsNumber() {
    #expect(ThriftWriter.structure { $0.write(15, Int32(3)) } == [0xF5, 0x06, 0x00])
    #expect(ThriftWriter.structure { $0.write(16, Int32(3)) } == [0x05, 0x20, 0x06, 0x00])
    #expect(ThriftWriter.structure { $0.write(300, Int32(3)) } == [0x05, 0xD8, 0x04, 0x06, 0x00])
  }

  @Test func numbersStartAnewInside() {
    let bytes = ThriftWriter.structure { outer in
      outer.write(4) { inner in inner.write(1, Int32(5)) }
      outer.writeEmpty(5)
      outer.write(6, Int32(6))
    }
    #expect(bytes == [0x4C, 0x15, 0x0A, 0x00, 0x1C, 0x00, 0x15, 0x0C, 0x00])
  }

  @Test func listsSayHowMany() {
    #expect(ThriftWriter.structure { $0.write(1, [Int32(0), 3]) } == [0x19, 0x25, 0x00, 0x06, 0x00])
    #expect(ThriftWriter.structure { $0.write(1, ["a"]) } == [0x19, 0x18, 0x01, 0x61, 0x00])
    let many = ThriftWriter.structure { $0.write(1, [Int32](repeating: -1, count: 200)) }
    #expect(Array(many.prefix(5)) == [0x19, 0xF5, 0xC8, 0x01, 0x01] && many.count == 4 + 200 + 1)
    let structures = ThriftWriter.structure { $0.write(1, [1, 2]) { $0.write(1, Int32($1)) } }
    #expect(structures == [0x19, 0x2C, 0x15, 0x02, 0x00, 0x15, 0x04, 0x00, 0x00])
  }
}
