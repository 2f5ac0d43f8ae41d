internal import Columns
internal import Windows

/// The words that tell values of a column apart: numbers themselves, of texts 64 bits of hash.
enum DistinctWords {
  static func of(_ column: Column) -> [UInt64] {
    if case .string(let text) = column { return TextCodes.of(text) { Hash.hash64($0) } }
    let values = Word.column(column).values
    let span = values.span
    return span.indices.map { UInt64(bitPattern: span[$0]) }
  }
}

/// Counts distinct values. Texts are told apart by 64 bits of hash: of a million two are taken for one with a
/// probability of 3 × 10⁻⁸.
final class DistinctAccumulator: Accumulator {
  private var sets: [WordSet] = []
  /// Words in all sets.
  private var heldCount = 0
  private let limit: Int

  /// - Parameter limit: the most words that are held.
  init(limit: Int) { self.limit = limit }

  func add(_ input: AccumulatorInput) throws(QueryError) {
    guard let column = input.column else { preconditionFailure("distinct values are those of a column") }
    var sets = self.sets
    self.sets = []
    defer { self.sets = sets }
    sets.grow(to: input.groupCount, WordSet())
    if case .string(let text) = column, let distinct = text.distinct,
      distinct.count <= input.rows.count, distinct.count * input.groupCount <= SeenPairs.pairsMax
    {
      add(input, distinct, text.arena, to: &sets)
    } else {
      let (column, groups) = input.dense
      let words = DistinctWords.of(column)
      for row in words.indices { heldCount += sets[Int(groups[row])].insert(words[row]) ? 1 : 0 }
    }
    try check()
  }

  /// The same for a dictionary: each of its texts is hashed once, and of rows of one group with one text the first
  /// alone gets to the set.
  private func add(
    _ input: AccumulatorInput, _ distinct: DistinctTexts, _ arena: ByteArena, to sets: inout [WordSet]
  ) {
    let words = DistinctWords.of(.string(StringColumn(views: distinct.views, arena: arena)))
    var seen = SeenPairs(groups: input.groupCount, codes: distinct.count)
    let codes = distinct.codes.span
    var added = 0
    input.forEach(&sets) { set, row in
      let code = Int(codes[row])
      if seen.insert(Int(input.groups[row]), code), set.insert(words[code]) { added += 1 }
    }
    heldCount += added
  }

  func merge(_ other: any Accumulator, groups: [UInt32], groupCount: Int) throws(QueryError) {
    sets.grow(to: groupCount, WordSet())
    for (group, set) in zip(groups.map(Int.init), same(other).sets) {
      heldCount -= sets[group].count
      if sets[group].count == 0 { sets[group] = set } else { sets[group].formUnion(set) }
      heldCount += sets[group].count
    }
    try check()
  }

  private func check() throws(QueryError) {
    guard heldCount <= limit else {
      throw .tooMany("distinct values", limit: limit, "use approx_count_distinct, or filter more")
    }
  }

  func finish(groupCount: Int, measures: [PlannedMeasure]) { sets.grow(to: groupCount, WordSet()) }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue { .integer(Int64(sets[group].count)) }
}

/// Which pairs of a group and a dictionary's number were met: a bit each.
private struct SeenPairs {
  /// Half a megabyte, to be cleared for each unit.
  static let pairsMax = 1 << 22

  private var words: [UInt64]
  private let codeCount: Int

  init(groups: Int, codes: Int) {
    words = [UInt64](repeating: 0, count: groups * codes / 64 + 1)
    codeCount = codes
  }

  /// Whether the pair is new.
  @inline(__always)
  mutating func insert(_ group: Int, _ code: Int) -> Bool {
    let index = group * codeCount + code
    let bit = UInt64(1) &<< UInt64(index & 63)
    let word = words[index >> 6]
    words[index >> 6] = word | bit
    return word & bit == 0
  }
}

/// Estimates the number of distinct values: exact up to a thousand, by HyperLogLog beyond that.
final class ApproximateDistinctAccumulator: Accumulator {
  private static let exactLimit = 1024
  private var sets: [DistinctSet] = []
  private let limit: Int

  /// - Parameter limit: the most groups, each of at most 16 KiB.
  init(limit: Int) { self.limit = limit }

  private func grow(to groupCount: Int) throws(QueryError) {
    guard groupCount <= limit else {
      throw .tooMany("groups with approx_count_distinct", limit: limit, "group by fewer columns, or filter more")
    }
    sets.grow(to: groupCount, DistinctSet(exactLimit: ApproximateDistinctAccumulator.exactLimit))
  }

  func add(_ input: AccumulatorInput) throws(QueryError) {
    guard let column = input.column else { preconditionFailure("distinct values are those of a column") }
    try grow(to: input.groupCount)
    let isText = if case .string = column { true } else { false }
    let (dense, groups) = input.dense
    let words = DistinctWords.of(dense)
    for row in words.indices {
      sets[Int(groups[row])].insert(
        isText ? words[row] : Hash.mix(words[row] ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93))
    }
  }

  func merge(_ other: any Accumulator, groups: [UInt32], groupCount: Int) throws(QueryError) {
    try grow(to: groupCount)
    for (group, set) in zip(groups, same(other).sets) { sets[Int(group)].formUnion(set) }
  }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue {
    .integer(sets.indices.contains(group) ? Int64(sets[group].count) : 0)
  }
}
