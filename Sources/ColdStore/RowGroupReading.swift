internal import Columns
internal import Encodings

/// Reads columns of one row group, all rows or the chosen ones.
///
/// A column that another one determines needs that one's codes: these are read once for all that need them, and not at
/// all where the other is read for its own sake anyway, with its distinct texts.
struct RowGroupReading {
  let file: RowGroupFile
  let index: Int
  /// The rows that are read: all of them where nil.
  private let rows: SelectionVector?
  /// The rows that are chosen of those that are read; all of them where nil.
  private let chosen: SelectionVector?
  /// What was read so far of columns that determine others, by their positions.
  private var codes: [Int: PageCodes] = [:]
  /// What was read so far of columns of whose words others are made, by their positions.
  private var texts: [Int: StringColumn] = [:]

  init(file: RowGroupFile, index: Int, rows: SelectionVector?) {
    (self.file, self.index) = (file, index)
    let isFew = rows.map { Page.isFew($0, of: file.groups[index].header.rowCount) } ?? true
    (self.rows, chosen) = isFew ? (rows, nil) : (nil, rows)
  }

  private var header: RowGroupHeader { file.groups[index].header }

  /// The columns that `fields` name, in their order.
  mutating func columns(_ fields: [Field]) throws -> [Column] {
    var found = [Column?](repeating: nil, count: fields.count)
    // Those first that others may need.
    let depths = fields.map { field in
      header.schema.index(of: field.name).flatMap { PageDependence.depth(of: $0, header.pages) } ?? 0
    }
    for position in fields.indices.sorted(by: { (depths[$0], $0) < (depths[$1], $1) }) {
      found[position] = try column(fields[position])
    }
    return found.compactMap { column in column.map { column in chosen.map { Gathering.column(column, $0) } ?? column } }
  }

  private mutating func column(_ field: Field) throws -> Column {
    guard let position = header.schema.index(of: field.name) else {
      return Page.nulls(field.type, rowCount: rows?.count ?? header.rowCount)
    }
    return try naming(field.name) { reading in
      let stored = reading.header.schema.fields[position].type
      guard stored == field.type else { throw CorruptionError("the type is \(stored) instead of \(field.type)") }
      let column = try reading.decode(position, field.type)
      if case .string(let text) = column, reading.isOther(position) { reading.texts[position] = text }
      if reading.codes[position] == nil, let codes = PageCodes(column) { reading.codes[position] = codes }
      return column
    }
  }

  private mutating func decode(_ position: Int, _ type: ColumnType) throws -> Column {
    let page = header.pages[position]
    if page.encoding == .composed, let other = page.determinant {
      let text = try text(of: other)
      return try Page.decode(try file.pageBytes(index, position), header: page, rows: rows, composedOf: text)
    }
    let determinant = try page.determinant.map { try codes(of: $0) }
    let bytes = try file.pageBytes(index, position)
    if let rows, determinesOthers(position) {
      let (texts, found) = try Page.textsAndCodes(bytes, header: page, rows: rows, determinant: determinant)
      codes[position] = found
      return .string(texts)
    }
    if let determinant {
      return try Page.decode(bytes, header: page, type: type, rows: rows, determinant: determinant)
    }
    guard let rows else { return try Page.decode(bytes, header: page, type: type) }
    return try Page.decode(bytes, header: page, type: type, rows: rows)
  }

  /// Whether the column at `position`, which is one of text then, determines another one.
  private func determinesOthers(_ position: Int) -> Bool {
    header.pages.contains { $0.encoding == .determined && $0.determinant == position }
  }

  /// Whether another column is made of the words of the one at `position`.
  private func isOther(_ position: Int) -> Bool {
    header.pages.contains { $0.encoding == .composed && $0.determinant == position }
  }

  /// The texts of a column of whose words another one is made; the header has been found to nest no deeper than is
  /// allowed.
  private mutating func text(of position: Int) throws -> StringColumn {
    if let known = texts[position] { return known }
    let field = header.schema.fields[position]
    let column = try naming(field.name) { try $0.decode(position, field.type) }
    guard case .string(let text) = column else { preconditionFailure("headers of pages that need another are checked") }
    texts[position] = text
    return text
  }

  /// The codes of a column that determines others; the header has been found to nest no deeper than is allowed.
  private mutating func codes(of position: Int) throws -> PageCodes {
    if let known = codes[position] { return known }
    let found = try naming(header.schema.fields[position].name) { reading in
      let page = reading.header.pages[position]
      let determinant = try page.determinant.map { try reading.codes(of: $0) }
      let bytes = try reading.file.pageBytes(reading.index, position)
      return try Page.codes(bytes, header: page, rows: reading.rows, determinant: determinant)
    }
    codes[position] = found
    return found
  }

  /// What `body` gives; its errors say where they were met.
  private mutating func naming<Result>(
    _ column: String, _ body: (inout RowGroupReading) throws -> Result
  ) throws -> Result {
    do {
      return try body(&self)
    } catch let error as CorruptionError where error.path == nil { throw file.named(error, index, column) }
  }
}
