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
    sets.grow(to: input.groupCount, WordSet())
    let words = DistinctWords.of(column)
    for row in input.rows {
      heldCount += sets[Int(input.groups[Int(row)])].insert(words[Int(row)]) ? 1 : 0
    }
    try check()
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

  func finish(groupCount: Int) { sets.grow(to: groupCount, WordSet()) }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue { .integer(Int64(sets[group].count)) }
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
    let words = DistinctWords.of(column)
    for row in input.rows {
      let word = words[Int(row)]
      sets[Int(input.groups[Int(row)])].insert(
        isText ? word : Hash.mix(word ^ 0x9E37_79B9_7F4A_7C15, 0xD6E8_FEB8_6659_FD93))
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
