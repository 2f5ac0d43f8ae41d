internal import Columns
internal import Encodings
internal import TestSupport

extension FuzzTarget {
  /// An input is the column's type, the row count (three bytes), the page's header up to its checksum without the count
  /// of stored bytes, and the stored bytes.
  static let page = FuzzTarget("page", "a page of a column: encodings and codecs", seeds: PageSeeds.all) { bytes in
    var reader = ByteReader(bytes)
    let type = ColumnType(rawValue: try reader.readUInt8() % UInt8(ColumnType.allCases.count)) ?? .integer
    let low = try reader.readRaw(3)
    // Real row groups have up to 2¹⁸ rows; more would only be slow.
    let rowCount = low.reversed().reduce(0) { $0 << 8 | Int($1) } % (1 << 18)
    let encoding = try reader.readUInt8()
    let codec = try reader.readUInt8()
    let nullCount = try reader.readVarint()
    let plainByteCount = try reader.readVarint()
    let stored = ByteArena(Array(try reader.readRaw(reader.remaining)))
    var header = ByteWriter()
    header.write(encoding)
    header.write(codec)
    header.writeVarint(nullCount)
    // Without a codec there is nothing to say: it would only have to be guessed.
    header.writeVarint(codec == 0 ? UInt64(stored.count) : plainByteCount)
    header.writeVarint(UInt64(stored.count))
    header.write(Checksum.crc32c(stored.span))
    ZoneMap.unknown.write(to: &header)
    var headerReader = ByteReader(header.bytes)
    let page = try PageHeader(from: &headerReader, rowCount: rowCount)
    try FewRows.check(
      all: { try Page.decode(stored, header: page, type: type) }, of: rowCount, bytes,
      chosen: { rows in
        guard page.encoding == .dictionary, type == .string else {
          return try Page.decode(stored, header: page, type: type, rows: rows)
        }
        return .string(try Page.textsAndCodes(stored, header: page, rows: rows, determinant: nil).texts)
      },
      sought: { try Page.rows(of: $0, stored, header: page) })
  }
}

/// Pages of every encoding: columns of many shapes, with and without nulls, by each codec.
enum PageSeeds {
  @Sendable static func all() -> [[UInt8]] {
    var random = SeededRandom(seed: 7)
    var seeds: [[UInt8]] = []
    for shape in Shape.allCases {
      for nullOdds in [0, 5] as [UInt64] {
        for codec in [PageCodec.none, .lz4, .zstd] {
          let (type, column) = shape.column(rowCount: 200, nullOdds: nullOdds, &random)
          seeds.append(seed(type, column, codec))
        }
      }
    }
    return seeds
  }

  private static func seed(_ type: ColumnType, _ column: Column, _ codec: PageCodec) -> [UInt8] {
    var stored = ByteWriter()
    let header = Page.encode(column, codec: codec, into: &stored)
    var seed = ByteWriter()
    seed.write(type.rawValue)
    for byte in 0..<3 { seed.write(UInt8(truncatingIfNeeded: header.rowCount >> (8 * byte))) }
    seed.write(header.encoding.rawValue)
    seed.write(header.codec.rawValue)
    seed.writeVarint(UInt64(header.nullCount))
    seed.writeVarint(UInt64(header.plainByteCount))
    seed.writeRaw(stored.bytes.span)
    return seed.bytes
  }

  /// What a column's values are like, each of which another encoding suits.
  private enum Shape: CaseIterable {
    case constant, steps, wobbling, few, runs, prices, noise, reals, flags
    case names, identifiers, numbered, digits, prefixed, free

    func column(rowCount: Int, nullOdds: UInt64, _ random: inout SeededRandom) -> (ColumnType, Column) {
      var builder = BatchBuilder(Schema([Field("column", type)]))
      for row in 0..<rowCount { append(row, isNull: nullOdds > 0 && random.next() % nullOdds == 0, &random, &builder) }
      return (type, builder.build().columns[0])
    }

    private var type: ColumnType {
      switch self {
      case .constant, .few, .runs, .noise, .wobbling: .integer
      case .steps: .time
      case .prices: .decimal
      case .reals: .real
      case .flags: .boolean
      case .names, .identifiers, .numbered, .digits, .prefixed, .free: .string
      }
    }

    private func append(_ row: Int, isNull: Bool, _ random: inout SeededRandom, _ builder: inout BatchBuilder) {
      switch type {
      case .real: builder.append(isNull ? nil : Double(random.next() % 1000) / 8, to: 0)
      case .boolean: builder.append(isNull ? nil : random.next() % 3 == 0, to: 0)
      case .string, .binary:
        if isNull { builder.appendNullText(to: 0) } else { builder.append(Array(text(row, &random).utf8).span, to: 0) }
      case .integer, .time, .decimal: builder.append(isNull ? nil : number(row, &random), to: 0)
      }
    }

    private func number(_ row: Int, _ random: inout SeededRandom) -> Int64 {
      switch self {
      case .constant: 7
      case .steps: 1_700_000_000_000 + Int64(row) * 250
      case .wobbling: 1_700_000_000_000 + Int64(row) * 250 + Int64(random.next() % 90)
      case .few: random.choose([3, 1 << 40, -5])
      case .runs: Int64(row / 30)
      case .prices: Int64(random.next() % 400) * 10_000 + 9900
      default: Int64(bitPattern: random.next())
      }
    }

    private func text(_ row: Int, _ random: inout SeededRandom) -> String {
      switch self {
      case .names: random.choose(["page_view", "click", "purchase"])
      case .identifiers: "s_" + String(random.next() | 1 << 63, radix: 16)
      case .numbered: "u_\(100_000 + random.next() % 9000)"
      case .digits: "\(random.next() % 5000)"
      case .prefixed: "/product/sku_\(random.next() % 300)?from=\(random.next() % 5)"
      default: String(repeating: "x", count: Int(random.next() % 9)) + "é\(row)"
      }
    }
  }
}
