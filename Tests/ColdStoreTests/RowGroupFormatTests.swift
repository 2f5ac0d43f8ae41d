import Columns
import Encodings
import TestSupport
import Testing

@testable import ColdStore

/// The stored form of a row group, byte by byte: a change here is a change of the format, which needs a new version.
@Suite struct RowGroupFormatTests {
  let files = LocalFileSystem()
  let temporary = TemporaryDirectory()

  /// One column `n` with the values 1 and 2, of table `t`, on day 0, behind the file's magic.
  private static let golden =
    "52464c524f575331" + "52475236 25000000"
    + "01 74  00  02  00  01"
    + "01 6e  00  00  00  00 10 10  5a6d0422  02 0100000000000000 0200000000000000  00"
    + "00" + "361755e9" + "0100000000000000 0200000000000000"

  /// The same as the versions before wrote it, whose files are still there.
  private static let olderGoldens = [("52475235", "77eac1f8"), ("52475234", "e76c160b")].map { magic, checksum in
    golden.replacing("52475236", with: magic).replacing("361755e9", with: checksum)
  }

  /// One column `a_id` with the texts `a` and `b`: the page, then a filter of one block.
  private static let filteredGolden =
    "52464c524f575331" + "52475236 2c000000"
    + "01 74  00  02  00  01"
    + "04 615f6964  05  00  00  00 05 05  bb7fa416  04 0000000000000061 0000000000000062  20 cd61ad99"
    + "00" + "bd490965" + "01 01 01 61 62"
    + "00401000 00008000 00800080 10000400 10400000 00002080 00000018 00080200"

  private func writeTail() throws -> String {
    var builder = BatchBuilder(Schema([Field("n", .integer)]))
    builder.append(Int64(1), to: 0)
    builder.append(Int64(2), to: 0)
    let tail = try TailWriter(creating: temporary.path + "/tail", fileSystem: files)
    try tail.append(RowGroup.encode(table: "t", day: 0, builder.build()))
    try tail.flush()
    return tail.path
  }

  @Test func aRowGroupIsStoredAsSpecified() throws {
    let bytes = try files.readAll(try writeTail())
    #expect(hex(bytes) == Self.golden.filter { $0 != " " })
  }

  @Test(arguments: 0..<2) func theVersionsBeforeAreRead(version: Int) throws {
    let path = temporary.path + "/older"
    let file = try files.createFile(path)
    let bytes = bytes(Self.olderGoldens[version])
    try file.append(bytes.span)
    let rows = try TailReader.open(path, validLength: bytes.count, fileSystem: files).read(0)
    #expect(rows.integers(0)[0] == 1 && rows.integers(0)[1] == 2)
  }

  private func bytes(_ hex: String) -> [UInt8] {
    let digits = hex.compactMap(\.hexDigitValue)
    return stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
  }

  private func hex(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  @Test func aFilterIsStoredAsSpecified() throws {
    var builder = BatchBuilder(Schema([Field("a_id", .string)]))
    builder.append("a", to: 0)
    builder.append("b", to: 0)
    let tail = try TailWriter(creating: temporary.path + "/filtered", fileSystem: files)
    try tail.append(RowGroup.encode(table: "t", day: 0, stage: .merged, builder.build()))
    try tail.flush()
    #expect(hex(try files.readAll(tail.path)) == Self.filteredGolden.filter { $0 != " " })
    let file = try TailReader.open(tail.path, validLength: tail.validLength, fileSystem: files)
    try file.verify()
    #expect(try file.mayContain(0, column: "a_id", anyOf: [Array("x".utf8), Array("b".utf8)]))
    #expect(try !file.mayContain(0, column: "b_id", anyOf: [Array("b".utf8)]), "no such column")
  }

  @Test func anotherVersionIsRefusedByName() throws {
    let path = try writeTail()
    var bytes = try files.readAll(path)
    bytes[8 + 3] = UInt8(ascii: "2")
    let file = try files.createFile(path)
    try file.append(bytes.span)
    let error = #expect(throws: CorruptionError.self) {
      try TailReader.open(path, validLength: bytes.count, fileSystem: files)
    }
    #expect(error?.what.contains("RGR2") == true)
  }

  /// Rows to be kept take fewer bytes than fresh ones, the same rows come back, and they alone can be asked for texts.
  @Test func theStageDecidesWhatIsSpent() throws {
    var random = SeededRandom(seed: 31)
    let batch = TestTable.batch(5000, day: 0, &random)
    var pageBytes: [Int] = []
    for stage in [RowGroup.Stage.fresh, .merged] {
      let path = "\(temporary.path)/\(stage)"
      let tail = try TailWriter(creating: path, fileSystem: files)
      let group = RowGroup.encode(table: "events", day: 0, stage: stage, batch)
      try tail.append(group)
      try tail.flush()
      pageBytes.append(group.header.pages.reduce(0) { $0 + $1.storedByteCount })
      let file = try TailReader.open(path, validLength: tail.validLength, fileSystem: files)
      #expect(try TestTable.rows(file) == TestTable.rows(batch), "\(stage)")
      let known = batch.schema.fields.indices.filter { batch.schema.fields[$0].name.hasSuffix("_id") }
      #expect(!known.isEmpty)
      #expect(known.allSatisfy { (group.header.filters[$0] != nil) == (stage == .merged) }, "\(stage)")
    }
    #expect(pageBytes[1] < pageBytes[0])
  }
}
