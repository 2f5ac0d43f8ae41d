import Columns
import Encodings
import TestSupport
import Testing

@Suite struct IdentifierPageTests {
  private static let templates = [
    "########-####-####-####-############", "s_################", "########", "#########",
    "trip-################################",
    "################################################################", "é-########-ü", "zz########",
  ]

  private func text(_ template: String, _ random: inout SeededRandom) -> [UInt8] {
    template.utf8.map { $0 == UInt8(ascii: "#") ? Array("0123456789abcdef".utf8)[Int(random.next() % 16)] : $0 }
  }

  private func column(_ texts: [[UInt8]?]) -> Column {
    var builder = BatchBuilder(Schema([Field("column", .string)]))
    for text in texts {
      if let text { builder.append(text.span, to: 0) } else { builder.appendNullText(to: 0) }
    }
    return builder.build().columns[0]
  }

  private func encode(_ slices: [ColumnSlice]) -> (PageHeader, [UInt8]) {
    var writer = ByteWriter()
    let header = Page.encode(slices, into: &writer)
    return (header, writer.bytes)
  }

  private func texts(_ column: Column) -> [[UInt8]?] {
    guard case .string(let texts) = column else { return [] }
    return (0..<texts.rowCount).map { texts.isNull($0) ? nil : [UInt8](copying: texts.bytes($0)) }
  }

  @Test(arguments: templates)
  func identifiersReadBackAndTakeHalfTheirDigits(template: String) throws {
    for seed in 0..<20 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let rowCount = Int.random(in: 2...300, using: &random)
      let hasNulls = seed % 2 == 1
      let all = (0..<rowCount).map { row -> [UInt8]? in
        let identifier = text(template, &random)
        return hasNulls && row > 0 && Bool.random(using: &random) ? nil : identifier
      }
      let cut = Int.random(in: 0...rowCount, using: &random)
      let slices = [ColumnSlice(column(Array(all[..<cut]))), ColumnSlice(column(Array(all[cut...])))]
      let (header, bytes) = encode(slices)
      // Where most rows are null, texts without the nulls are smaller.
      #expect(header.encoding == .identifier || hasNulls || rowCount < 32)
      if header.encoding == .identifier {
        let digits = template.utf8.count { $0 == UInt8(ascii: "#") }
        let head = 1 + template.utf8.count + (template.utf8.count + 7) / 8
        let bitmap = all.contains(nil) ? (rowCount + 63) / 64 * 8 : 0
        // Digits that are the same in all texts are stored once.
        #expect(header.plainByteCount <= head + bitmap + rowCount * ((digits + 1) / 2))
      }
      #expect(texts(try Page.decode(ByteArena(bytes), header: header, type: .string)) == all, "seed \(seed)")
    }
  }

  /// One text that differs from the first elsewhere than in a digit, in length, or in the case of a digit.
  @Test(arguments: [
    "s_0123456789abcdeg", "t_0123456789abcdef", "s_0123456789ABCDEF", "s_0123456789abcde", "s_0123456789abcde`",
    "s_0123456789abcde:",
  ])
  func whatIsNoIdentifierIsStoredPlainly(stranger: String) throws {
    var random = SeededRandom(seed: 7)
    var all = (0..<100).map { _ -> [UInt8]? in text("s_################", &random) }
    all[Int.random(in: 1..<100, using: &random)] = Array(stranger.utf8)
    let (header, bytes) = encode([ColumnSlice(column(all))])
    #expect(header.encoding != .identifier)
    #expect(texts(try Page.decode(ByteArena(bytes), header: header, type: .string)) == all)
  }

  @Test func damagedPagesAreRefusedOrReadAsSomethingButNeverTrap() throws {
    var random = SeededRandom(seed: 11)
    let all = (0..<70).map { row -> [UInt8]? in row % 5 == 1 ? nil : text("s_################", &random) }
    let (header, bytes) = encode([ColumnSlice(column(all))])
    #expect(header.encoding == .identifier && header.codec == .none)
    var refused = 0
    for _ in 0..<3_000 {
      var damaged = bytes
      if Bool.random(using: &random) { damaged.removeLast(Int.random(in: 0...damaged.count, using: &random)) }
      for _ in 0..<Int.random(in: 1...4, using: &random) where !damaged.isEmpty {
        damaged[Int.random(in: 0..<damaged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      var claimed = header
      claimed.storedByteCount = damaged.count
      claimed.plainByteCount = damaged.count
      claimed.checksum = Checksum.crc32c(damaged)
      if Bool.random(using: &random) { claimed.rowCount = Int.random(in: 0...200, using: &random) }
      do {
        let read = try Page.decode(ByteArena(damaged), header: claimed, type: .string)
        #expect(read.rowCount == claimed.rowCount)
      } catch { refused += 1 }
      do {
        _ = try Page.decode(ByteArena(damaged), header: claimed, type: .integer)
        Issue.record("a page of identifiers was read as numbers")
      } catch {}
    }
    #expect(refused > 1_000)
  }
}
