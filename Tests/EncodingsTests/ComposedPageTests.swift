import Columns
import TestSupport
import Testing

@testable import Encodings

/// Texts that are made of words of another column.
@Suite struct ComposedPageTests {
  private let rowCount = 4000

  /// Users, sessions and events as an export names them: each is made of the one before, some are null.
  private func columns(_ seed: UInt64, nulls: Bool) -> [Column] {
    var random = SeededRandom(seed: seed)
    var builder = BatchBuilder(Schema([Field("event", .string), Field("session", .string)]))
    var (user, visit) = ("", 0)
    for row in 0..<rowCount {
      if row == 0 || random.next() % 6 == 0 {
        (user, visit) = ("\(random.next())", 1_470_000_000 + Int(random.next() % 86_400))
      }
      let isNull = nulls && random.next() % 7 == 0
      builder.append(isNull ? nil : "\(user)-\(visit)-\(random.next() % 30)", to: 0)
      builder.append(isNull && random.next() % 2 == 0 ? nil : "s_\(user)_\(visit)", to: 1)
    }
    return builder.build().columns
  }

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

  private func text(_ column: Column) throws -> StringColumn {
    guard case .string(let text) = column else { throw CorruptionError("no text") }
    return text
  }

  @Test(arguments: [false, true]) func whatIsReadIsWhatWasWritten(nulls: Bool) throws {
    let columns = columns(5, nulls: nulls)
    let (headers, stored) = pages(columns)
    #expect(headers[0].encoding == .composed && headers[0].determinant == 1)
    #expect(headers[1].encoding != .composed)
    var alone = ByteWriter()
    let plain = Page.encode(columns[0], codec: .zstd, into: &alone)
    #expect(headers[0].storedByteCount * 2 < plain.storedByteCount)
    let session = try Page.decode(ByteArena(stored[1]), header: headers[1], type: .string)
    let all = try Page.decode(ByteArena(stored[0]), header: headers[0], rows: nil, composedOf: text(session))
    #expect(cells(session) == cells(columns[1]) && cells(all) == cells(columns[0]))
    var random = SeededRandom(seed: 3)
    for count in [0, 1, 50, rowCount / 2] {
      let rows = (0..<count).map { _ in UInt32(random.next() % UInt64(rowCount)) }
      let few = try Page.decode(
        ByteArena(stored[0]), header: headers[0], rows: rows, composedOf: text(Gathering.column(session, rows)))
      #expect(cells(few) == cells(Gathering.column(columns[0], rows)), "\(count) rows")
    }
  }

  /// Pages of a shop: most show the product, others are the same for all, and either comes with each text once.
  @Test func rowsThatAreNotMadeOfTheOtherAreExceptions() throws {
    var random = SeededRandom(seed: 8)
    var builder = BatchBuilder(Schema([Field("page", .string), Field("product", .string)]))
    for _ in 0..<rowCount {
      let product = "sku_\(10_000 + random.next() % 500)x"
      let kind = random.next() % 10
      builder.append(kind < 6 ? "/product/\(product)" : kind == 6 ? nil : kind == 7 ? "/cart" : "/search", to: 0)
      builder.append(kind == 9 ? nil : product, to: 1)
    }
    let columns = builder.build().columns
    let (headers, stored) = pages(columns)
    #expect(headers[0].encoding == .composed && headers[1].encoding == .dictionary)
    let product = try text(Page.decode(ByteArena(stored[1]), header: headers[1], type: .string))
    let page = try text(Page.decode(ByteArena(stored[0]), header: headers[0], rows: nil, composedOf: product))
    #expect(cells(.string(page)) == cells(columns[0]))
    let distinct = try #require(page.distinct)
    #expect(Set((0..<distinct.count).map { "\(distinct.views[$0])" }).count == distinct.count)
    for row in 0..<rowCount where !page.isNull(row) {
      #expect(distinct.views[Int(distinct.codes[row])] == page.views[row])
    }
  }

  @Test func textsWithoutWordsInCommonStandAlone() throws {
    var builder = BatchBuilder(Schema([Field("text", .string), Field("other", .string)]))
    for row in 0..<2000 {
      builder.append(row % 50 == 0 ? "b_\(100_000 + row)" : "a_\(row * 31 % 1000)_\(row % 7)", to: 0)
      builder.append("b_\(100_000 + row)", to: 1)
    }
    let columns = try builder.build().columns.map(text)
    #expect(ComposedPage.pieces(columns[0], by: columns[1]) == nil)
    #expect(ComposedPage.pieces(columns[1], by: try text(Page.nulls(.string, rowCount: 2000))) == nil)
    let (headers, _) = pages(columns.map { .string($0) })
    #expect(headers.allSatisfy { $0.encoding != .composed })
  }

  @Test func aPageThatNeedsAnotherIsNotReadAlone() throws {
    let (headers, stored) = pages(columns(7, nulls: false))
    #expect(throws: CorruptionError.self) { try Page.decode(ByteArena(stored[0]), header: headers[0], type: .string) }
    #expect(throws: CorruptionError.self) {
      try Page.decode(ByteArena(stored[0]), header: headers[0], type: .string, rows: [1])
    }
    let nulls = try text(Page.nulls(.string, rowCount: rowCount))
    #expect(throws: CorruptionError.self) {
      try Page.decode(ByteArena(stored[0]), header: headers[0], rows: nil, composedOf: nulls)
    }
  }

  /// Two events of one session: one piece, a flag each, and a plain page of what stands behind.
  @Test func aPageIsStoredAsSpecified() throws {
    var builder = BatchBuilder(Schema([Field("event", .string), Field("session", .string)]))
    for row in 1...2 {
      builder.append("abcd-\(row)", to: 0)
      builder.append("s_abcd", to: 1)
    }
    let columns = try builder.build().columns.map(text)
    let pieces = try #require(ComposedPage.pieces(columns[0], by: columns[1]))
    let page = ComposedPage.encode(columns[0], pieces, by: columns[1], .none)
    let hex = page.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    let golden = "01 00 01" + "00 0100000000000000 0100000000000000" + "00" + "01 02 02 2d31 2d32"
    #expect(hex == golden.filter { $0 != " " })
  }

  @Test func damageIsATypedError() throws {
    let (headers, stored) = pages(columns(11, nulls: true))
    let session = try text(Page.decode(ByteArena(stored[1]), header: headers[1], type: .string))
    let plain = try Compression.read(
      ByteArena(stored[0]), codec: headers[0].codec, byteCount: headers[0].plainByteCount)
    let good = [UInt8](copying: plain.span)
    var random = SeededRandom(seed: 12)
    var refused = 0
    for _ in 0..<2000 {
      var bad = good
      // Half of the damage is where the pieces stand.
      let bound = random.next() % 2 == 0 ? 16 : UInt64(bad.count)
      bad[Int(random.next() % bound)] ^= UInt8(1 << (random.next() % 8))
      if random.next() % 8 == 0 { bad.removeLast(Int(random.next() % 20)) }
      var writer = ByteWriter()
      let damaged = Page.write(bad, headers[0], .none, into: &writer)
      do throws(CorruptionError) {
        let column = try Page.decode(ByteArena(writer.bytes), header: damaged, rows: nil, composedOf: session)
        #expect(column.rowCount == rowCount)
        _ = cells(column)
      } catch { refused += 1 }
    }
    #expect(refused > 500)
  }
}
