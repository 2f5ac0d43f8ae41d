import Columns
import TestSupport
import Testing

@testable import Encodings

@Suite struct TextEncodingTests {
  /// Columns of many shapes, each of which some encoding is made for or must survive.
  enum Shape: CaseIterable {
    case few, urls, numbered, unpadded, nearlyNumbered, uuids, words, longTexts, empty, wordThenNumbers

    func text(_ row: Int, _ random: inout SeededRandom) -> String {
      let number = random.next()
      switch self {
      case .few: return random.choose(["", "google", "bing", "newsletter", "a rather long name of a source"])
      case .urls: return "https://shop.example/product/\(number % 300)?page=\(number % 7)&source=newsletter"
      case .numbered: return "u_" + String("00000\(number % 66_666)".suffix(6))
      case .unpadded: return "order-\(number % 1_000_000)"
      case .nearlyNumbered: return row % 500 == 499 ? "order-007" : "order-\(number % 1_000_000)"
      case .uuids: return "s_" + String(String(number | 1 << 63, radix: 16))
      case .words: return String(repeating: "äx", count: Int(number % 12))
      case .longTexts: return String(repeating: "\(number % 10)", count: row == 3 ? 70_000 : Int(number % 400))
      case .empty: return ""
      case .wordThenNumbers: return row == 0 ? "none" : "\(number)"
      }
    }
  }

  static let counts = [0, 1, 2, 16, 63, 64, 65, 1023, 1024, 1025, 6000]

  private func column(_ texts: [String?]) -> Column {
    var builder = BatchBuilder(Schema([Field("column", .string)]))
    for text in texts { builder.append(text, to: 0) }
    return builder.build().columns[0]
  }

  private func texts(_ column: Column) -> [String?] {
    guard case .string(let texts) = column else { return [] }
    return (0..<texts.rowCount).map { texts.text($0) }
  }

  @Test(arguments: Shape.allCases)
  func everyShapeReadsBackAsItWas(shape: Shape) throws {
    for count in Self.counts {
      for (codec, nulls) in [(PageCodec.none, 0), (.lz4, 3), (.zstd, 100), (.lz4, 0)] {
        var random = SeededRandom(seed: UInt64(count))
        let all = (0..<count).map { row -> String? in
          let text = shape.text(row, &random)
          // Nulls at both ends, and some between.
          let isNull = nulls > 0 && (row < 2 || row == count - 1 || Int(random.next() % 128) < nulls)
          return isNull ? nil : text
        }
        let cut = count / 3
        var writer = ByteWriter()
        let header = Page.encode(
          [ColumnSlice(column(Array(all[..<cut]))), ColumnSlice(column(Array(all[cut...])))], codec: codec,
          into: &writer)
        let read = try Page.decode(ByteArena(writer.bytes), header: header, type: .string)
        #expect(texts(read) == all, "\(header.encoding), \(codec), \(count) rows, seed \(count)")
        let plain = 5 + all.reduce(0) { $0 + ($1?.utf8.count ?? 0) + 4 }
        #expect(header.storedByteCount <= plain, "\(header.encoding), \(codec), \(count) rows")
      }
    }
  }

  @Test func theChoiceIsWhatTheShapeIsMadeFor() {
    var random = SeededRandom(seed: 4)
    let expected: [(Shape, PageEncoding)] = [
      (.few, .dictionary), (.urls, .dictionary), (.numbered, .number), (.unpadded, .number), (.uuids, .identifier),
      (.nearlyNumbered, .text), (.empty, .constant),
    ]
    for (shape, encoding) in expected {
      var writer = ByteWriter()
      let all = (0..<4000).map { shape.text($0, &random) }
      #expect(Page.encode(column(all), into: &writer).encoding == encoding, "\(shape)")
    }
  }

  /// Texts that share their ends differ in the middle only: the dictionary must look at all of them.
  @Test func aDictionaryKeepsTextsApartThatShareTheirEnds() throws {
    let all = (0..<3000).map { "shared beginning \($0 % 40 / 4) and the middle \($0 % 4) shared end" }
    var writer = ByteWriter()
    let header = Page.encode(column(all), into: &writer)
    #expect(header.encoding == .dictionary)
    #expect(texts(try Page.decode(ByteArena(writer.bytes), header: header, type: .string)) == all)
  }

  /// Memory is taken only for what the stored bytes can possibly hold.
  @Test(arguments: [PageCodec.lz4, .zstd])
  func aPageThatClaimsMoreThanItsBytesCanHoldIsRefused(codec: PageCodec) throws {
    var random = SeededRandom(seed: 8)
    var writer = ByteWriter()
    let header = Page.encode(
      column((0..<900).map { Shape.longTexts.text($0, &random) }), codec: codec, into: &writer)
    #expect(header.codec == codec)
    var claimed = header
    for byteCount in [header.plainByteCount - 1, header.plainByteCount + 1, 1 << 40, Int.max, -1] {
      claimed.plainByteCount = byteCount
      #expect(throws: CorruptionError.self) { try Page.decode(ByteArena(writer.bytes), header: claimed, type: .string) }
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func damageIsAnErrorOrSomeTextsButNeverATrap(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var refused = 0
    for shape in Shape.allCases {
      for codec in [PageCodec.none, .lz4, .zstd] {
        let all = (0..<900).map { row in row % 7 == 0 ? nil : shape.text(row, &random) }
        var writer = ByteWriter()
        let header = Page.encode(column(all), codec: codec, into: &writer)
        for _ in 0..<60 where !writer.bytes.isEmpty {
          var damaged = writer.bytes
          if Bool.random(using: &random) { damaged.removeLast(Int(random.next() % UInt64(damaged.count + 1))) }
          let reach = Bool.random(using: &random) ? min(damaged.count, 160) : damaged.count
          if reach > 0 { damaged[Int(random.next() % UInt64(reach))] = UInt8(truncatingIfNeeded: random.next()) }
          var claimed = header
          claimed.storedByteCount = damaged.count
          claimed.checksum = Checksum.crc32c(damaged)
          if claimed.codec == .none { claimed.plainByteCount = damaged.count }
          if random.next() % 8 == 0 { claimed.encoding = PageEncoding(rawValue: UInt8(random.next() % 13)) ?? .plain }
          do {
            let read = try Page.decode(ByteArena(damaged), header: claimed, type: .string)
            #expect(texts(read).count == 900)
          } catch { refused += 1 }
        }
      }
    }
    #expect(refused > 300)
  }
}
