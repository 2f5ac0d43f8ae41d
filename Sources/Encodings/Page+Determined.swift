public import Columns

/// Pages that need another column: one that another one determines, whose codes are read first, and one that is made of
/// words of another one's texts.
extension Page {
  /// Where more rows than one of so many are wanted, reading all and choosing is faster.
  public static func isFew(_ rows: SelectionVector, of rowCount: Int) -> Bool { rows.count * fetchedShare < rowCount }

  /// The column, or the chosen rows of it, that `stored` holds, where `determinant` has the codes of the same rows of
  /// the column that the header names. Throws if it is not what `header` says; of rows that are not wanted damage may
  /// stay unseen. O(rows), and O(values of the other column) where all rows are wanted, else O(exceptions).
  ///
  /// `rows` are below the header's count, which is a precondition.
  public static func decode(
    _ stored: ByteArena, header: PageHeader, type: ColumnType, rows: SelectionVector?, determinant: PageCodes
  ) throws(CorruptionError) -> Column {
    check(rows, header)
    guard header.encoding == .determined else { throw CorruptionError("a page is \(header.encoding)") }
    let plain = try plain(stored, header)
    switch type {
    case .integer, .time, .decimal: return .integer(try fixed(plain, header, rows, determinant))
    case .real: return .real(try fixed(plain, header, rows, determinant))
    case .boolean:
      let column: FixedColumn<UInt8> = try fixed(plain, header, rows, determinant)
      guard (0..<column.rowCount).allSatisfy({ column.values[$0] <= 1 }) else {
        throw CorruptionError("a boolean is neither 0 nor 1")
      }
      return .boolean(column)
    case .string, .binary:
      guard let rows else { return .string(try DeterminedPage.text(plain, header, by: determinant)) }
      return .string(try DeterminedPage.texts(rows, plain, header, by: determinant).texts)
    }
  }

  /// The column of texts, or the chosen rows of it, that `stored` holds, where `other` has those of the same rows of
  /// the column that the header names. Throws if it is not what `header` says. O(bytes).
  ///
  /// `rows` are below the header's count, which is a precondition.
  public static func decode(
    _ stored: ByteArena, header: PageHeader, rows: SelectionVector?, composedOf other: StringColumn
  ) throws(CorruptionError) -> Column {
    check(rows, header)
    guard header.encoding == .composed else { throw CorruptionError("a page of text is \(header.encoding)") }
    return .string(try ComposedPage.text(try plain(stored, header), header, rows: rows, by: other))
  }

  private static func fixed<Value: Zoned>(
    _ plain: ByteArena, _ header: PageHeader, _ rows: SelectionVector?, _ determinant: PageCodes
  ) throws(CorruptionError) -> FixedColumn<Value> {
    guard let rows else { return try DeterminedPage.fixed(plain, header, by: determinant) }
    return try DeterminedPage.fixed(rows, plain, header, by: determinant)
  }

  /// The codes of a page of text that determines another one, or of the chosen rows of it: it is a dictionary, or
  /// determined itself, by `determinant`. No texts are made. Throws if it is not what `header` says.
  ///
  /// `rows` are below the header's count, which is a precondition.
  public static func codes(
    _ stored: ByteArena, header: PageHeader, rows: SelectionVector?, determinant: PageCodes?
  ) throws(CorruptionError) -> PageCodes {
    check(rows, header)
    let plain = try plain(stored, header)
    if header.encoding == .determined, let determinant {
      guard let rows else { return try DeterminedPage.codes(plain, header, by: determinant) }
      return try DeterminedPage.codes(of: rows, plain, header, by: determinant)
    }
    guard header.encoding == .dictionary else {
      throw CorruptionError("a page that determines another is \(header.encoding)")
    }
    return try StringPage.codes(plain, header, rows)
  }

  /// The chosen rows of a page of text that determines another one, and their codes, as `codes` gives them: the page is
  /// unpacked once for both. Throws if it is not what `header` says.
  ///
  /// `rows` are below the header's count, which is a precondition.
  public static func textsAndCodes(
    _ stored: ByteArena, header: PageHeader, rows: SelectionVector, determinant: PageCodes?
  ) throws(CorruptionError) -> (texts: StringColumn, codes: PageCodes) {
    check(rows, header)
    let plain = try plain(stored, header)
    if header.encoding == .determined, let determinant {
      return try DeterminedPage.texts(rows, plain, header, by: determinant)
    }
    guard header.encoding == .dictionary else {
      throw CorruptionError("a page that determines another is \(header.encoding)")
    }
    let fetch = try DictionaryFetch(rows, plain, header)
    return (try fetch.texts(), fetch.codes)
  }

  private static func check(_ rows: SelectionVector?, _ header: PageHeader) {
    precondition(
      rows?.allSatisfy { $0 < header.rowCount } ?? true, "a row behind the last of \(header.rowCount) is wanted")
  }
}
