import Testing

@testable import Parquet

@Suite struct ColumnGathererTests {
  private func chunk(
    _ type: ParquetType, isOptional: Bool = true, _ cells: [ParquetCell]
  ) throws -> (chunk: ColumnChunk, pages: [StoredPage]) {
    let gatherer = ParquetColumn("c", type, isOptional: isOptional).gatherer()
    for cell in cells { #expect(try gatherer.append(cell) > 0) }
    let chunk = gatherer.finish()
    return (chunk, try StoredPage.all(in: chunk.bytes))
  }

  @Test func distinctNumbersArePlainBehindTheirLevels() throws {
    let (chunk, pages) = try chunk(.integer, [.integer(1), .null, .integer(-2)])
    #expect(pages.count == 1 && pages[0].valueCount == 3 && pages[0].encoding == 0 && !pages[0].isDictionary)
    // Levels: two bytes, one group of eight. Then two values of eight bytes.
    let values: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0, 0xFE] + [UInt8](repeating: 0xFF, count: 7)
    #expect(pages[0].plain == [2, 0, 0, 0, 0x03, 0b101] + values)
    #expect(chunk.rowCount == 3 && chunk.dataPageCount == 1 && !chunk.hasDictionary)
    #expect(chunk.statistics.nullCount == 1)
    #expect(chunk.statistics.smallest?.bytes == Array(values.suffix(8)))
    #expect(chunk.statistics.largest?.bytes == Array(values.prefix(8)))
  }

  @Test func repeatedTextsHaveADictionary() throws {
    let cells = (0..<20).map { ParquetCell.text($0 < 10 ? [0x61, 0x62] : [0x63]) }
    let (chunk, pages) = try chunk(.text, isOptional: false, cells)
    #expect(pages.map(\.isDictionary) == [true, false] && pages.map(\.valueCount) == [2, 20])
    #expect(pages[0].plain == [2, 0, 0, 0, 0x61, 0x62, 1, 0, 0, 0, 0x63] && pages[0].encoding == 0)
    // No levels. The width of a number; ten zeros; ten ones.
    #expect(pages[1].plain == [1, 20, 0, 20, 1] && pages[1].encoding == 8)
    #expect(chunk.statistics.smallest == StatisticsBound(bytes: [0x61, 0x62]))
    #expect(chunk.statistics.largest == StatisticsBound(bytes: [0x63]))
    let headers = chunk.bytes.count - chunk.dictionaryByteCount
    #expect(chunk.dictionaryByteCount > 0 && headers > 0)
  }

  @Test func booleansAreBitsAndDecimalsBigEndian() throws {
    let flags = try chunk(.boolean, isOptional: false, [true, false, false, true].map { .boolean($0) }).pages
    #expect(flags.count == 1 && flags[0].plain == [0b1001])
    let (chunk, pages) = try chunk(
      .decimal(precision: 19, scale: 4), isOptional: false, [.amount(-2), .amount(Int128(Int64.max))])
    let ones = [UInt8](repeating: 0xFF, count: 8)
    #expect(pages[0].plain == ones + [0xFE, 0, 0x7F] + ones.dropFirst())
    #expect(chunk.statistics.smallest?.bytes == Array(pages[0].plain.prefix(9)))
  }

  @Test func fixedLengthsHoldTheirDigits() {
    let lengths = [1, 2, 3, 9, 10, 18, 19, 38].map { ParquetType.decimal(precision: $0, scale: 0).fixedByteCount }
    #expect(lengths == [1, 1, 2, 4, 5, 8, 9, 16])
  }

  @Test func manyRowsAreManyPages() throws {
    let cells = (0..<40_000).map { $0 % 3 == 0 ? ParquetCell.null : .integer(Int64($0)) }
    let (chunk, pages) = try chunk(.timestamp, cells)
    #expect(pages.map(\.valueCount) == [16_384, 16_384, 7232] && chunk.dataPageCount == 3)
    #expect(chunk.rowCount == 40_000 && chunk.statistics.nullCount == 13_334)
  }

  @Test func nothingButNullsHasLevelsAlone() throws {
    let (chunk, pages) = try chunk(.text, [.null, .null])
    #expect(pages.count == 1 && pages[0].plain == [2, 0, 0, 0, 0x03, 0])
    #expect(chunk.statistics.smallest == nil && chunk.statistics.largest == nil && chunk.statistics.nullCount == 2)
  }

  @Test func boundsExcludeNoValue() throws {
    let reals = try chunk(.real, [.real(0), .real(-1.5)]).chunk.statistics
    #expect(reals.largest?.bytes == [0, 0, 0, 0, 0, 0, 0, 0])
    #expect(try chunk(.real, [.real(-0.0)]).chunk.statistics.largest?.bytes == [0, 0, 0, 0, 0, 0, 0, 0])
    #expect(try chunk(.real, [.real(0)]).chunk.statistics.smallest?.bytes == [0, 0, 0, 0, 0, 0, 0, 0x80])
    #expect(try chunk(.real, [.real(1), .real(.nan)]).chunk.statistics.smallest == nil)
    let long = [UInt8](repeating: 0x61, count: 63) + Array("é".utf8)
    let texts = try chunk(.text, [.text(long)]).chunk.statistics
    #expect(texts.smallest == StatisticsBound(bytes: Array(long.prefix(63)), isExact: false))
    #expect(texts.largest == StatisticsBound(bytes: Array(long.prefix(62)) + [0x62], isExact: false))
    let nothingToRaise = [UInt8](repeating: 0xC3, count: 65)
    #expect(try chunk(.text, [.text(nothingToRaise)]).chunk.statistics.largest == nil)
  }

  @Test func aCellThatDoesNotFitIsNamed() {
    let column = ParquetColumn("price", .decimal(precision: 3, scale: 1), isOptional: false).gatherer()
    let tooLarge = #expect(throws: ParquetError.self) { try column.append(.amount(1000)) }
    #expect(tooLarge?.description.hasPrefix("column price: ") == true)
    #expect(throws: ParquetError.self) { try column.append(.amount(-1000)) }
    #expect(throws: ParquetError(column: "price", problem: "a cell must not be null")) { try column.append(.null) }
    #expect(throws: ParquetError.self) { try column.append(.integer(1)) }
    #expect(throws: Never.self) { try column.append(.amount(-999)) }
  }
}
