import Encodings
import Testing

@testable import Parquet

@Suite struct ParquetWriterTests {
  private static let columns = [
    ParquetColumn("place", .integer, isOptional: false), ParquetColumn("at", .timestamp),
    ParquetColumn("price", .decimal(precision: 38, scale: 4)), ParquetColumn("name", .text),
    ParquetColumn("more", .json), ParquetColumn("share", .real), ParquetColumn("flag", .boolean),
  ]

  private func file(rows: Int, rowsPerGroup: Int) throws -> [UInt8] {
    var file: [UInt8] = []
    let writer = ParquetWriter(Self.columns, rowsPerGroup: rowsPerGroup) { file += $0 }
    for row in 0..<rows {
      try writer.append([
        .integer(Int64(row)), .integer(1_700_000_000_000), .amount(Int128(row) << 64), .text([0x61]), .null, .real(0.5),
        .boolean(row % 2 == 0),
      ])
    }
    try writer.finish()
    return file
  }

  /// The footer, found as readers find it.
  private func footer(_ file: [UInt8]) throws -> ThriftValue {
    #expect(Array(file.prefix(4)) == Array("PAR1".utf8) && Array(file.suffix(4)) == Array("PAR1".utf8))
    var end = ByteReader(file.suffix(8))
    let length = Int(try end.readUInt32())
    var reader = ByteReader(file.dropLast(8).suffix(length))
    let footer = try ThriftValue(from: &reader)
    #expect(reader.isAtEnd)
    return footer
  }

  @Test func theSchemaNamesTypes() throws {
    let schema = try #require(footer(file(rows: 1, rowsPerGroup: 10))[2]).elements
    #expect(schema.map { $0[4]?.text } == ["rows"] + Self.columns.map(\.name))
    #expect(schema[0][5]?.number == 7 && schema[0][1] == nil)
    #expect(schema.dropFirst().map { $0[1]?.number } == [2, 2, 7, 6, 6, 5, 0])
    #expect(schema.dropFirst().map { $0[3]?.number } == [0, 1, 1, 1, 1, 1, 1])
    #expect(schema.dropFirst().map { $0[6]?.number } == [18, 9, 5, 0, 19, nil, nil])
    #expect(schema[3][2]?.number == 16 && schema[3][10]?[5]?[1]?.number == 4 && schema[3][10]?[5]?[2]?.number == 38)
    // UTC, and milliseconds.
    #expect(schema[2][10]?[8]?[1] == .boolean(true) && schema[2][10]?[8]?[2]?[1] == .structure([:]))
    #expect(schema[4][10] == .structure([1: .structure([:])]) && schema[5][10] == .structure([12: .structure([:])]))
  }

  @Test func rowGroupsAreWhereTheFooterSays() throws {
    let file = try file(rows: 25, rowsPerGroup: 10)
    let footer = try footer(file)
    #expect(footer[3]?.number == 25 && footer[7]?.elements.count == 7)
    let groups = try #require(footer[4]).elements
    #expect(groups.map { $0[3]?.number } == [10, 10, 5])
    var offset = 4
    for group in groups {
      #expect(group[5]?.number == offset)
      for chunk in try #require(group[1]).elements {
        let data = try #require(chunk[3])
        let byteCount = try #require(data[7]?.number)
        #expect((data[11] ?? data[9])?.number == offset && data[4]?.number == 6)
        let pages = try StoredPage.all(in: Array(file[offset..<offset + byteCount]))
        #expect((data[11] != nil) == pages[0].isDictionary)
        #expect(data[5]?.number == pages.last?.valueCount)
        offset += byteCount
      }
    }
    #expect(offset < file.count)
    let first = try #require(groups[0][1]).elements
    #expect(first[4][3]?[12]?[3]?.number == 10, "all of 'more' are null")
    #expect(first[0][3]?[12]?[5]?.bytes == [9, 0, 0, 0, 0, 0, 0, 0] && first[0][3]?[12]?[7] == .boolean(true))
  }

  @Test func noRowsAreAFileToo() throws {
    let footer = try footer(file(rows: 0, rowsPerGroup: 10))
    #expect(footer[3]?.number == 0 && footer[4] == .list([]) && footer[2]?.elements.count == 8)
  }

  /// Long texts end a row group before its rows do.
  @Test func memoryIsBounded() throws {
    var byteCount = 0
    var largest = 0
    let writer = ParquetWriter([ParquetColumn("raw", .text)]) {
      byteCount += $0.count
      largest = max(largest, $0.count)
    }
    for row in 0..<200 {
      try writer.append([.text([UInt8](repeating: UInt8(row), count: 1 << 20))])
    }
    #expect(byteCount > 4, "a row group of 128 MiB has been written by now")
    try writer.finish()
    #expect(largest < 64 << 20)
  }
}
