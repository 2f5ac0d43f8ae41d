internal import Columns
internal import Encodings

extension FuzzTarget {
  /// An input is the row count and the null count (two bytes each), and the page's plain bytes.
  static let composedPage = FuzzTarget(
    "composed_page", "a page of texts that are made of another column's words", seeds: ComposedSeeds.all
  ) { bytes in
    var reader = ByteReader(bytes)
    let rowCount = Int(try reader.readUInt8()) | Int(try reader.readUInt8()) << 8
    let nullCount = Int(try reader.readUInt8()) | Int(try reader.readUInt8()) << 8
    let stored = ByteArena(Array(try reader.readRaw(reader.remaining)))
    let page = try PageHeader(dependent: .composed, rowCount, nullCount: nullCount, stored.span)
    guard case .string(let other) = ComposedSeeds.columns(rowCount)[0] else { return }
    try FewRows.check(
      all: { try Page.decode(stored, header: page, rows: nil, composedOf: other) }, of: rowCount, bytes,
      chosen: { try Page.decode(stored, header: page, rows: $0, composedOf: Gathering.text(other, $0)) })
  }
}

/// Pages of texts that are made of others.
enum ComposedSeeds {
  /// Sessions, one in twenty null, and events that are made of them.
  static func columns(_ rowCount: Int) -> [Column] {
    var builder = BatchBuilder(Schema([Field("session", .string), Field("event", .string)]))
    for row in 0..<rowCount {
      let (session, isNull) = ("\(row / 5 * 7919 + 100_000)_visit", row % 20 == 19)
      builder.append(isNull ? nil : "s_\(session)", to: 0)
      builder.append(isNull ? nil : "\(session)-\(row * 31 % 97)", to: 1)
    }
    return builder.build().columns
  }

  @Sendable static func all() -> [[UInt8]] {
    [200, 3000].compactMap { rowCount in
      var writer = ByteWriter()
      let headers = PageGroup.encode(columns(rowCount).map { [ColumnSlice($0)] }, codec: .none, into: &writer)
      guard headers[1].encoding == .composed else { return nil }
      var seed = ByteWriter()
      for count in [rowCount, headers[1].nullCount] {
        for byte in 0..<2 { seed.write(UInt8(truncatingIfNeeded: count >> (8 * byte))) }
      }
      seed.writeRaw(Array(writer.bytes[headers[0].storedByteCount...]).span)
      return seed.bytes
    }
  }
}
