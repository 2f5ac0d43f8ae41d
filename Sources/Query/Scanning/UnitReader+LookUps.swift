internal import Columns
internal import Landing

// Columns that are to hold one of a few texts: those of one user, session, order, product or event.
extension UnitReader {
  /// Of more texts one is there nearly always.
  private static let soughtTextsMax = 64

  /// The few texts of which a stored column is to hold one, if that is what is asked for.
  private func sought(_ test: ColumnTest) -> (column: String, texts: [[UInt8]])? {
    guard case .text(.among(let texts)) = test.condition, texts.count <= UnitReader.soughtTextsMax,
      table.names.columns[test.column].origin == .stored
    else { return nil }
    return (table.names.columns[test.column].name, texts)
  }

  /// Asks the Bloom filters of columns that are to hold one of a few texts.
  func mayMatch(_ tests: [ColumnTest]) throws -> Bool {
    guard case .stored(let group) = unit.rows else { return true }
    return try tests.compactMap(sought).allSatisfy { try group.mayContain($0.column, anyOf: $0.texts) }
  }

  /// The rows that hold one of the few texts that are sought, found without reading the column; nil where it has to be
  /// read, or was.
  mutating func lookedUp(_ test: ColumnTest) throws -> SelectionVector? {
    guard case .stored(let group) = unit.rows, columns[test.column] == nil, let (column, texts) = sought(test),
      let rows = try group.rows(of: texts, in: column)
    else { return nil }
    countRead(column)
    if texts.count == 1 { soughtTexts[test.column] = texts[0] }
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
