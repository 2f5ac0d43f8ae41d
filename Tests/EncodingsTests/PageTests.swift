import Columns
import Encodings
import TestSupport
import Testing

@Suite struct PageTests {
  enum NullPattern: CaseIterable {
    case none, all, alternating, lastOnly, random

    func isNull(_ row: Int, of rowCount: Int, _ random: inout SeededRandom) -> Bool {
      switch self {
      case .none: false
      case .all: true
      case .alternating: row & 1 == 0
      case .lastOnly: row == rowCount - 1
      case .random: Bool.random(using: &random)
      }
    }
  }

  enum ValuePattern: CaseIterable { case equal, few, random, long }

  static let rowCounts = [0, 1, 2, 63, 64, 65, 1023, 1024, 1025]

  /// A column of `rowCount` rows as the builder makes it.
  private func column(
    _ type: ColumnType, _ rowCount: Int, _ nulls: NullPattern, _ values: ValuePattern, _ random: inout SeededRandom
  ) -> Column {
    var builder = BatchBuilder(Schema([Field("column", type)]))
    for row in 0..<rowCount {
      let isNull = nulls.isNull(row, of: rowCount, &random)
      let number: UInt64 =
        switch values {
        case .equal: 42
        case .few: random.next() % 3
        case .random, .long: random.next()
        }
      switch type {
      case .integer, .time, .decimal: builder.append(isNull ? nil : Int64(bitPattern: number), to: 0)
      case .real: builder.append(isNull ? nil : Double(bitPattern: number), to: 0)
      case .boolean: builder.append(isNull ? nil : number & 1 == 1, to: 0)
      case .string, .binary:
        let length = values == .long ? Int(number % 3) * 254 + (row == 0 ? 70_000 : 0) : Int(number % 20)
        builder.append(isNull ? nil : String(repeating: "\(number)ß", count: length / 8 + 1), to: 0)
      }
    }
    return builder.build().columns[0]
  }

  /// A cell in a form that compares by bits.
  private func cell(_ column: Column, _ row: Int) -> [UInt8]? {
    guard !column.isNull(row) else { return nil }
    switch column {
    case .integer(let values): return Array("\(values.values[row])".utf8)
    case .real(let values): return Array("\(values.values[row].bitPattern)".utf8)
    case .boolean(let values): return [values.values[row]]
    case .string(let values): return Array(values.text(row)?.utf8 ?? "".utf8)
    }
  }

