internal import ColdStore
internal import Columns
internal import Encodings

/// A filter after its names and literals were looked up: which rows of a column are wanted. A null meets no condition
/// but `isNull`.
struct ColumnTest: Sendable, Equatable, Hashable {
  enum Condition: Sendable, Equatable, Hashable {
    case isNull(Bool)
    /// Words from the first to the second, both included; none where the first is greater.
    case within(Int64, Int64)
    case isNot(Int64)
    case among(Set<Int64>)
    case text(TextTest)
  }

  /// The position of the column in the table.
  let column: Int
  let condition: Condition

  init(column: Int, _ condition: Condition) {
    self.column = column
    self.condition = condition
  }

  init(_ filter: QueryFilter, _ table: QueryColumns) throws(QueryError) {
    column = try table.index(filter.column, place: RequestReader.join(filter.place, "column"))
    let kind = table.columns[column].kind
    let valuePlace = RequestReader.join(filter.place, "value")
    func wrong() -> QueryError { QueryError(valuePlace, "column '\(filter.column)' is compared with \(kind.name)") }
    if filter.comparison == .isNull {
      guard case .boolean(let flag)? = filter.literals.first, filter.literals.count == 1 else {
        throw QueryError(valuePlace, "'is_null' takes true or false")
      }
      condition = .isNull(flag)
    } else if kind.isText {
      let texts = filter.literals.compactMap(\.bytes)
      guard texts.count == filter.literals.count, !texts.isEmpty else { throw wrong() }
      condition = .text(TextTest(filter.comparison, texts))
    } else {
      let words = filter.literals.compactMap { $0.word(kind) }
      guard words.count == filter.literals.count, let word = words.first else { throw wrong() }
      guard let found = ColumnTest.condition(filter.comparison, word, words) else {
        throw QueryError(RequestReader.join(filter.place, "op"), "'prefix' needs a column of text")
      }
      condition = found
    }
  }

  private static func condition(
    _ comparison: QueryFilter.Operator, _ word: Int64, _ words: [Int64]
  ) -> Condition? {
    switch comparison {
    case .equal: .within(word, word)
    case .notEqual: .isNot(word)
    case .less: word == .min ? .within(1, 0) : .within(.min, word - 1)
    case .lessOrEqual: .within(.min, word)
    case .greater: word == .max ? .within(1, 0) : .within(word + 1, .max)
    case .greaterOrEqual: .within(word, .max)
    case .oneOf: .among(Set(words))
    case .isNull, .prefix: nil
    }
  }

  /// Whether a column with this zone map may hold a wanted row; false is certain.
  func mayMatch(_ zone: ZoneMap, nullCount: Int, rowCount: Int) -> Bool {
    switch condition {
    case .isNull(let isNull): return isNull ? nullCount > 0 : nullCount < rowCount
    case .text(let test): return test.mayMatch(zone)
    case .within(let lower, let upper):
      guard let (minimum, maximum) = ColumnTest.bounds(zone) else { return zone != .empty }
      return lower <= upper && minimum <= upper && lower <= maximum
    case .isNot(let word):
      guard let (minimum, maximum) = ColumnTest.bounds(zone) else { return zone != .empty }
      return minimum != word || maximum != word
    case .among(let words):
      guard let (minimum, maximum) = ColumnTest.bounds(zone) else { return zone != .empty }
      return words.contains { minimum <= $0 && $0 <= maximum }
    }
  }

  /// Whether every row of a column with this zone map is wanted; true is certain.
  func matchesAll(_ zone: ZoneMap, nullCount: Int) -> Bool {
    guard nullCount == 0, case .within(let lower, let upper) = condition, let bounds = ColumnTest.bounds(zone) else {
      return false
    }
    return lower <= bounds.minimum && bounds.maximum <= upper
  }

  private static func bounds(_ zone: ZoneMap) -> (minimum: Int64, maximum: Int64)? {
    switch zone {
    case .integers(let minimum, let maximum): (minimum, maximum)
    case .reals(let minimum, let maximum): (Word.of(minimum), Word.of(maximum))
    case .unknown, .empty, .prefixes: nil
    }
  }
}

/// What a text must be.
enum TextTest: Sendable, Equatable, Hashable {
  case among([[UInt8]])
  case isNot([UInt8])
  case prefix([UInt8])
  /// Compared byte by byte: before it, after it, with the text itself or without.
  case before([UInt8], orEqual: Bool)
  case after([UInt8], orEqual: Bool)

  /// - Parameter texts: not empty.
  init(_ comparison: QueryFilter.Operator, _ texts: [[UInt8]]) {
    switch comparison {
    case .equal, .oneOf, .isNull: self = .among(texts)
    case .notEqual: self = .isNot(texts[0])
    case .prefix: self = .prefix(texts[0])
    case .less: self = .before(texts[0], orEqual: false)
    case .lessOrEqual: self = .before(texts[0], orEqual: true)
    case .greater: self = .after(texts[0], orEqual: false)
    case .greaterOrEqual: self = .after(texts[0], orEqual: true)
    }
  }

  func mayMatch(_ zone: ZoneMap) -> Bool {
    guard case .prefixes(let minimum, let maximum) = zone else { return zone != .empty }
    switch self {
    case .among(let texts): return texts.contains { zone.mayContain(text: $0.span) }
    case .isNot: return true
    case .prefix(let text):
      // Every text that begins so lies between the prefix with zeros and the one with ones behind it.
      let first = ZoneMap.prefix(of: text.span)
      let last = text.count >= 8 ? first : first | (UInt64.max >> UInt64(8 * text.count))
      return first <= maximum && minimum <= last
    case .before(let text, _): return minimum <= ZoneMap.prefix(of: text.span)
    case .after(let text, _): return maximum >= ZoneMap.prefix(of: text.span)
    }
  }
}

/// The columns of a table by name.
struct QueryColumns: Sendable {
  let table: String
  let columns: [QueryColumn]

  func index(_ name: String, place: String) throws(QueryError) -> Int {
    guard let index = columns.firstIndex(where: { $0.name == name }) else {
      throw QueryError(place, "table '\(table)' has no column '\(name)'", unknown: name, among: columns.map(\.name))
    }
    return index
  }
}
