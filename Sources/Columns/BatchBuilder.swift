/// Builds a batch row by row, for results and for tables that are not on the hot path.
///
/// Append to every column once per row, then `build()`. A column that was not appended to in a row is a precondition
/// failure when building.
public struct BatchBuilder {
  public let schema: Schema
  private var columns: [PartialColumn]

  /// One column under construction.
  private struct PartialColumn {
    var integers: [Int64] = []
    var reals: [Double] = []
    var booleans: [UInt8] = []
    var views: [StringView] = []
    var valid: [Bool] = []
    var arena = ByteArena()
  }

  public init(_ schema: Schema) {
    self.schema = schema
    columns = schema.fields.map { _ in PartialColumn() }
  }

  /// Rows appended to the first column so far.
  public var rowCount: Int { columns.first?.valid.count ?? 0 }
  /// Bytes of text appended so far.
  public var textBytes: Int { columns.reduce(0) { $0 + $1.arena.count } }

  public mutating func append(_ value: Int64?, to column: Int) {
    assert([.integer, .time, .decimal].contains(schema.fields[column].type))
    columns[column].integers.append(value ?? 0)
    columns[column].valid.append(value != nil)
  }

  public mutating func append(_ value: Double?, to column: Int) {
    assert(schema.fields[column].type == .real)
    columns[column].reals.append(value ?? 0)
    columns[column].valid.append(value != nil)
  }

  public mutating func append(_ value: Bool?, to column: Int) {
    assert(schema.fields[column].type == .boolean)
    columns[column].booleans.append(value == true ? 1 : 0)
    columns[column].valid.append(value != nil)
  }

  public mutating func append(_ text: String?, to column: Int) {
    guard var text else { return appendNullText(to: column) }
    text.withUTF8 { utf8 in unsafe append(utf8.span, to: column) }
  }

  public mutating func append(_ bytes: Span<UInt8>, to column: Int) {
    assert([.string, .binary].contains(schema.fields[column].type))
    let offset = columns[column].arena.append(bytes)
    columns[column].views.append(StringView(offset: UInt32(offset), length: Int32(bytes.count)))
    columns[column].valid.append(true)
  }

  public mutating func appendNullText(to column: Int) {
    columns[column].views.append(.null)
    columns[column].valid.append(false)
  }

  /// Appends `rows` of `batch`, which has the same columns, column by column.
  public mutating func append(_ batch: Batch, rows: SelectionVector) {
    for (index, column) in batch.columns.enumerated() {
      switch column {
      case .integer(let values): for row in rows { append(values[Int(row)], to: index) }
      case .real(let values): for row in rows { append(values[Int(row)], to: index) }
      case .boolean(let values): for row in rows { append(values[Int(row)].map { $0 == 1 }, to: index) }
      case .string(let values):
        for row in rows {
          if values.isNull(Int(row)) { appendNullText(to: index) } else { append(values.bytes(Int(row)), to: index) }
        }
      }
    }
  }

  /// The batch of all rows appended; the builder is empty afterwards.
  public mutating func build() -> Batch {
    let rowCount = self.rowCount
    let built = zip(schema.fields, columns).map { field, column -> Column in
      precondition(
        column.valid.count == rowCount,
        "column \(field.name) has \(column.valid.count) rows, not \(rowCount)")
      let validity = column.valid.contains(false) ? ValidityBitmap(column.valid) : nil
      return switch field.type {
      case .integer, .time, .decimal: .integer(FixedColumn(values: ColumnBuffer(column.integers), validity: validity))
      case .real: .real(FixedColumn(values: ColumnBuffer(column.reals), validity: validity))
      case .boolean: .boolean(FixedColumn(values: ColumnBuffer(column.booleans), validity: validity))
      case .string, .binary: .string(StringColumn(views: ColumnBuffer(column.views), arena: column.arena))
      }
    }
    self = BatchBuilder(schema)
    return Batch(schema: schema, rowCount: rowCount, columns: built)
  }
}
