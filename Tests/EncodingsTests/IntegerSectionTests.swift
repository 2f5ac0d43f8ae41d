import Columns
import TestSupport
import Testing

@testable import Encodings

@Suite struct IntegerSectionTests {
  /// Columns of many shapes, each of which some encoding is made for or must survive.
  enum Shape: CaseIterable {
    case constant, few, random, extremes, ascending, nearlySorted, evenlySpaced, runs, cents, skewed, powersOfTwo

    func values(_ count: Int, _ random: inout SeededRandom) -> [Int64] {
      (0..<Int64(count)).map { row in
        switch self {
        case .constant: -7
        case .few: Int64(random.next() % 5) &* 1_000_000_007
        case .random: Int64(bitPattern: random.next())
        case .extremes: [Int64.min, .max, 0, -1, 1][Int(random.next() % 5)]
        case .ascending: row * row
        case .nearlySorted: 1_700_000_000_000 + row * 37 + Int64(random.next() % 5000)
        case .evenlySpaced: row * 86_400_000 - 5
        case .runs: Int64(row / 100 % 7)
        case .cents: Int64(random.next() % 50_000) * 100
        case .skewed: Int64(random.next().trailingZeroBitCount)
        case .powersOfTwo: 1 << (row % 64)
        }
      }
    }
  }

  static let counts = [0, 1, 2, 15, 16, 17, 63, 64, 65, 1023, 1024, 1025, 2048, 5000]
  static let encodings: [PageEncoding] = [
    .plain, .frameOfReference, .delta, .deltaOfDelta, .bytePlanes, .deltaPlanes, .runLength,
  ]

  private func read(_ bytes: [UInt8], as encoding: PageEncoding, count: Int) throws -> [Int64] {
    var reader = PageReader(ByteArena(bytes))
    let values = try IntegerSection.read(&reader, as: encoding, count: count)
    try reader.finish()
    return (0..<values.count).map { values[$0] }
  }

  @Test(arguments: Shape.allCases)
  func everyEncodingGivesTheValuesBack(shape: Shape) throws {
    for count in Self.counts {
      var random = SeededRandom(seed: UInt64(count))
      let values = shape.values(count, &random)
      for encoding in Self.encodings {
        var writer = ByteWriter()
        IntegerSection.write(values.span, as: encoding, .lz4, depth: 0, to: &writer)
        #expect(try read(writer.bytes, as: encoding, count: count) == values, "\(encoding), \(count), seed \(count)")
      }
      if let dictionary = IntegerDictionary(values.span) {
        var writer = ByteWriter()
        dictionary.write(.lz4, depth: 0, to: &writer)
        #expect(try read(writer.bytes, as: .dictionary, count: count) == values, "\(count), seed \(count)")
      }
    }
  }

  @Test(arguments: Shape.allCases)
  func theChoiceGivesTheValuesBackAndIsNotLargerThanPlain(shape: Shape) throws {
    for codec in [PageCodec.none, .lz4, .zstd] {
      for count in Self.counts + [20_000] {
        var random = SeededRandom(seed: UInt64(count))
        let values = shape.values(count, &random)
        let (encoding, bytes) = IntegerSection.encode(values.span, codec)
        #expect(try read(bytes, as: encoding, count: count) == values, "\(encoding), \(count), seed \(count)")
        #expect(bytes.count <= max(8 * count + 8 * count / 100, 8 * count + 64), "\(encoding), \(count)")
      }
    }
  }

  @Test func theChoiceIsWhatTheShapeIsMadeFor() {
    var random = SeededRandom(seed: 5)
    let expected: [(Shape, PageEncoding)] = [
      (.few, .dictionary), (.random, .plain), (.ascending, .deltaOfDelta), (.evenlySpaced, .delta),
      (.nearlySorted, .delta), (.skewed, .frameOfReference), (.cents, .scaled), (.runs, .runLength),
    ]
    for (shape, encoding) in expected {
      let values = shape.values(20_000, &random)
      #expect(choice(values, .lz4) == encoding, "\(shape)")
    }
    // Two bytes of chance below one that is mostly zero.
    let skewed = (0..<20_000).map { _ in
      Int64(random.next().trailingZeroBitCount << 16) | Int64(random.next() & 0xFFFF)
    }
    #expect(choice(skewed, .zstd) == .bytePlanes)
  }

  private func choice(_ values: [Int64], _ codec: PageCodec) -> PageEncoding {
    let (encoding, _) = IntegerSection.encode(values.span, codec)
    return encoding
  }

  @Test(arguments: 0...64)
  func packedNumbersComeBackInEveryWidth(width: Int) throws {
    var random = SeededRandom(seed: UInt64(width))
    let mask = width == 0 ? 0 : UInt64.max >> UInt64(64 - width)
    for count in [1, 15, 16, 17, 1000, 1023, 1024, 1025, 3000] {
      var values = (0..<count).map { _ in Int64(bitPattern: random.next() & mask) }
      // Both bounds are there, so that the width is what was asked for.
      values[0] = 0
      values[count - 1] = Int64(bitPattern: mask)
      var writer = ByteWriter()
      FrameOfReference.write(values.span, to: &writer)
      #expect(try read(writer.bytes, as: .frameOfReference, count: count) == values, "\(count), seed \(width)")
    }
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func damageIsAnErrorOrSomeValueButNeverATrap(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var refused = 0
    for shape in Shape.allCases {
      let values = shape.values(1500, &random)
      for encoding in Self.encodings + [.dictionary, .scaled] {
        var writer = ByteWriter()
        switch encoding {
        case .dictionary: IntegerDictionary(values.span)?.write(.lz4, depth: 0, to: &writer)
        case .scaled:
          Scaled.write(values.span, exponent: Scaled.exponent(values.span), .lz4, depth: 0, to: &writer)
        default: IntegerSection.write(values.span, as: encoding, .lz4, depth: 0, to: &writer)
        }
        for _ in 0..<40 {
          var damaged = writer.bytes
          if Bool.random(using: &random) { damaged.removeLast(Int(random.next() % UInt64(damaged.count + 1))) }
          // Most damage hits the head, where counts, widths and encodings are.
          let reach = Bool.random(using: &random) ? min(damaged.count, 12) : damaged.count
          if reach > 0 { damaged[Int(random.next() % UInt64(reach))] = UInt8(truncatingIfNeeded: random.next()) }
          do {
            #expect(try read(damaged, as: encoding, count: 1500).count == 1500)
          } catch is CorruptionError { refused += 1 }
        }
      }
    }
    #expect(refused > 500)
  }

  @Test func absurdNestingAndCountsAreRefused() {
    let scaledForever = [UInt8](repeating: 0, count: 1) + [UInt8](repeating: 8, count: 100_000)
    #expect(throws: CorruptionError.self) { try read(scaledForever, as: .scaled, count: 10) }
    var writer = ByteWriter()
    writer.writeVarint(.max)
    for encoding in [PageEncoding.dictionary, .runLength, .plain, .bytePlanes, .delta, .identifier, .text] {
      #expect(throws: CorruptionError.self) { try read(writer.bytes, as: encoding, count: 1 << 22) }
    }
  }
}
