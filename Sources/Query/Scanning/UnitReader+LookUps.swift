internal import Columns
internal import Landing

// Columns that are to hold one of a few texts.
extension UnitReader {
  /// The rows that hold one of the few texts that are sought, found without reading the column; nil where it has to be
  /// read, or was.
  mutating func lookedUp(_ test: ColumnTest) throws -> SelectionVector? {
    guard case .stored(let group) = unit.rows, columns[test.column] == nil, let sought = SoughtTexts(test, table.names),
      let rows = try group.rows(of: sought.texts, in: sought.column)
    else { return nil }
    countRead(sought.column)
    if sought.texts.count == 1 { soughtTexts[test.column] = sought.texts[0] }
    return rows
  }
}

extension StringColumn {
  /// The same text in `count` rows.
  init(repeating text: [UInt8], count: Int) {
    let view = StringView(offset: 0, length: Int32(text.count))
    self.init(views: ColumnBuffer([StringView](repeating: view, count: count)), arena: ByteArena(text))
  }
}
