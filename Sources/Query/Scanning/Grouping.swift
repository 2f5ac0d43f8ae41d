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

  /// By row the groups of those of `rows`, ascending ones of `rowCount`; `columns` has a column for each key.
  /// O(rows × keys).
  mutating func groups(
    _ columns: [Column], _ rows: SelectionVector, rowCount: Int, limit: Int
  ) throws(QueryError) -> [UInt32] {
    var groups = [UInt32](repeating: 0, count: rowCount)
    var parentCount = 1
    for index in keys.indices {
      if var known = KnownGroups(columns[index], keys[index], parentCount: parentCount) {
        number(rows, columns[index], key: index, &known, &groups)
      } else {
        number(rows, columns[index], key: index, &groups)
      }
      parentCount = tables[index].count
      guard tables[index].count <= limit else {
        throw .tooMany("groups", limit: limit, "group by fewer columns or longer times, or filter more")
      }
    }
    return groups
  }

  /// Turns groups of rows of a dictionary or of buckets of time into finer ones: each pair of a group so far and a
  /// text, or the bucket that the group had last, is looked up once.
  private mutating func number(
    _ rows: SelectionVector, _ column: Column, key: Int, _ known: inout KnownGroups, _ groups: inout [UInt32]
  ) {
    var groups = groups.mutableSpan
    switch column {
    case .string(let text):
      guard let distinct = text.distinct else { preconditionFailure("only dictionaries have known groups") }
      let codes = distinct.codes.span
      for index in rows.indices {
        let row = Int(rows[index])
        let parent = groups[row]
        groups[row] = known.number(parent, code: codes[row]) {
          guard codes[row] != DistinctTexts.none else {
            return tables[key].number(parent: parent | Grouping.nullBit, word: 0)
          }
          return tables[key].number(parent: parent, word: UInt64(texts[key].intern(text.bytes(row))))
        }
      }
    default:
      let words = Word.column(column).values
      let times = words.span
      for index in rows.indices {
        let row = Int(rows[index])
        let parent = groups[row]
        groups[row] = known.number(parent, time: times[row]) { start in
          tables[key].number(parent: parent, word: UInt64(bitPattern: start))
        }
      }
    }
  }

  /// The same of any rows: each is looked up.
  private mutating func number(_ rows: SelectionVector, _ column: Column, key: Int, _ groups: inout [UInt32]) {
    let isWhole = rows.count == groups.count
    var parents = isWhole ? groups : rows.map { groups[Int($0)] }
    let words = words(of: isWhole ? column : Gathering.column(column, rows), key: key, &parents)
    let numbers = tables[key].numbers(parents: parents, words: words)
    if isWhole { return groups = numbers }
    for (row, number) in zip(rows, numbers) { groups[Int(row)] = number }
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

  /// The values of the keys of `groups`. O(slots + groups × keys).
  func values(of groups: [Int]) -> [[OutputValue]] {
    var values = [[OutputValue]](repeating: [], count: groups.count)
    var numbers = groups
    // From the last key to the first, since a group knows only what it is part of.
    for (index, key) in keys.enumerated().reversed() {
      let pairs = tables[index].pairs
      for place in groups.indices {
        let (parent, word) = pairs[numbers[place]]
        values[place].append(value(parent, word, key, index))
        numbers[place] = Int(parent & ~Grouping.nullBit)
      }
    }
    return values.map { $0.reversed() }
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
