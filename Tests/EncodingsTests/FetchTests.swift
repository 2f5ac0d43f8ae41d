import Columns
import TestSupport
import Testing

@testable import Encodings

/// What is fetched alone is what decoding all gives.
@Suite struct FetchTests {
  private func rows(_ count: Int, of rowCount: Int, _ random: inout SeededRandom) -> [UInt32] {
    rowCount == 0 ? [] : (0..<count).map { _ in UInt32(random.next() % UInt64(rowCount)) }
  }

  @Test(arguments: IntegerSectionTests.Shape.allCases)
  func integersInAnyOrder(shape: IntegerSectionTests.Shape) throws {
    for count in IntegerSectionTests.counts {
      var random = SeededRandom(seed: UInt64(count))
      let values = shape.values(count, &random)
      let rows = rows(100, of: count, &random)
      for encoding in IntegerSectionTests.encodings + [.dictionary, .scaled] {
        var writer = ByteWriter()
        switch encoding {
        case .dictionary:
          guard let dictionary = IntegerDictionary(values.span) else { continue }
          dictionary.write(.lz4, depth: 0, to: &writer)
        case .scaled:
          Scaled.write(values.span, exponent: Scaled.exponent(values.span), .lz4, depth: 0, to: &writer)
        default: IntegerSection.write(values.span, as: encoding, .lz4, depth: 0, to: &writer)
        }
        var reader = PageReader(ByteArena(writer.bytes))
        let section = try IntegerFetch(&reader, as: encoding, count: count)
        try reader.finish()
        let expected = rows.map { values[Int($0)] }
        #expect(try section.values(rows) == expected, "\(encoding), \(count), seed \(count)")
      }
    }
  }

  @Test(arguments: TextEncodingTests.Shape.allCases)
  func textsOfAPage(shape: TextEncodingTests.Shape) throws {
    for (codec, nulls) in [(PageCodec.none, 0), (.lz4, 3), (.zstd, 100), (.zstd, 0)] {
      for count in [300, 1025, 6000] {
        var random = SeededRandom(seed: UInt64(count + nulls))
        var builder = BatchBuilder(Schema([Field("column", .string)]))
        for row in 0..<count {
          let text = shape.text(row, &random)
          builder.append(Int(random.next() % 128) < nulls ? nil : text, to: 0)
        }
        try check(builder.build().columns[0], .string, codec, &random, "\(shape), \(count), nulls \(nulls)")
      }
    }
  }

  @Test(arguments: [ColumnType.integer, .decimal, .real, .boolean])
  func numbersOfAPage(type: ColumnType) throws {
    for shape in IntegerSectionTests.Shape.allCases {
      for nulls in [0, 3, 127, 128] {
        var random = SeededRandom(seed: UInt64(nulls))
        var builder = BatchBuilder(Schema([Field("column", type)]))
        for value in shape.values(3000, &random) {
          let isNull = Int(random.next() % 128) < nulls
          switch type {
          case .real: builder.append(isNull ? nil : Double(value % 1_000_000) / 8, to: 0)
          case .boolean: builder.append(isNull ? nil : value % 3 == 0, to: 0)
          default: builder.append(isNull ? nil : value, to: 0)
          }
        }
        try check(builder.build().columns[0], type, .lz4, &random, "\(shape), nulls \(nulls)")
      }
    }
  }

  private func check(
    _ column: Column, _ type: ColumnType, _ codec: PageCodec, _ random: inout SeededRandom, _ comment: Comment
  ) throws {
    var writer = ByteWriter()
    let header = Page.encode(column, codec: codec, into: &writer)
    let whole = try Page.decode(ByteArena(writer.bytes), header: header, type: type)
    expectNumbersOfTexts(whole)
    for count in [0, 1, 7, column.rowCount / 9, column.rowCount] {
      let chosen = Set(rows(count, of: column.rowCount, &random)).sorted()
      let few = try Page.decode(ByteArena(writer.bytes), header: header, type: type, rows: chosen)
      #expect(few.rowCount == chosen.count)
      for (index, row) in chosen.enumerated() {
        #expect(cell(few, index) == cell(whole, Int(row)), "\(header.encoding), row \(row), \(comment)")
      }
    }
  }

  /// Where texts are known by numbers, these are those of the rows' texts.
  private func expectNumbersOfTexts(_ column: Column) {
    guard case .string(let text) = column, let distinct = text.distinct else { return }
    let isRight = (0..<text.rowCount).allSatisfy { row in
      let code = distinct.codes[row]
      return code == DistinctTexts.none ? text.isNull(row) : distinct.views[Int(code)] == text.views[row]
    }
    #expect(distinct.codes.count == text.rowCount && isRight)
  }

  private func cell(_ column: Column, _ row: Int) -> String? {
    guard !column.isNull(row) else { return nil }
    return switch column {
    case .integer(let values): "\(values.values[row])"
    case .real(let values): "\(values.values[row].bitPattern)"
    case .boolean(let values): "\(values.values[row])"
    case .string(let values): values.text(row)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func damageIsAnErrorOrSomeValueButNeverATrap(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var refused = 0
    for shape in TextEncodingTests.Shape.allCases {
      var builder = BatchBuilder(Schema([Field("text", .string), Field("number", .integer)]))
      for row in 0..<1500 {
        let isNull = random.next() % 8 == 0
        builder.append(isNull ? nil : shape.text(row, &random), to: 0)
        builder.append(isNull ? nil : Int64(random.next() % 700) * 100, to: 1)
      }
      for (column, type) in zip(builder.build().columns, [ColumnType.string, .integer]) {
        var writer = ByteWriter()
        let header = Page.encode(column, codec: .none, into: &writer)
        for _ in 0..<60 {
          var damaged = writer.bytes
          let reach = Bool.random(using: &random) ? min(damaged.count, 260) : damaged.count
          if reach > 0 { damaged[Int(random.next() % UInt64(reach))] = UInt8(truncatingIfNeeded: random.next()) }
          var claimed = header
          claimed.checksum = Checksum.crc32c(damaged)
          let chosen = Set(rows(20, of: 1500, &random)).sorted()
          do {
            let few = try Page.decode(ByteArena(damaged), header: claimed, type: type, rows: chosen)
            #expect(few.rowCount == chosen.count)
          } catch { refused += 1 }
        }
      }
    }
    #expect(refused > 50)
  }
}
