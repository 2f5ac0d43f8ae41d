import Columns
import TestSupport
import Testing

@testable import Encodings

@Suite struct ValiditySectionTests {
  private func read(_ bytes: [UInt8], rowCount: Int, nullCount: Int) throws -> [Bool] {
    var reader = PageReader(ByteArena(bytes))
    let validity = try ValiditySection.read(&reader, rowCount: rowCount, nullCount: nullCount)
    try reader.finish()
    return (0..<rowCount).map { validity.isValid($0) }
  }

  @Test func bitmapsReadBackAndLongRunsTakeFewBytes() throws {
    for rowCount in [1, 2, 63, 64, 65, 1023, 1024, 1025, 10_000] {
      for share in [0, 1, 2, 500, 998, 999, 1000] as [UInt64] {
        var random = SeededRandom(seed: share)
        let flags = (0..<rowCount).map { _ in random.next() % 1000 < share }
        let validity = ValidityBitmap(flags)
        var writer = ByteWriter()
        ValiditySection.write(validity, .lz4, to: &writer)
        let words = ValidityBitmap.wordCount(rowCount: rowCount) * 8
        #expect(writer.count <= words + 1)
        if rowCount == 10_000, share <= 1 || share >= 999 { #expect(writer.count < words / 2, "share \(share)") }
        let read = try read(writer.bytes, rowCount: rowCount, nullCount: validity.nullCount)
        #expect(read == flags, "\(rowCount) rows, seed \(share)")
      }
    }
  }

  @Test func runsThatPassTheLastRowAreRefused() throws {
    let pairs: [([Int64], [Int64])] = [
      ([5, 5], [1, 0]), ([-1, 11], [0, 0]), ([.max, 1], [1, 1]), ([4, 4], [1, 0]),
    ]
    for (valid, null) in pairs {
      var writer = ByteWriter()
      writer.write(UInt8(1))
      writer.writeVarint(2)
      IntegerSection.write(valid.span, .lz4, depth: 1, to: &writer)
      IntegerSection.write(null.span, .lz4, depth: 1, to: &writer)
      #expect(throws: CorruptionError.self) { try read(writer.bytes, rowCount: 10, nullCount: 1) }
    }
    #expect(throws: CorruptionError.self) { try read([2], rowCount: 10, nullCount: 1) }
  }
}
