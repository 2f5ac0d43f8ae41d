internal import ColdStore
internal import Columns
internal import Encodings

/// What the headers of row groups say of one column: nothing is decoded for it.
struct ColumnSummary {
  let field: Field
  private(set) var rowCount = 0
  private(set) var nullCount = 0
  /// Bytes in the file, and before compression.
  private(set) var storedByteCount = 0
  private(set) var plainByteCount = 0
  /// Pages of each encoding and of each codec.
  private(set) var encodings: [String: Int] = [:]
  private(set) var codecs: [String: Int] = [:]
  private var zone = ZoneMap.empty

  init(_ field: Field) { self.field = field }

  /// The columns of `schema` in `groups`.
  static func summaries(_ schema: Schema, of groups: [RowGroupFile.Entry]) -> [ColumnSummary] {
    schema.fields.map { field in
      var summary = ColumnSummary(field)
      for group in groups { summary.add(group.header) }
      return summary
    }
  }

  /// A row group that lacks the column reads as nulls.
  private mutating func add(_ header: RowGroupHeader) {
    rowCount += header.rowCount
    guard let page = header.schema.index(of: field.name).map({ header.pages[$0] }) else {
      nullCount += header.rowCount
      return
    }
    nullCount += page.nullCount
    storedByteCount += page.storedByteCount
    plainByteCount += page.plainByteCount
    encodings["\(page.encoding)", default: 0] += 1
    codecs["\(page.codec)", default: 0] += 1
    zone = zone.union(page.zoneMap)
  }

  /// What all values lie between, of text the first eight bytes; null where nothing is known.
  var minimum: OutputValue { bounds.minimum }
  var maximum: OutputValue { bounds.maximum }

  private var bounds: (minimum: OutputValue, maximum: OutputValue) {
    switch zone {
    case .unknown, .empty: (.null, .null)
    case .integers(let minimum, let maximum): (value(minimum), value(maximum))
    case .reals(let minimum, let maximum): (.real(minimum), .real(maximum))
    case .prefixes(let minimum, let maximum): (text(minimum), text(maximum))
    }
  }

  private func value(_ number: Int64) -> OutputValue {
    switch field.type {
    case .time: .time(number)
    case .decimal: .decimal(number)
    case .boolean: .boolean(number != 0)
    case .integer, .real, .string, .binary: .integer(number)
    }
  }

  /// The text that begins with the bytes of `prefix`, up to the last whole character.
  private func text(_ prefix: UInt64) -> OutputValue {
    var bytes = (0..<8).map { UInt8(truncatingIfNeeded: prefix >> UInt64(56 - 8 * $0)) }
    while bytes.last == 0 { bytes.removeLast() }
    if field.type == .string {
      while !bytes.isEmpty, String(validating: bytes, as: UTF8.self) == nil { bytes.removeLast() }
    }
    return .text(bytes)
  }

  // MARK: Printed

  static let header = [
    "column", "type", "rows", "nulls", "bytes", "plain", "minimum", "maximum", "encodings", "codecs",
  ]
  /// Columns of `header` that are no numbers.
  static let names: Set<Int> = [0, 1, 6, 7, 8, 9]

  var cells: [String] {
    func shown(_ value: OutputValue) -> String { value == .null ? "-" : value.text }
    return [
      field.name, "\(field.type)", "\(rowCount)", "\(nullCount)", "\(storedByteCount)", "\(plainByteCount)",
      shown(minimum), shown(maximum), ColumnSummary.text(encodings), ColumnSummary.text(codecs),
    ]
  }

  /// The commonest first; how many pages where there are several kinds.
  private static func text(_ counts: [String: Int]) -> String {
    let sorted = counts.sorted { $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value }
    return sorted.map { counts.count > 1 ? "\($0.key) ×\($0.value)" : $0.key }.joined(separator: ", ")
  }

  var json: OutputValue {
    .object([
      ("name", .text(field.name)), ("type", .text("\(field.type)")), ("rows", .integer(Int64(rowCount))),
      ("nulls", .integer(Int64(nullCount))), ("stored_bytes", .integer(Int64(storedByteCount))),
      ("plain_bytes", .integer(Int64(plainByteCount))), ("minimum", minimum), ("maximum", maximum),
      ("encodings", .counts(encodings)), ("codecs", .counts(codecs)),
    ])
  }
}
