/// Builds a batch: cell by cell for results, or by gathering rows of other batches.
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

    mutating func appendValidity(_ validity: ValidityBitmap?, _ rows: SelectionVector) {
      valid.makeRoom(for: rows.count)
      if let validity {
        for row in rows { valid.append(validity.isValid(Int(row))) }
      } else {
        valid.append(contentsOf: repeatElement(true, count: rows.count))
      }
    }

    mutating func appendText(_ text: StringColumn, _ rows: SelectionVector) {
      views.makeRoom(for: rows.count)
      valid.makeRoom(for: rows.count)
      if let distinct = text.distinct, distinct.count <= rows.count {
        return appendDistinct(distinct, text.arena, rows)
      }
      let source = text.views.span
      arena.reserve(rows.reduce(0) { $0 + max(Int(source[Int($1)].length), 0) })
      for row in rows {
        let view = source[Int(row)]
        views.append(view.isNull ? .null : arena.append(view, of: text.arena))
        valid.append(!view.isNull)
      }
    }

    /// Texts that rows share are shared here too.
    private mutating func appendDistinct(_ distinct: DistinctTexts, _ source: ByteArena, _ rows: SelectionVector) {
      var copies = [StringView?](repeating: nil, count: distinct.count)
      for row in rows {
        let code = distinct.codes[Int(row)]
        valid.append(code != DistinctTexts.none)
        guard code != DistinctTexts.none else {
          views.append(.null)
          continue
        }
        let view = copies[Int(code)] ?? arena.append(distinct.views[Int(code)], of: source)
        copies[Int(code)] = view
        views.append(view)
      }
    }
  }

  public init(_ schema: Schema) {
    self.schema = schema
    columns = schema.fields.map { _ in PartialColumn() }
  }

  /// Rows appended to the first column so far.
  public var rowCount: Int { columns.first?.valid.count ?? 0 }
  /// Memory of what was appended so far, in bytes, roughly. O(columns).
  public var heldBytes: Int { columns.reduce(0) { $0 + $1.arena.count + $1.valid.count * 9 } }

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

  /// Appends `rows` of `batch`, which has the same columns, column by column. O(cells), amortized the bytes of text.
  public mutating func append(_ batch: Batch, rows: SelectionVector) {
    for (index, column) in batch.columns.enumerated() {
      switch column {
      case .integer(let values):
        columns[index].integers.append(gathering: rows, of: values.values)
        columns[index].appendValidity(values.validity, rows)
      case .real(let values):
        columns[index].reals.append(gathering: rows, of: values.values)
        columns[index].appendValidity(values.validity, rows)
      case .boolean(let values):
        columns[index].booleans.append(gathering: rows, of: values.values)
        columns[index].appendValidity(values.validity, rows)
      case .string(let values):
        columns[index].appendText(values, rows)
      }
    }
  }

  /// The batch of all rows appended; the builder is empty afterwards. No two columns are held twice at a time.
  public mutating func build() -> Batch {
    let rowCount = self.rowCount
    let built = schema.fields.enumerated().map { index, field -> Column in
      var column = PartialColumn()
      swap(&column, &columns[index])
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
    return Batch(schema: schema, rowCount: rowCount, columns: built)
  }
}

extension Array {
  /// Makes room for `additional` more elements at once; amortized O(1) an element.
  fileprivate mutating func makeRoom(for additional: Int) {
    if count + additional > capacity { reserveCapacity(Swift.max(count + additional, capacity * 2)) }
  }
}

extension Array where Element: BitwiseCopyable & Sendable {
  /// Appends the values at `rows`.
  fileprivate mutating func append(gathering rows: SelectionVector, of values: ColumnBuffer<Element>) {
    makeRoom(for: rows.count)
    for row in rows { append(values[Int(row)]) }
  }
}