  @Test(arguments: ColumnType.allCases)
  func everyPageReadsBackAsItWas(type: ColumnType) throws {
    for rowCount in PageTests.rowCounts {
      for nulls in NullPattern.allCases {
        for values in ValuePattern.allCases {
          var random = SeededRandom(seed: UInt64(rowCount))
          let column = column(type, rowCount, nulls, values, &random)
          let some = (0..<UInt32(rowCount)).filter { _ in Bool.random(using: &random) }
          for (rows, codec) in [(nil, .lz4), ([], .none), (some, .zstd)] as [(SelectionVector?, PageCodec)] {
            var writer = ByteWriter()
            writer.write(UInt8(9))
            let header = Page.encode(column, rows: rows, codec: codec, into: &writer)
            let decoded = try Page.decode(ByteArena(Array(writer.bytes[1...])), header: header, type: type)
            let expected = (rows.map { $0.map(Int.init) } ?? Array(0..<rowCount)).map { cell(column, $0) }
            #expect(
              (0..<decoded.rowCount).map { cell(decoded, $0) } == expected,
              "\(type), \(rowCount) rows, nulls \(nulls), values \(values), selected \(rows?.count ?? -1)")
            #expect(header.nullCount == expected.count { $0 == nil })
          }
        }
      }
    }
  }

  @Test func equalRowsAreStoredOnce() {
    var random = SeededRandom(seed: 1)
    for type in ColumnType.allCases {
      var writer = ByteWriter()
      let header = Page.encode(column(type, 1000, .none, .equal, &random), into: &writer)
      #expect(header.encoding == .constant)
      #expect(writer.count < 200)
      writer = ByteWriter()
      #expect(Page.encode(column(type, 1000, .all, .equal, &random), into: &writer).storedByteCount == 0)
    }
  }

  @Test func whatDoesNotShrinkIsNotCompressed() {
    var random = SeededRandom(seed: 2)
    var writer = ByteWriter()
    #expect(Page.encode(column(.integer, 1000, .none, .random, &random), into: &writer).codec == .none)
    for codec in [PageCodec.lz4, .zstd] {
      let texts = column(.string, 1000, .none, .long, &random)
      #expect(Page.encode(texts, codec: codec, into: &writer).codec == codec)
      #expect(Page.encode(texts, codec: .none, into: &writer).codec == .none)
    }
  }

  @Test func zoneMapsCoverTheValuesAndNothingElse() {
    let integers = Column.integer(
      FixedColumn(values: ColumnBuffer([0, 5, -7, 0]), validity: ValidityBitmap([false, true, true, false])))
    var writer = ByteWriter()
    #expect(Page.encode(integers, into: &writer).zoneMap == .integers(-7, 5))
    #expect(Page.encode(integers, rows: [0, 1], into: &writer).zoneMap == .integers(5, 5))
    #expect(Page.encode(integers, rows: [0, 3], into: &writer).zoneMap == .empty)
    let reals = Column.real(FixedColumn(values: ColumnBuffer([1, .nan, -2])))
    #expect(Page.encode(reals, into: &writer).zoneMap == .unknown)
    #expect(Page.encode(reals, rows: [0, 2], into: &writer).zoneMap == .reals(-2, 1))
    var builder = BatchBuilder(Schema([Field("text", .string)]))
    for text in ["beta", "alphabetical", ""] { builder.append(text, to: 0) }
    let zone = Page.encode(builder.build().columns[0], into: &writer).zoneMap
    #expect(zone == .prefixes(0, 0x6265_7461_0000_0000))
    let mayHoldAlphabetics = zone.mayContain(text: Array("alphabetics".utf8).span)
    let mayHoldBetas = zone.mayContain(text: Array("betas".utf8).span)
    #expect(mayHoldAlphabetics && !mayHoldBetas)
  }

  @Test(arguments: [1, 2] as [UInt64])
  func damageIsAnErrorEvenWhereTheChecksumFits(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for type in ColumnType.allCases {
      for values in [ValuePattern.equal, .few, .random] {
        var writer = ByteWriter()
        let header = Page.encode(column(type, 65, .random, values, &random), into: &writer)
        for _ in 0..<300 {
          var damaged = writer.bytes
          if damaged.isEmpty || Bool.random(using: &random) {
            damaged = Array(damaged.prefix(Int.random(in: 0...damaged.count, using: &random)))
          } else {
            damaged[Int.random(in: damaged.indices, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
          }
          var claimed = header
          if damaged != writer.bytes {
            #expect(throws: CorruptionError.self) { try Page.decode(ByteArena(damaged), header: header, type: type) }
          }
          // A liar who also computes checksums must meet a value or an error, never a trap.
          claimed.storedByteCount = damaged.count
          claimed.checksum = Checksum.crc32c(damaged)
          switch Int.random(in: 0..<4, using: &random) {
          case 0: claimed.plainByteCount = Int.random(in: 0...Int.max, using: &random)
          case 1: claimed.nullCount = Int.random(in: 0...65, using: &random)
          case 2: claimed.encoding = PageEncoding(rawValue: UInt8(random.next() % 13)) ?? .plain
          default: claimed.codec = PageCodec(rawValue: UInt8(random.next() % 3)) ?? .none
          }
          if let column = try? Page.decode(ByteArena(damaged), header: claimed, type: type) {
            #expect(column.rowCount == 65)
          }
        }
      }
    }
  }

  @Test func headersReadBackAsTheyWere() throws {
    var random = SeededRandom(seed: 3)
    for type in ColumnType.allCases {
      var writer = ByteWriter()
      let header = Page.encode(column(type, 100, .random, .few, &random), into: &writer)
      writer = ByteWriter()
      header.write(to: &writer)
      var reader = ByteReader(writer.bytes)
      #expect(try PageHeader(from: &reader, rowCount: 100) == header)
      #expect(reader.isAtEnd)
    }
  }
}
