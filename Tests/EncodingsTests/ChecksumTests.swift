import TestSupport
import Testing

@testable import Encodings

@Suite struct ChecksumTests {
  /// One bit at a time, from the polynomial.
  private func bitwise(_ bytes: [UInt8]) -> UInt32 {
    var crc = UInt32.max
    for byte in bytes {
      crc ^= UInt32(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
    }
    return ~crc
  }

  @Test func theCheckValueOfTheStandard() {
    #expect(Checksum.crc32c(Array("123456789".utf8)) == 0xE306_9283)
    #expect(Checksum.crc32c([UInt8]()) == 0)
    #expect(Checksum.crc32c([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
  }

  @Test func equalsTheBitwiseDefinitionAtEveryLengthAndSplit() {
    var random = SeededRandom(seed: 7)
    for length in 0..<70 {
      let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
      let whole = bitwise(bytes)
      #expect(Checksum.crc32c(bytes) == whole)
      let byTables = unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe buffer.baseAddress.map { unsafe Checksum.byTables($0, length, seed: 0) }
      }
      #expect(length == 0 || byTables == whole, "by tables, \(length) bytes")
      for split in 0...length {
        let first = Checksum.crc32c(Array(bytes[..<split]))
        #expect(Checksum.crc32c(Array(bytes[split...]), seed: first) == whole, "\(length) bytes split at \(split)")
      }
    }
  }

  /// From three stretches on the instruction goes over them side by side.
  @Test(arguments: [3071, 3072, 3073, 3079, 6143, 6144, 10_000]) func longTextsAreThoseOfTheirParts(_ length: Int) {
    var random = SeededRandom(seed: UInt64(length))
    let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    for seed in [0, UInt32(truncatingIfNeeded: random.next())] {
      let byTables = unsafe bytes.withUnsafeBufferPointer { buffer in
        unsafe buffer.baseAddress.map { unsafe Checksum.byTables($0, length, seed: seed) }
      }
      #expect(Checksum.crc32c(bytes, seed: seed) == byTables)
    }
    #expect(Checksum.crc32c(bytes) == bitwise(bytes))
  }
}
