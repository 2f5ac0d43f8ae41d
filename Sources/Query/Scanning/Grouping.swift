internal import Columns
internal import Windows

/// A key of a plan.
struct PlannedKey: Sendable {
  let name: String
  let kind: QueryColumn.Kind
  let column: Int
  /// Milliseconds of the buckets that times are rounded down to; nil where values stand for themselves.
  var bucketMilliseconds: Int64?
}

/// Numbers the groups of rows: key by key, a pair of the group so far and the key's word is a finer group.
///
/// Text is interned, so that a word is always 64 bits and a comparison always one of numbers.
struct Grouping {
  private static let nullBit: UInt32 = 1 << 31

  let keys: [PlannedKey]
  private var tables: [PairTable]
  private var texts: [Interner]

  init(_ keys: [PlannedKey]) {
    self.keys = keys
    tables = keys.map { _ in PairTable() }
    texts = keys.map { _ in Interner() }
  }

  /// Groups so far; without keys there is one.
  var count: Int { tables.last?.count ?? 1 }

  /// The groups of the rows of `columns`, which has a column for each key. O(rows × keys).
  mutating func groups(_ columns: [Column], rowCount: Int, limit: Int) throws(QueryError) -> [UInt32] {
    var groups = [UInt32](repeating: 0, count: rowCount)
    var parentCount = 1
    for index in keys.indices {
      if let known = KnownGroups(columns[index], keys[index], parentCount: parentCount) {
        groups = numbers(of: known, columns[index], key: index, within: groups)
      } else {
        let words = words(of: columns[index], key: index, &groups)
        groups = tables[index].numbers(parents: groups, words: words)
      }
      parentCount = tables[index].count
      guard tables[index].count <= limit else {
        throw .tooMany("groups", limit: limit, "group by fewer columns or longer times, or filter more")
      }
    }
    return groups
  }

  /// The groups of rows of a dictionary or of buckets of time: each pair of a group so far and a text, or the bucket
  /// that the group had last, is looked up once.
  private mutating func numbers(
    of known: KnownGroups, _ column: Column, key: Int, within parents: [UInt32]
  ) -> [UInt32] {
    var known = known
    switch column {
    case .string(let text):
      guard let distinct = text.distinct else { preconditionFailure("only dictionaries have known groups") }
      let codes = distinct.codes.span
      return parents.indices.map { row in
        known.number(parents[row], code: codes[row]) {
          guard codes[row] != DistinctTexts.none else {
            return tables[key].number(parent: parents[row] | Grouping.nullBit, word: 0)
          }
          return tables[key].number(parent: parents[row], word: UInt64(texts[key].intern(text.bytes(row))))
        }
      }
    default:
      let times = Word.column(column).values.span
      return parents.indices.map { row in
        known.number(parents[row], time: times[row]) { start in
          tables[key].number(parent: parents[row], word: UInt64(bitPattern: start))
        }
      }
    }
  }

  /// The key's words. Null is no word, and marks the parent instead.
  private mutating func words(of column: Column, key: Int, _ parents: inout [UInt32]) -> [UInt64] {
    if case .string(let text) = column {
      let codes = TextCodes.of(text) { UInt64(texts[key].intern($0)) }
      for row in codes.indices where codes[row] == 0 { parents[row] |= Grouping.nullBit }
      return codes
    }
    let column = Word.column(column)
    if let validity = column.validity {
      for row in parents.indices where !validity.isValid(row) { parents[row] |= Grouping.nullBit }
    }
    guard let bucket = keys[key].bucketMilliseconds else {
      return column.values.span.words { $0 }
    }
    var (start, end) = (Int64.max, Int64.min)
    return column.values.span.words { time in
      // Rows follow each other in time, more or less: most need no division.
      if time < start || time >= end {
        start = EventTime.floorDivide(time, bucket) * bucket
        end = start.addingReportingOverflow(bucket).partialValue
      }
      return start
    }
  }

  /// The values of all groups' keys, by group. O(groups × keys).
  func values() -> [[OutputValue]] {
    var values: [[OutputValue]] = [[]]
    for (index, key) in keys.enumerated() {
      values = tables[index].pairs.map { parent, word in
        values[Int(parent & ~Grouping.nullBit)] + [value(parent, word, key, index)]
      }
    }
    return values
  }

  private func value(_ parent: UInt32, _ word: UInt64, _ key: PlannedKey, _ index: Int) -> OutputValue {
    guard parent & Grouping.nullBit == 0 else { return .null }
    guard key.kind.isText else { return Word.value(Int64(bitPattern: word), key.kind) }
    let known = texts[index]
    let bytes = Array(copying: known.text(UInt32(word)))
    return key.kind == .json ? .json(bytes) : .text(bytes)
  }

  /// Takes over the groups of `other`, which has the same keys: for each of its groups the one here.
  /// O(groups × keys).
  mutating func merge(_ other: Grouping, limit: Int) throws(QueryError) -> [UInt32] {
    var mapped: [UInt32] = [0]
    for (index, key) in keys.enumerated() {
      var parents: [UInt32] = []
      var words: [UInt64] = []
      let known = other.texts[index]
      for (parent, word) in other.tables[index].pairs {
        let isNull = parent & Grouping.nullBit != 0
        parents.append(mapped[Int(parent & ~Grouping.nullBit)] | (isNull ? Grouping.nullBit : 0))
        words.append(
          key.kind.isText && !isNull ? UInt64(texts[index].intern(known.text(UInt32(word)))) : word)
      }
      mapped = tables[index].numbers(parents: parents, words: words)
      guard tables[index].count <= limit else {
        throw .tooMany("groups", limit: limit, "group by fewer columns or longer times, or filter more")
      }
    }
    return mapped
  }
}

extension Span<Int64> {
  /// What `body` makes of each value, as words.
  @inline(__always)
  fileprivate func words(_ body: (Int64) -> Int64) -> [UInt64] {
    var words: [UInt64] = []
    words.reserveCapacity(count)
    for index in indices { words.append(UInt64(bitPattern: body(self[index]))) }
    return words
  }
}
