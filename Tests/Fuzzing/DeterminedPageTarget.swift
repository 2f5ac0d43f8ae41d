internal import Columns
internal import Encodings

extension FuzzTarget {
  /// An input is the column's type, how many values the other column has, the row count and the null count (two bytes
  /// each), and the page's plain bytes.
  static let determinedPage = FuzzTarget(
    "determined_page", "a page of a column that another one determines", seeds: DeterminedSeeds.all
  ) { bytes in
    var reader = ByteReader(bytes)
    let type = ColumnType(rawValue: try reader.readUInt8() % UInt8(ColumnType.allCases.count)) ?? .integer
    let distinctCount = Int(try reader.readUInt8())
    let rowCount = Int(try reader.readUInt8()) | Int(try reader.readUInt8()) << 8
    let nullCount = Int(try reader.readUInt8()) | Int(try reader.readUInt8()) << 8
    let stored = ByteArena(Array(try reader.readRaw(reader.remaining)))
    let page = try PageHeader(dependent: .determined, rowCount, nullCount: nullCount, stored.span)
    guard let codes = DeterminedSeeds.codes(rowCount, distinctCount) else { return }
    try FewRows.check(
      all: { try Page.decode(stored, header: page, type: type, rows: nil, determinant: codes) }, of: rowCount, bytes,
      chosen: { rows in
        guard let codes = DeterminedSeeds.codes(rowCount, distinctCount, rows: rows) else {
          preconditionFailure("some rows have no codes, all have")
        }
        guard type == .string else {
          return try Page.decode(stored, header: page, type: type, rows: rows, determinant: codes)
        }
        return .string(try Page.textsAndCodes(stored, header: page, rows: rows, determinant: codes).texts)
      })
    if type == .string { _ = try Page.codes(stored, header: page, rows: nil, determinant: codes) }
  }
}

extension PageHeader {
  /// Of a page without a codec that depends on the first column's.
  init(
    dependent encoding: PageEncoding, _ rowCount: Int, nullCount: Int, _ stored: Span<UInt8>
  ) throws(CorruptionError) {
    var header = ByteWriter()
    header.write(encoding.rawValue)
    header.writeVarint(0)
    header.write(PageCodec.none.rawValue)
    header.writeVarint(UInt64(nullCount))
    header.writeVarint(UInt64(stored.count))
    header.writeVarint(UInt64(stored.count))
    header.write(Checksum.crc32c(stored))
    ZoneMap.unknown.write(to: &header)
    var reader = ByteReader(header.bytes)
    try self.init(from: &reader, rowCount: rowCount)
  }
}

/// Pages that columns of few values determine.
enum DeterminedSeeds {
  private static let rowCount = 4000
  private static let distinctCount = 20

  /// The other column: its values in turn, and a null behind the last.
  private static func texts(_ rowCount: Int, _ distinctCount: Int) -> Column {
    var builder = BatchBuilder(Schema([Field("other", .string)]))
    for row in 0..<rowCount {
      let value = row % (distinctCount + 1)
      builder.append(value == distinctCount ? nil : "value-\(value)", to: 0)
    }
    return builder.build().columns[0]
  }

  /// Its codes, as its page gives them; nil where it has none.
  static func codes(_ rowCount: Int, _ distinctCount: Int, rows: SelectionVector? = nil) -> PageCodes? {
    var writer = ByteWriter()
    let header = Page.encode(texts(rowCount, distinctCount), codec: .none, into: &writer)
    return try? Page.codes(ByteArena(writer.bytes), header: header, rows: rows, determinant: nil)
  }

  @Sendable static func all() -> [[UInt8]] {
    let types: [ColumnType] = [.string, .decimal, .real, .boolean]
    return types.compactMap { type in
      var writer = ByteWriter()
      let columns = [texts(rowCount, distinctCount), column(type)]
      let headers = PageGroup.encode(columns.map { [ColumnSlice($0)] }, codec: .none, into: &writer)
      guard headers[1].determinant == 0 else { return nil }
      var seed = ByteWriter()
      seed.write(type.rawValue)
      seed.write(UInt8(distinctCount))
      for count in [rowCount, headers[1].nullCount] {
        for byte in 0..<2 { seed.write(UInt8(truncatingIfNeeded: count >> (8 * byte))) }
      }
      seed.writeRaw(Array(writer.bytes[headers[0].storedByteCount...]).span)
      return seed.bytes
    }
  }

  private static func column(_ type: ColumnType) -> Column {
    var builder = BatchBuilder(Schema([Field("column", type)]))
    for row in 0..<rowCount {
      let value = row % 50 == 49 ? 3 : row % (distinctCount + 1) * 31 % 17
      let isNull = value % 5 == 4
      switch type {
      case .string, .binary: builder.append(isNull ? nil : "/page/\(value)", to: 0)
      case .real: builder.append(isNull ? nil : Double(value) / 8, to: 0)
      case .boolean: builder.append(isNull ? nil : value % 2 == 0, to: 0)
      case .integer, .time, .decimal: builder.append(isNull ? nil : Int64(value) * 9973, to: 0)
      }
    }
    return builder.build().columns[0]
  }
}
