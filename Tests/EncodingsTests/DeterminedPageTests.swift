import Columns
import TestSupport
import Testing

@testable import Encodings

@Suite struct DeterminedPageTests {
  private struct Shop {
    let product: Column
    let others: [(type: ColumnType, column: Column)]
  }

  /// Products, some of them null, and columns of every type that they determine but for some rows.
  private func shop(rowCount: Int, exceptionOdds: UInt64?, seed: UInt64) -> Shop {
    var random = SeededRandom(seed: seed)
    let types: [ColumnType] = [.string, .decimal, .real, .boolean, .time]
    var builder = BatchBuilder(Schema([Field("product", .string)] + types.map { Field("\($0)", $0) }))
    for _ in 0..<rowCount {
      let product = random.next() % 10 == 0 ? nil : Int64(random.next() % 300)
      builder.append(product.map { "sku_\($0 * 7919 % 1000)" }, to: 0)
      for index in types.indices {
        let isException = exceptionOdds.map { random.next() % $0 == 0 } ?? false
        // A third of the products has no value, and of all nulls the text alone has one.
        let number = isException ? Int64(random.next() % 40) : product ?? 5
        let isNull = number % 3 == 0 || (product == nil && index > 0)
        append(isNull ? nil : number * 31, types[index], to: index + 1, &builder)
      }
    }
    let batch = builder.build()
    return Shop(product: batch.columns[0], others: types.indices.map { (types[$0], batch.columns[$0 + 1]) })
  }

  private func append(_ number: Int64?, _ type: ColumnType, to column: Int, _ builder: inout BatchBuilder) {
    switch type {
    case .string, .binary: builder.append(number.map { "/page/\($0)" }, to: column)
    case .real: builder.append(number.map { Double($0) / 8 }, to: column)
    case .boolean: builder.append(number.map { $0 % 2 == 0 }, to: column)
    case .integer, .time, .decimal: builder.append(number, to: column)
    }
  }

  /// The pages of `columns` as a row group has them.
  private func pages(_ columns: [Column]) -> (headers: [PageHeader], stored: [[UInt8]]) {
    var writer = ByteWriter()
    let headers = PageGroup.encode(columns.map { [ColumnSlice($0)] }, codec: .zstd, into: &writer)
    var start = 0
    let stored = headers.map { header in
      defer { start += header.storedByteCount }
      return Array(writer.bytes[start..<start + header.storedByteCount])
    }
    return (headers, stored)
  }

  private func codes(
    _ index: Int, _ headers: [PageHeader], _ stored: [[UInt8]], _ rows: SelectionVector?
  ) throws -> PageCodes {
    try Page.codes(
      ByteArena(stored[index]), header: headers[index], rows: rows,
      determinant: try headers[index].determinant.map { try codes($0, headers, stored, rows) })
  }

  private func decode(
    _ index: Int, _ type: ColumnType, _ headers: [PageHeader], _ stored: [[UInt8]], _ rows: SelectionVector?
  ) throws -> Column {
    guard let determinant = headers[index].determinant else {
      let all = try Page.decode(ByteArena(stored[index]), header: headers[index], type: type)
      return rows.map { Gathering.column(all, $0) } ?? all
    }
    return try Page.decode(
      ByteArena(stored[index]), header: headers[index], type: type, rows: rows,
      determinant: try codes(determinant, headers, stored, rows))
  }

