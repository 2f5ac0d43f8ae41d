import Columns
import TestSupport
import Testing

@testable import Encodings

/// Texts are found where they are, in whatever form they are stored.
@Suite struct PageSearchTests {
  private static let missing = ["", "u_", "u_1", "order-", "order-007x", "s_0000000000000000", "none", "zz", "google "]

  @Test(arguments: TextEncodingTests.Shape.allCases)
  func textsAreFoundWhereTheyAre(shape: TextEncodingTests.Shape) throws {
    var encodings: Set<PageEncoding> = []
    for (codec, nulls) in [(PageCodec.none, 0), (.lz4, 3), (.zstd, 100), (.zstd, 0)] {
      for count in [1, 300, 1025, 6000] {
        var random = SeededRandom(seed: UInt64(count + nulls))
        // Some stand in runs, as those of one session do.
        var texts: [String?] = []
        while texts.count < count {
          let text = Int(random.next() % 128) < nulls ? nil : shape.text(texts.count, &random)
          for _ in 0...(random.next() % 3) where texts.count < count { texts.append(text) }
        }
        let (header, stored) = page(texts, codec)
        encodings.insert(header.encoding)
        for wantedCount in [1, 2, 40] {
          let present = (0..<wantedCount).compactMap { _ in random.choose(texts) }
          for wanted in [present, Self.missing, present + Self.missing] {
            let found = try Page.rows(of: wanted.map { Array($0.utf8) }, stored, header: header)
            let expected = texts.indices.filter { row in texts[row].map(wanted.contains) ?? false }.map(UInt32.init)
            let comment: Comment = "\(header.encoding), \(count) rows, nulls \(nulls), \(wantedCount) wanted"
            #expect(found == (mayBeSought(header.encoding) ? expected : nil), comment)
          }
        }
      }
    }
    #expect(encodings.contains(where: mayBeSought) || shape == .empty || shape == .wordThenNumbers, "\(encodings)")
  }

  private func mayBeSought(_ encoding: PageEncoding) -> Bool {
    [.identifier, .dictionary, .number, .text].contains(encoding)
  }

  private func page(_ texts: [String?], _ codec: PageCodec) -> (PageHeader, ByteArena) {
    var builder = BatchBuilder(Schema([Field("column", .string)]))
    for text in texts { builder.append(text, to: 0) }
    var writer = ByteWriter()
    let header = Page.encode(builder.build().columns[0], codec: codec, into: &writer)
    return (header, ByteArena(writer.bytes))
  }

  @Test func oddDigitsOfIdentifiers() throws {
    let texts = (0..<600).map { "id-\(String($0 * 7919 % 0xFFFFF | 0x10000, radix: 16).suffix(5))" }
    let (header, stored) = page(texts, .none)
    #expect(header.encoding == .identifier)
    for row in [0, 1, 599] {
      let expected = texts.indices.filter { texts[$0] == texts[row] }.map(UInt32.init)
      #expect(try Page.rows(of: [Array(texts[row].utf8)], stored, header: header) == expected)
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func damageIsAnErrorOrSomeRowsButNeverATrap(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var refused = 0
    for shape in TextEncodingTests.Shape.allCases {
      let texts = (0..<1500).map { row in random.next() % 8 == 0 ? nil : shape.text(row, &random) }
      let (header, stored) = page(texts, .none)
      let wanted = (0..<3).compactMap { _ in random.choose(texts) }.map { Array($0.utf8) }
      for _ in 0..<60 {
        var damaged = [UInt8](copying: stored.span)
        let reach = Bool.random(using: &random) ? min(damaged.count, 260) : damaged.count
        if reach > 0 { damaged[Int(random.next() % UInt64(reach))] = UInt8(truncatingIfNeeded: random.next()) }
        var claimed = header
        claimed.checksum = Checksum.crc32c(damaged)
        do {
          let found = try Page.rows(of: wanted, ByteArena(damaged), header: claimed) ?? []
          #expect(found.allSatisfy { $0 < 1500 } && zip(found, found.dropFirst()).allSatisfy(<))
        } catch { refused += 1 }
      }
    }
    #expect(refused > 50)
  }
}
