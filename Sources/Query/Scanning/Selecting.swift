internal import Columns
internal import Glibc

/// Narrows selections: a loop for each kind of condition, over a column and the rows that are left.
enum Selecting {
  /// Keeps those of `rows` whose cell of `column` meets `condition`. O(rows).
  static func keep(_ rows: inout SelectionVector, _ condition: ColumnTest.Condition, _ column: Column) {
    if case .isNull(let isNull) = condition {
      keepNulls(&rows, isNull, column)
    } else if case .string(let text) = column {
      guard case .text(let test) = condition else { preconditionFailure("text is compared with a number") }
      keepTexts(&rows, test, text)
    } else {
      keepWords(&rows, condition, Word.column(column))
    }
  }

  /// Keeps those of `rows` that are among `found`, which are few; both ascend. O(found · log rows).
  static func keep(_ rows: inout SelectionVector, _ found: SelectionVector) {
    rows = found.filter { wanted in
      var (low, high) = (0, rows.count)
      while low < high {
        let middle = (low + high) / 2
        if rows[middle] < wanted { low = middle + 1 } else { high = middle }
      }
      return low < rows.count && rows[low] == wanted
    }
  }

  /// Keeps the rows that hold a value.
  static func keepValues(_ rows: inout SelectionVector, _ column: Column) { keepNulls(&rows, false, column) }

  private static func keepNulls(_ rows: inout SelectionVector, _ isNull: Bool, _ column: Column) {
    switch column {
    case .string(let text):
      let views = text.views.span
      compact(&rows) { views[$0].isNull == isNull }
    case .integer(let column): keepNulls(&rows, isNull, column.validity)
    case .real(let column): keepNulls(&rows, isNull, column.validity)
    case .boolean(let column): keepNulls(&rows, isNull, column.validity)
    }
  }

  private static func keepNulls(_ rows: inout SelectionVector, _ isNull: Bool, _ validity: ValidityBitmap?) {
    if let validity {
      compact(&rows) { validity.isValid($0) != isNull }
    } else if isNull {
      rows.removeAll()
    }
  }

  private static func keepWords(
    _ rows: inout SelectionVector, _ condition: ColumnTest.Condition, _ column: FixedColumn<Int64>
  ) {
    keepNulls(&rows, false, column.validity)
    let values = column.values.span
    switch condition {
    case .within(let lower, let upper): compact(&rows) { lower <= values[$0] && values[$0] <= upper }
    case .isNot(let word): compact(&rows) { values[$0] != word }
    case .among(let words): compact(&rows) { words.contains(values[$0]) }
    case .isNull, .text: preconditionFailure("a number is compared with text")
    }
  }

  private static func keepTexts(_ rows: inout SelectionVector, _ test: TextTest, _ text: StringColumn) {
    if let distinct = text.distinct, distinct.count < rows.count { return keepCodes(&rows, test, text, distinct) }
    let views = text.views.span
    switch test {
    case .among(let wanted):
      if wanted.count == 1, let short = ShortText(wanted[0]) {
        let length = Int32(wanted[0].count)
        return compact(&rows) { views[$0].length == length && ShortText(views[$0], text.arena) == short }
      }
      guard wanted.count > 4 else {
        compact(&rows) { row in wanted.contains { isEqual(text, views[row], $0) } }
        return
      }
      let hashes = Set(wanted.map { Hash.hash64($0.span) })
      compact(&rows) { row in
        hashes.contains(Hash.hash64(text.bytes(row))) && wanted.contains { isEqual(text, views[row], $0) }
      }
    case .isNot(let other): compact(&rows) { !views[$0].isNull && !isEqual(text, views[$0], other) }
    case .prefix(let prefix):
      compact(&rows) { row in
        let view = views[row]
        guard Int(view.length) >= prefix.count else { return false }
        return isEqual(text, StringView(offset: view.offset, length: Int32(prefix.count)), prefix)
      }
    case .before(let bound, let orEqual):
      compact(&rows) { !views[$0].isNull && compare(text, $0, bound) < (orEqual ? 1 : 0) }
    case .after(let bound, let orEqual):
      compact(&rows) { !views[$0].isNull && compare(text, $0, bound) > (orEqual ? -1 : 0) }
    }
  }

  /// The same for a dictionary: its texts are compared once each, rows by their numbers.
  private static func keepCodes(
    _ rows: inout SelectionVector, _ test: TextTest, _ text: StringColumn, _ distinct: DistinctTexts
  ) {
    var wanted = SelectionVector(0..<UInt32(distinct.count))
    keepTexts(&wanted, test, StringColumn(views: distinct.views, arena: text.arena))
    let codes = distinct.codes.span
    guard wanted.count > 1 else {
      guard let code = wanted.first else { return rows.removeAll() }
      return compact(&rows) { codes[$0] == code }
    }
    var isWanted = [Bool](repeating: false, count: distinct.count)
    for code in wanted { isWanted[Int(code)] = true }
    compact(&rows) { codes[$0] != DistinctTexts.none && isWanted[Int(codes[$0])] }
  }

  /// Whether `view`, which may be a null, is `wanted`.
  @inline(__always)
  private static func isEqual(_ text: StringColumn, _ view: StringView, _ wanted: [UInt8]) -> Bool {
    guard Int(view.length) == wanted.count else { return false }
    precondition(Int(view.offset) + wanted.count <= text.arena.count, "a string view points outside its arena")
    // The view was just compared with the arena, and both are `wanted.count` bytes.
    return unsafe wanted.withUnsafeBytes { other in
      guard let first = other.baseAddress else { return true }
      return unsafe memcmp(text.arena.base + Int(view.offset), first, wanted.count) == 0
    }
  }

  /// Below, at or above 0 as the cell is before, at or behind `bound`, byte by byte.
  private static func compare(_ text: StringColumn, _ row: Int, _ bound: [UInt8]) -> Int {
    let cell = text.bytes(row)
    for index in 0..<min(cell.count, bound.count) where cell[index] != bound[index] {
      return cell[index] < bound[index] ? -1 : 1
    }
    return (cell.count - bound.count).signum()
  }

  /// Keeps those of `rows` for which `isWanted` holds, in order. Inlined, so that each caller is a loop of its own.
  @inline(__always)
  private static func compact(_ rows: inout SelectionVector, _ isWanted: (Int) -> Bool) {
    let count = rows.count
    // `kept` is at most `index`, which is below the count.
    let kept = unsafe rows.withUnsafeMutableBufferPointer { rows in
      var kept = 0
      for index in 0..<count {
        let row = unsafe rows[index]
        unsafe rows[kept] = row
        kept += isWanted(Int(row)) ? 1 : 0
      }
      return kept
    }
    rows.removeLast(count - kept)
  }
}
