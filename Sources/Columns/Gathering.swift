/// The chosen rows of a column that came in slices, side by side.
public enum Gathering {
  /// The values of all slices in one column; a slice's own memory where it is the only one and wanted whole.
  public static func fixed<Value>(
    _ slices: [(column: FixedColumn<Value>, rows: SelectionVector?)]
  ) -> FixedColumn<Value> {
    if slices.count == 1, slices[0].rows == nil, slices[0].column.validity == nil { return slices[0].column }
    let rowCount = slices.reduce(0) { $0 + ($1.rows?.count ?? $1.column.rowCount) }
    let values = unsafe ColumnBuffer<Value>(unclearedCapacity: rowCount)
    var start = 0
    for (column, rows) in slices {
      copy(column.values, rows, to: values, at: start)
      start += rows?.count ?? column.rowCount
    }
    values.seal(count: rowCount)
    return FixedColumn(
      values: values, validity: validity(slices.map { ($0.column.validity, $0.rows, $0.column.rowCount) }))
  }

  /// The views of the chosen rows over the same arena, and the same distinct texts.
  public static func text(_ column: StringColumn, _ rows: SelectionVector?) -> StringColumn {
    guard let rows else { return column }
    let distinct = column.distinct.map { DistinctTexts(views: $0.views, codes: chosen($0.codes, rows)) }
    return StringColumn(views: chosen(column.views, rows), arena: column.arena, distinct: distinct)
  }

  private static func chosen<Value>(_ values: ColumnBuffer<Value>, _ rows: SelectionVector) -> ColumnBuffer<Value> {
    let chosen = unsafe ColumnBuffer<Value>(unclearedCapacity: rows.count)
    copy(values, rows, to: chosen, at: 0)
    chosen.seal(count: rows.count)
    return chosen
  }

  /// The chosen rows of any column.
  public static func column(_ column: Column, _ rows: SelectionVector) -> Column {
    switch column {
    case .integer(let column): .integer(fixed([(column, rows)]))
    case .real(let column): .real(fixed([(column, rows)]))
    case .boolean(let column): .boolean(fixed([(column, rows)]))
    case .string(let column): .string(text(column, rows))
    }
  }

  /// Writes the chosen values from `start` on, where `target` has room for as many.
  private static func copy<Value>(
    _ values: ColumnBuffer<Value>, _ rows: SelectionVector?, to target: ColumnBuffer<Value>, at start: Int
  ) {
    precondition(start + (rows?.count ?? values.count) <= target.capacity, "gathered rows run over their column")
    let (source, target) = unsafe (values.base, target.base + start)
    guard let rows else { return unsafe target.update(from: source, count: values.count) }
    for index in rows.indices {
      let row = Int(rows[index])
      precondition(row < values.count, "a selection is out of range")
      unsafe target[index] = source[row]
    }
  }

  /// The chosen bits of all slices, zeros behind the last; nil where none is null.
  private static func validity(
    _ slices: [(validity: ValidityBitmap?, rows: SelectionVector?, rowCount: Int)]
  ) -> ValidityBitmap? {
    guard slices.contains(where: { $0.validity != nil }) else { return nil }
    let total = slices.reduce(0) { $0 + ($1.rows?.count ?? $1.rowCount) }
    var bits = BitWriter(count: total)
    for (validity, rows, rowCount) in slices {
      let count = rows?.count ?? rowCount
      switch (validity, rows) {
      case (nil, _): for _ in 0..<count { bits.append(true) }
      case (let validity?, nil): for row in 0..<count { bits.append(validity.isValid(row)) }
      case (let validity?, let rows?): for row in rows { bits.append(validity.isValid(Int(row))) }
      }
    }
    let gathered = ValidityBitmap(words: bits.finish(), rowCount: total)
    return gathered.nullCount == 0 ? nil : gathered
  }
}

/// Bits one after the other, which become words, low bits first: a word is written once.
private struct BitWriter {
  private var words: [UInt64] = []
  private var word: UInt64 = 0
  private var count = 0

  init(count: Int) { words.reserveCapacity(ValidityBitmap.wordCount(rowCount: count)) }

  @inline(__always)
  mutating func append(_ bit: Bool) {
    word |= (bit ? 1 : 0) &<< UInt64(count & 63)
    count += 1
    guard count & 63 == 0 else { return }
    words.append(word)
    word = 0
  }

  /// The words, zeros behind the last bit.
  mutating func finish() -> ColumnBuffer<UInt64> {
    if count & 63 != 0 || count == 0 { words.append(word) }
    return ColumnBuffer(words)
  }
}
