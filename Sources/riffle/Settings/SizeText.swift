/// Sizes in bytes as people write them: `65536`, `64 MiB`, `1.5 GB`.
enum SizeText {
  private static let binaryUnits: [(name: String, bytes: Int64)] = [
    ("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10), ("B", 1),
  ]
  private static let decimalUnits: [(name: String, bytes: Int64)] = [
    ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1000),
  ]

  /// Bytes; a number without a unit counts bytes. Nil where `text` is neither, or is no whole number of bytes.
  static func parse(_ text: String) -> Int64? {
    var scanner = QuantityScanner(text)
    guard let number = scanner.number() else { return nil }
    if scanner.isAtEnd { return number.whole(times: 1) }
    guard let unitName = scanner.word(), scanner.isAtEnd,
      let unit = (binaryUnits + decimalUnits).first(where: { $0.name == unitName })
    else { return nil }
    return number.whole(times: unit.bytes)
  }

  /// Exactly, in the greatest binary unit that divides it: `64 MiB`, `1000 B`.
  static func format(_ bytes: Int64) -> String {
    guard bytes != 0, let unit = binaryUnits.first(where: { bytes % $0.bytes == 0 }) else { return "0 B" }
    return "\(bytes / unit.bytes) \(unit.name)"
  }

  /// To a tenth, in the greatest binary unit that is not larger: `1.2 GiB`.
  static func approximate(_ bytes: Int64) -> String {
    guard let unit = binaryUnits.first(where: { bytes >= $0.bytes }), unit.bytes > 1 else { return "\(bytes) B" }
    return "\(bytes / unit.bytes).\(bytes % unit.bytes * 10 / unit.bytes) \(unit.name)"
  }
}
