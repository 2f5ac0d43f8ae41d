internal import Checkpoints
internal import ColdStore
internal import Columns
internal import Commerce
internal import Ingest
internal import Landing
internal import Windows

/// Reads tables whose rows are messages of partitions, in the order of topic, partition and offset.
///
/// Goes over the offsets in stretches and reads for each only the row groups that overlap it, so memory stays bounded
/// however large the table is. Where rows were sorted in another order since they came, a row group overlaps a few
/// stretches of each partition, and is decoded as often. All files are opened at once, and a sweep disturbs nobody.
public struct LogRows: Sendable {
  /// The rows of one row group that lie in a stretch, with their offsets.
  struct Selected {
    let group: TableReader.Group
    let rows: SelectionVector
    let offsets: [Int64]
  }

  /// About 1 KB of memory for each, where every offset has an event.
  var offsetsPerStretch: Int64
  let sources: [SourceState]
  private let schema: Schema
  private let groups: [TableReader.Group]
  private let times: Range<Int64>?

  /// - Parameter times: of events, where their time must lie; all of them where nil.
  public init(_ snapshot: Snapshot, table name: String, times: Range<Int64>? = nil) throws {
    let table = try snapshot.table(name)
    schema = table.state.schema
    sources = snapshot.commit.sources.sorted { $0.id < $1.id }
    self.times = times
    let range = times.map { $0.isEmpty ? Int64.max...Int64.max : ClosedRange($0) }
    let inRange = range.map { ZonePredicate.integers(column: EventSchema.timeColumn, $0) }
    groups = try table.groups(in: range) { header in inRange?.mayMatch(header) ?? true }.groups
    // A row group in another order is decoded for each stretch that it overlaps: there should be few.
    offsetsPerStretch = groups.allSatisfy(LogRows.isInOrder) ? 65_536 : 131_072
  }

  /// Whether a row group's messages follow each other in their partitions, more or less.
  private static func isInOrder(_ group: TableReader.Group) -> Bool {
    let offsets = group.header.lineage.values.reduce(0) { $0 + ($1.maximum - $1.minimum) + 1 }
    return offsets <= 4 * Int64(group.header.rowCount)
  }

  /// The printed columns: where the message came from, then what it says.
  public var columns: [String] { fields.map(\.name) }

  var fields: [QueryColumn] { LogRows.fields(of: schema) }

  static func fields(of schema: Schema) -> [QueryColumn] {
    let place = [
      QueryColumn(name: "topic", kind: .text), QueryColumn(name: "partition", kind: .integer),
      QueryColumn(name: "offset", kind: .integer),
    ]
    return place
      + schema.fields.dropFirst(2).flatMap { field in
        (field.name == "raw" ? ["raw", "raw_base64"] : [field.name]).map {
          QueryColumn(name: $0, kind: QueryTable.kind(field))
        }
      }
  }

  /// Calls `body` with the values of every row, in order.
  public func forEach(_ body: ([OutputValue]) throws -> Void) throws {
    var rows = LogRowsInOrder(self, from: .first, before: nil)
    while let values = try rows.next() { try body(values) }
  }

  /// Where the row stands that has `count` rows before it from `first` on; nil where there are no more. Only positions
  /// and times are read. O(rows that overlap the stretches passed).
  func position(behind count: Int, from first: ExportPosition) throws -> ExportPosition? {
    var left = count
    var stretches = LogStretches(self, from: first, before: nil)
    while let stretch = stretches.next() {
      let offsets = try selected(in: stretch).flatMap(\.offsets)
      if left < offsets.count { return ExportPosition(source: stretch.source, number: offsets.sorted()[left]) }
      left -= offsets.count
    }
    return nil
  }

  /// What lies in a stretch, row group by row group. Reads positions, and times where they matter.
  func selected(in stretch: LogStretches.Stretch) throws -> [Selected] {
    let place = schema.fields.prefix(2).map(\.name)
    return try groups.compactMap { group in
      guard let range = group.header.lineage[stretch.source], range.minimum < stretch.offsets.upperBound,
        range.maximum >= stretch.offsets.lowerBound
      else { return nil }
      let cells = try group.read(place + (times == nil ? [] : [EventSchema.timeColumn]))
      let (sources, offsets) = (cells.integers(0).values, cells.integers(1).values)
      var rows = group.rows.filter { row in
        sources[Int(row)] == stretch.source && stretch.offsets.contains(offsets[Int(row)])
      }
      if let times {
        let values = cells.integers(2).values
        rows = rows.filter { times.contains(values[Int($0)]) }
      }
      return rows.isEmpty ? nil : Selected(group: group, rows: rows, offsets: rows.map { offsets[Int($0)] })
    }
  }

  /// All cells of the chosen rows, and of no others.
  func cells(of selected: Selected) throws -> Batch {
    try selected.group.read(schema.fields.map(\.name), rows: selected.rows).compacted()
  }

  /// What is printed of a row of `cells`.
  func values(_ batch: Batch, _ row: Int, _ source: SourceState) -> [OutputValue] {
    var values: [OutputValue] = [
      .text(source.topic), .integer(Int64(source.partition)), .integer(batch.integers(1).values[row]),
    ]
    for (field, column) in zip(schema.fields, batch.columns).dropFirst(2) {
      let value = CellText.value(column, row: row, type: field.type)
      switch (field.name, value) {
      case ("raw", .text(let bytes)): values += LogRows.raw(bytes)
      case ("raw", _): values += [.null, .null]
      case ("properties", .text(let bytes)): values.append(.json(bytes))
      case ("price", .decimal(let amount)): values.append(.money(Int128(amount)))
      default: values.append(value)
      }
    }
    return values
  }

  /// Raw bytes as text where they are UTF-8, else in Base64.
  private static func raw(_ bytes: [UInt8]) -> [OutputValue] {
    String(validating: bytes, as: UTF8.self) != nil ? [.text(bytes), .null] : [.null, .text(base64(bytes))]
  }

  /// RFC 4648.
  public static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let chunk = bytes[start..<min(start + 3, bytes.count)]
      let word = chunk.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - chunk.count))
      for position in 0..<4 {
        let digit = alphabet[Int(word >> UInt32(18 - 6 * position) & 63)]
        text.append(position <= chunk.count ? digit : UInt8(ascii: "="))
      }
    }
    return String(decoding: text, as: UTF8.self)
  }
}
