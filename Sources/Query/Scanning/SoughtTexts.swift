/// The few texts of which a stored column is to hold one: those of one user, session, order, product or event. Bloom
/// filters tell most row groups apart from them, and their rows are found without reading the column.
struct SoughtTexts {
  /// Of more texts one is there nearly always.
  private static let countMax = 64

  /// The stored column's name.
  let column: String
  let texts: [[UInt8]]

  /// What `test` asks for; nil where that is not one of a few texts.
  init?(_ test: ColumnTest, _ names: QueryColumns) {
    let tested = names.columns[test.column]
    guard case .text(.among(let texts)) = test.condition, texts.count <= SoughtTexts.countMax, tested.origin == .stored
    else { return nil }
    (column, self.texts) = (tested.name, texts)
  }
}
