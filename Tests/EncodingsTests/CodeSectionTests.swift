import Columns
import TestSupport
import Testing

@testable import Encodings

@Suite struct CodeSectionTests {
  private func read(_ bytes: [UInt8], count: Int, below limit: Int) throws -> [Int64] {
    var reader = PageReader(ByteArena(bytes))
    let codes = try CodeSection.read(&reader, count: count, below: limit, depth: 0)
    try reader.finish()
    return (0..<codes.count).map { Int64(codes[$0]) }
  }

  private func section(_ codes: [Int64], as encoding: PageEncoding) -> [UInt8] {
    var writer = ByteWriter()
    writer.write(encoding.rawValue)
    IntegerSection.write(codes.span, as: encoding, .zstd, depth: 1, to: &writer)
    return writer.bytes
  }

  /// In every encoding, with runs of one to twenty rows, and of one to three bytes a code.
  @Test(arguments: IntegerSectionTests.encodings)
  func codesAreThoseOfTheSection(_ encoding: PageEncoding) throws {
    for (seed, limit) in [1, 5, 300, 70_000].enumerated() {
      for count in IntegerSectionTests.counts {
        var random = SeededRandom(seed: UInt64(seed))
        var codes: [Int64] = []
        while codes.count < count {
          let code = Int64(random.next() % UInt64(limit))
          codes += [Int64](repeating: code, count: min(Int(random.next() % 20) + 1, count - codes.count))
        }
        let bytes = section(codes, as: encoding)
        #expect(try read(bytes, count: count, below: limit) == codes, "\(count) below \(limit)")
        guard let highest = codes.max() else { continue }
        #expect(throws: CorruptionError.self) { try read(bytes, count: count, below: Int(highest)) }
      }
    }
  }

  @Test(arguments: IntegerSectionTests.encodings)
  func numbersThatAreNoCodesAreRefused(_ encoding: PageEncoding) throws {
    for wrong in [-1, 5, Int64(UInt32.max) + 1, .min, .max] {
      var codes = [Int64](repeating: 3, count: 40)
      codes[17] = wrong
      let bytes = section(codes, as: encoding)
      #expect(throws: CorruptionError.self, "\(wrong)") { try read(bytes, count: 40, below: 5) }
    }
  }
}
