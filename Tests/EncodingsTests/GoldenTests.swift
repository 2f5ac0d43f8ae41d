import Columns
import Testing

@testable import Encodings

/// The stored form, byte by byte: a change here is a change of the format, which needs a new version.
@Suite struct GoldenTests {
  private static let numbers: [(PageEncoding, [Int64], String)] = [
    (.plain, [1, -1], "0100000000000000 ffffffffffffffff"),
    // Width 2, smallest 100; 0, 1 and 3 in the first three of sixteen lanes.
    (
      .frameOfReference, [100, 101, 103],
      "02 c801" + "0000000000000000 0100000000000000 0300000000000000" + zeroWords(13)
    ),
    // First 100; differences 1 (again), 1, 2: width 1, smallest 1.
    (.delta, [100, 101, 103], "c801 01 02" + zeroWords(2) + "0100000000000000" + zeroWords(13)),
    // First 100, first difference 1; differences of differences 0 (again), 0, 1.
    (.deltaOfDelta, [100, 101, 103], "c801 02 01 00" + zeroWords(2) + "0100000000000000" + zeroWords(13)),
    // Two runs; their values, plain, and their lengths.
    (
      .runLength, [7, 7, 7, 9],
      "02 00 0700000000000000 0900000000000000 00 0300000000000000 0100000000000000"
    ),
    // Smallest 100, one plane.
    (.bytePlanes, [100, 101, 103], "c801 01 00 01 03"),
    // First 100; zigzag differences 2 (again), 2, 4: smallest 2, one plane.
    (.deltaPlanes, [100, 101, 103], "c801 04 01 00 00 02"),
  ]

  private static func zeroWords(_ count: Int) -> String { String(repeating: "00", count: 8 * count) }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private func expect(_ writer: ByteWriter, _ golden: String) {
    #expect(hex(writer.bytes) == golden.filter { $0 != " " })
  }

  private func texts(_ texts: [String]) -> StringColumn {
    var builder = BatchBuilder(Schema([Field("column", .string)]))
    for text in texts { builder.append(text, to: 0) }
    return builder.build().strings(0)
  }

  @Test func numbersAreStoredAsSpecified() {
    for (encoding, values, golden) in Self.numbers {
      var writer = ByteWriter()
      IntegerSection.write(values.span, as: encoding, .none, depth: 0, to: &writer)
      expect(writer, golden)
    }
  }

  /// Ten values a lane, of seven bits each: the tenth number of a lane crosses the end of its first word.
  @Test func lanesArePackedLowBitsFirstAndRunOverTheirWords() {
    let values = (0..<160).map { Int64($0 / 16 == 9 ? 127 : $0 == 0 ? 1 : 0) }
    var writer = ByteWriter()
    FrameOfReference.write(values.span, to: &writer)
    // Number 9 of each lane begins at bit 63: one bit in the first word, six in the next.
    let first = "0100000000000080" + String(repeating: "0000000000000080", count: 15)
    expect(writer, "07 00" + first + String(repeating: "3f00000000000000", count: 16))
  }

  @Test func dictionariesAndScaledNumbersAreStoredAsSpecified() {
    var writer = ByteWriter()
    let few: [Int64] = [5, 5, 9]
    IntegerDictionary(few.span)?.write(.none, depth: 0, to: &writer)
    expect(
      writer,
      "02 00 0500000000000000 0900000000000000 00 0000000000000000 0000000000000000 0100000000000000")
    writer = ByteWriter()
    let hundreds: [Int64] = [300, -100]
    Scaled.write(hundreds.span, exponent: Scaled.exponent(hundreds.span), .none, depth: 0, to: &writer)
    expect(writer, "02 00 0300000000000000 ffffffffffffffff")
  }

  @Test func textsAreStoredAsSpecified() {
    var writer = ByteWriter()
    PackedText.write([texts(["/a", "/bc"])], prefixLength: 1, .none, to: &writer)
    expect(writer, "01 2f 00 0100000000000000 0200000000000000 61 6263")
    writer = ByteWriter()
    TextSection.write(texts(["u_07", "u_12"]), to: &writer)
    expect(writer, "0b 02 755f 02 00 0700000000000000 0c00000000000000")
    writer = ByteWriter()
    TextSection.write(texts(["id-0123f", "id-9876e"]), to: &writer)
    expect(writer, "02 08 69642d3031323366 f8 0123f0 9876e0")
    writer = ByteWriter()
    TextDictionary([texts(["x", "y", "x"])], rowCount: 3)?.write(.none, to: &writer)
    expect(
      writer,
      "02 0a 00 00 0100000000000000 0100000000000000 78 79"
        + "00 0000000000000000 0100000000000000 0000000000000000")
  }

  @Test func validityIsStoredAsSpecified() {
    var writer = ByteWriter()
    ValiditySection.write(ValidityBitmap([true, false, true]), .none, to: &writer)
    expect(writer, "00 0500000000000000")
    // One pair of runs: 200 values, 100 nulls.
    writer = ByteWriter()
    ValiditySection.write(ValidityBitmap((0..<300).map { $0 < 200 }), .none, to: &writer)
    expect(writer, "01 01 00 c800000000000000 00 6400000000000000")
  }
}
