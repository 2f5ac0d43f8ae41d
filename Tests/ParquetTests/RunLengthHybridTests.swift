import Encodings
import TestSupport
import Testing

@testable import Parquet

@Suite struct RunLengthHybridTests {
  private func encoded(_ values: [UInt32], bitWidth: Int) -> [UInt8] {
    var writer = ByteWriter()
    RunLengthHybrid.append(values[...], bitWidth: bitWidth, to: &writer)
    return writer.bytes
  }

  /// The specification read the other way: `count` values.
  private func decoded(_ bytes: [UInt8], bitWidth: Int, count: Int) throws -> [UInt32] {
    var reader = ByteReader(bytes)
    var values: [UInt32] = []
    while !reader.isAtEnd {
      let header = try reader.readVarint()
      if header & 1 == 0 {
        var value: UInt32 = 0
        for byte in 0..<(bitWidth + 7) / 8 { value |= UInt32(try reader.readUInt8()) << UInt32(8 * byte) }
        values += [UInt32](repeating: value, count: Int(header >> 1))
      } else {
        let packed = Array(try reader.readRaw(Int(header >> 1) * bitWidth))
        for index in 0..<Int(header >> 1) * 8 {
          let bits = (0..<bitWidth).map { index * bitWidth + $0 }
          values.append(
            bits.enumerated().reduce(0) { $0 | UInt32(packed[$1.element / 8] >> ($1.element % 8) & 1) << $1.offset })
        }
      }
    }
    // Only the last group has zeros behind its values.
    #expect(values.count - count < 8 && values.dropFirst(count).allSatisfy { $0 == 0 })
    return Array(values.prefix(count))
  }

  @Test func theSpecificationsExampleIsPackedLowBitsFirst() {
    #expect(encoded(Array(0..<8), bitWidth: 3) == [0x03, 0b1000_1000, 0b1100_0110, 0b1111_1010])
  }

  @Test func runsAreTheirLengthAndTheirValue() {
    #expect(encoded([UInt32](repeating: 1, count: 100), bitWidth: 1) == [0xC8, 0x01, 0x01])
    #expect(encoded([UInt32](repeating: 300, count: 8), bitWidth: 9) == [0x10, 0x2C, 0x01])
    #expect(encoded([1, 0, 1], bitWidth: 1) == [0x03, 0b101])
    #expect(encoded([], bitWidth: 1) == [])
    // Three to pack take five of the run, so that their group is whole.
    #expect(encoded([0, 1, 0] + [UInt32](repeating: 1, count: 13), bitWidth: 1) == [0x03, 0b1111_1010, 0x10, 0x01])
  }

  @Test func widthsHoldTheLargestNumber() {
    #expect([1, 2, 3, 4, 5, 256, 257].map(RunLengthHybrid.bitWidth) == [1, 1, 2, 2, 3, 8, 9])
  }

  @Test(arguments: [1, 2, 3, 7, 8, 9, 13, 17, 20] as [Int])
  func whatIsReadIsWhatWasWritten(bitWidth: Int) throws {
    for seed in 1...60 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      var values: [UInt32] = []
      for _ in 0..<random.choose([0, 1, 3, 20]) {
        let value = UInt32(random.next() % (1 << UInt64(bitWidth)))
        let length = random.choose([1, 1, 2, 7, 8, 9, 15, 16, 100])
        values += [UInt32](repeating: value, count: length)
      }
      let read = try decoded(encoded(values, bitWidth: bitWidth), bitWidth: bitWidth, count: values.count)
      #expect(read == values, "seed \(seed)")
    }
  }
}