  @Test(arguments: [nil, 20, 5] as [UInt64?], [3000, 30_000])
  func whatIsReadIsWhatWasWritten(exceptionOdds: UInt64?, rowCount: Int) throws {
    let shop = shop(rowCount: rowCount, exceptionOdds: exceptionOdds, seed: UInt64(rowCount))
    let (headers, stored) = pages([shop.product] + shop.others.map(\.column))
    let determined = headers.filter { $0.encoding == .determined }.count
    // A page of flags is too small for reading that of products; of too many exceptions nothing comes.
    if exceptionOdds == nil { #expect(determined == shop.others.count - 1) }
    if exceptionOdds == 20 { #expect(determined > 0) }
    for (index, other) in shop.others.enumerated() {
      let message = "\(other.type), exceptions one of \(exceptionOdds ?? 0), \(headers[index + 1].encoding)"
      #expect(try cells(decode(index + 1, other.type, headers, stored, nil)) == cells(other.column), "\(message)")
      var random = SeededRandom(seed: 3)
      for count in [0, 1, 50, rowCount / 2] {
        let rows = (0..<count).map { _ in UInt32(random.next() % UInt64(rowCount)) }
        #expect(
          try cells(decode(index + 1, other.type, headers, stored, rows))
            == cells(Gathering.column(other.column, rows)),
          "\(message), \(count) rows")
      }
    }
  }

  /// Of few rows texts and codes come from a page at once, and are those that come alone.
  @Test func textsAndCodesOfAPageAreReadTogether() throws {
    let (columns, headers, stored) = chain(seed: 4)
    var random = SeededRandom(seed: 12)
    #expect(headers.contains { $0.encoding == .dictionary } && headers.contains { $0.encoding == .determined })
    for count in [0, 1, 40, 1000] {
      let rows = (0..<count).map { _ in UInt32(random.next() % 20_000) }
      for index in headers.indices where [.dictionary, .determined].contains(headers[index].encoding) {
        let determinant = try headers[index].determinant.map { try codes($0, headers, stored, rows) }
        let found = try Page.textsAndCodes(
          ByteArena(stored[index]), header: headers[index], rows: rows, determinant: determinant)
        #expect(cells(.string(found.texts)) == cells(Gathering.column(columns[index], rows)))
        let alone = try codes(index, headers, stored, rows)
        #expect(found.codes.distinctCount == alone.distinctCount)
        #expect((0..<count).map { found.codes.codes[$0] } == (0..<count).map { alone.codes[$0] })
      }
    }
  }

  /// A column that says nothing of another one does not determine it, and neither does one of which every row differs.
  @Test func whatIsNotDeterminedStandsAlone() throws {
    var random = SeededRandom(seed: 9)
    var builder = BatchBuilder(Schema([Field("a", .string), Field("b", .string), Field("id", .string)]))
    for row in 0..<5000 {
      builder.append("a\(random.next() % 50)", to: 0)
      builder.append("b\(random.next() % 50)", to: 1)
      builder.append("\(row * 7919)-\(random.next())", to: 2)
    }
    let (headers, _) = pages(builder.build().columns)
    #expect(headers.allSatisfy { $0.determinant == nil && $0.encoding != .determined })
  }

  /// User, city, country, currency, language: one determines the next; some of each are null.
  private func chain(seed: UInt64) -> (columns: [Column], headers: [PageHeader], stored: [[UInt8]]) {
    var random = SeededRandom(seed: seed)
    let names = ["user", "city", "country", "currency", "language"]
    var builder = BatchBuilder(Schema(names.map { Field($0, .string) }))
    for _ in 0..<20_000 {
      let user = random.next() % 2000
      for (column, divisor) in [1, 5, 50, 200, 400].enumerated() {
        let number = user / UInt64(divisor) * 7919 % 10_007
        builder.append(number % 8 == 7 ? nil : "\(names[column])-\(number)", to: column)
      }
    }
    let columns = builder.build().columns
    let (headers, stored) = pages(columns)
    return (columns, headers, stored)
  }

  /// Reading never goes further than is allowed, nor around.
  @Test func columnsThatDetermineEachOtherAreChains() throws {
    let (columns, headers, stored) = chain(seed: 4)
    #expect(headers.filter { $0.determinant != nil }.count >= 2)
    for index in columns.indices {
      let depth = try #require(PageDependence.depth(of: index, headers))
      #expect(depth <= PageGroup.maximumDepth)
      #expect(try cells(decode(index, .string, headers, stored, nil)) == cells(columns[index]))
    }
  }

  @Test func damageIsATypedError() throws {
    let shop = shop(rowCount: 3000, exceptionOdds: 20, seed: 2)
    let (headers, stored) = pages([shop.product, shop.others[0].column, shop.others[1].column])
    var random = SeededRandom(seed: 11)
    // Product and page determine each other: either of them may stand alone.
    let determined = [(0, ColumnType.string), (1, .string), (2, .decimal)].filter { headers[$0.0].determinant != nil }
    #expect(determined.map(\.1) == [.string, .decimal])
    for (index, type) in determined {
      let header = headers[index]
      let codes = try codes(try #require(header.determinant), headers, stored, nil)
      let plain = try Compression.read(ByteArena(stored[index]), codec: header.codec, byteCount: header.plainByteCount)
      let good = [UInt8](copying: plain.span)
      var refused = 0
      for _ in 0..<2000 {
        var bad = good
        bad[Int(random.next() % UInt64(bad.count))] ^= UInt8(1 << (random.next() % 8))
        if random.next() % 8 == 0 { bad.removeLast(Int(random.next() % 20)) }
        var writer = ByteWriter()
        let damaged = Page.write(bad, header, .none, into: &writer)
        do throws(CorruptionError) {
          let column = try Page.decode(
            ByteArena(writer.bytes), header: damaged, type: type, rows: nil, determinant: codes)
          #expect(column.rowCount == 3000)
          _ = cells(column)
        } catch { refused += 1 }
      }
      #expect(refused > 0, "column \(index)")
      let other = PageCodes(codes.codes, distinctCount: codes.distinctCount + 1)
      #expect(throws: CorruptionError.self) {
        try Page.decode(ByteArena(stored[index]), header: header, type: type, rows: nil, determinant: other)
      }
      #expect(throws: CorruptionError.self) { try Page.decode(ByteArena(stored[index]), header: header, type: type) }
    }
  }

  /// Texts `x` and `y` of two values, `x` of a null, and the second row, which is `y` against the rule.
  @Test func aPageIsStoredAsSpecified() throws {
    func codes(_ texts: [String?]) throws -> ColumnCodes {
      var builder = BatchBuilder(Schema([Field("column", .string)]))
      for text in texts { builder.append(text, to: 0) }
      return try #require(ColumnCodes(builder.build().columns[0], .none))
    }
    let determinant: [String?] = ["a", "a", "a", "b", nil, nil, "b", "a"]
    let column = try codes(["x", "y", "x", "y", "x", "x", "y", "x"])
    let other = try codes(determinant)
    let page = DeterminedPage.encode(
      try #require(DeterminedPage.analyze(column, by: other)), column, by: other, .none)
    let hex = page.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let golden =
      "02 02" + "0a 00 00 0100000000000000 0100000000000000 78 79"
      + "00 0000000000000000 0100000000000000 0000000000000000" + "01" + "00 0100000000000000" + "00 0100000000000000"
    #expect(hex == golden.filter { $0 != " " })
  }

  /// Products that are smaller as numbers become a dictionary for the sake of their prices, and stay numbers without.
  @Test func aDictionaryIsTakenForWhatItDetermines() throws {
    var random = SeededRandom(seed: 3)
    var builder = BatchBuilder(Schema([Field("product", .string), Field("price", .decimal)]))
    for _ in 0..<20_000 {
      // As of a shop with few rows for each product: the numbers are smaller than codes and texts.
      let product = Int(random.next() % 4_000)
      builder.append("sku_\(10_000 + product)", to: 0)
      builder.append(Int64(product * 7919 % 400_000), to: 1)
    }
    let batch = builder.build()
    let (alone, _) = pages([batch.columns[0]])
    #expect(alone[0].encoding == .number)
    let (headers, stored) = pages(batch.columns)
    #expect(headers[0].encoding == .dictionary && headers[1].encoding == .determined)
    for (index, type) in [ColumnType.string, .decimal].enumerated() {
      #expect(try cells(decode(index, type, headers, stored, nil)) == cells(batch.columns[index]))
    }
    let (apart, _) = pages([batch.columns[1]])
    #expect(
      headers.reduce(0) { $0 + $1.storedByteCount } < alone[0].storedByteCount + apart[0].storedByteCount)
  }
}
