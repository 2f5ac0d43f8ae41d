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
/// stretches of each partition, and is decoded as often.
public struct LogRows {
  private static let offsetsPerStretch = 262_144

  /// A row of a stretch.
  private struct Found {
    let offset: Int64
    let batch: Int
    let row: Int
  }

  private let snapshot: Snapshot
  private let table: TableReader
  private let schema: Schema
  private let isEvents: Bool

  public init(_ snapshot: Snapshot, table name: String) throws {
    self.snapshot = snapshot
    table = try snapshot.table(name)
    schema = table.state.schema
    isEvents = name == TableNames.events
  }

  /// The printed columns: where the message came from, then what it says.
  public var columns: [String] { fields.map(\.name) }

  var fields: [QueryColumn] {
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
    let files = try table.files()
    for source in snapshot.commit.sources.sorted(by: { $0.id < $1.id }) {
      for start in stride(from: 0, to: source.nextOffset, by: Int(LogRows.offsetsPerStretch)) {
        let (batches, rows) = try rows(of: source, in: start..<start + Int64(LogRows.offsetsPerStretch), files)
        for found in rows { try body(values(batches[found.batch], found.row, source)) }
      }
    }
  }

  /// The rows of a stretch of offsets, in order, in batches that hold no others.
  private func rows(
    of source: SourceState, in stretch: Range<Int64>, _ files: [(path: String, file: RowGroupFile)]
  ) throws -> ([Batch], [Found]) {
    var batches: [Batch] = []
    var found: [Found] = []
    let position = Schema(Array(schema.fields.prefix(2)))
    for (path, file) in files {
      for (index, group) in file.groups.enumerated() {
        guard let range = group.header.lineage[Int64(source.id)], range.minimum < stretch.upperBound,
          range.maximum >= stretch.lowerBound
        else { continue }
        let positions = try file.read(index, as: position)
        let (sources, offsets) = (positions.integers(0).values, positions.integers(1).values)
        let visible = table.state.deletions[path]?.visible(in: group.rows)
        let rows = (visible ?? SelectionVector(0..<UInt32(positions.rowCount))).filter { row in
          sources[Int(row)] == Int64(source.id) && stretch.contains(offsets[Int(row)])
        }
        guard !rows.isEmpty else { continue }
        found += rows.enumerated().map { Found(offset: offsets[Int($1)], batch: batches.count, row: $0) }
        batches.append(try file.read(index, as: schema, rows: rows).compacted())
      }
    }
    return (batches, found.sorted { $0.offset < $1.offset })
  }

  private func values(_ batch: Batch, _ row: Int, _ source: SourceState) -> [OutputValue] {
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
  static func base64(_ bytes: [UInt8]) -> String {
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
