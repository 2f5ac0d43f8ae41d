internal import Columns
internal import Dispatch

/// Keeps all values, twelve bytes each and as much again while they are sorted by group, for exact quantiles.
///
/// The quantile p of n sorted values lies at the place (n − 1)·p, between neighbours on the line that joins them: type
/// 7 of R, `percentile_cont` of SQL.
final class ValuesAccumulator: Accumulator {
  /// The values of a unit, as they were decoded where all of them are wanted.
  private struct Chunk {
    let values: ColumnBuffer<Int64>
    var groups: [UInt32]
  }

  private var chunks: [Chunk] = []
  private var count = 0
  private let limit: Int
  /// Once finished: by the quantile's thousandths what each group has on both sides of it.
  private var neighbours: [Int64: [Neighbours?]] = [:]

  /// The values between which a quantile lies, and how far behind the lower one, in thousandths of their distance.
  private struct Neighbours {
    let lower: Int64
    let upper: Int64
    let thousandths: Int64
  }

  /// - Parameter limit: the most values that are held.
  init(limit: Int) { self.limit = limit }

  func add(_ input: AccumulatorInput) throws(QueryError) {
    let (column, groups) = input.dense
    let chunk = Chunk(values: Word.column(column).values, groups: groups)
    chunks.append(chunk)
    count += chunk.groups.count
    try check()
  }

  func merge(_ other: any Accumulator, groups mapped: [UInt32], groupCount: Int) throws(QueryError) {
    for var chunk in same(other).chunks {
      for index in chunk.groups.indices { chunk.groups[index] = mapped[Int(chunk.groups[index])] }
      chunks.append(chunk)
      count += chunk.groups.count
    }
    try check()
  }

  private func check() throws(QueryError) {
    guard count <= limit else {
      throw .tooMany("values for exact percentiles", limit: limit, "filter more, or ask for less time")
    }
  }

  func finish(groupCount: Int, measures: [PlannedMeasure]) {
    let thousandths = Set(
      measures.compactMap { measure -> Int64? in
        if case .quantile(let thousandths) = measure.function { thousandths } else { nil }
      }
    ).sorted()
    let (sorted, starts) = byGroup(groupCount)
    chunks = []
    for wanted in thousandths { neighbours[wanted] = [] }
    for part in ValuesAccumulator.find(thousandths, in: sorted, starts) {
      for (wanted, found) in zip(thousandths, part) { neighbours[wanted]?.append(contentsOf: found) }
    }
  }

  /// The values group by group, and where each group begins.
  ///
  /// Chunks are counted side by side, and then moved side by side: what lies before each is known by then.
  private func byGroup(_ groupCount: Int) -> (values: ColumnBuffer<Int64>, starts: [Int]) {
    let parts = chunks.map { CountedChunk($0.values, $0.groups, groupCount) }
    DispatchQueue.concurrentPerform(iterations: parts.count) { parts[$0].count() }
    var starts = [0]
    for group in 0..<groupCount {
      var next = starts[group]
      for part in parts { next = part.begin(group, at: next) }
      starts.append(next)
    }
    let sorted = unsafe ColumnBuffer<Int64>(unclearedCapacity: count)
    DispatchQueue.concurrentPerform(iterations: parts.count) { parts[$0].move(to: sorted) }
    sorted.seal(count: count)
    return (sorted, starts)
  }

  /// For parts of the groups in order, and for each of `thousandths`, the neighbours of each group's quantile.
  private static func find(
    _ thousandths: [Int64], in values: ColumnBuffer<Int64>, _ starts: [Int]
  ) -> [[[Neighbours?]]] {
    let parts = ValuesAccumulator.parts(starts)
    let found = parts.map { _ in FoundNeighbours() }
    DispatchQueue.concurrentPerform(iterations: parts.count) { part in
      var lists = [[Neighbours?]](repeating: [], count: thousandths.count)
      for group in parts[part] {
        let neighbours = neighbours(thousandths, values.span.extracting(starts[group]..<starts[group + 1]))
        for index in lists.indices { lists[index].append(neighbours[index]) }
      }
      found[part].lists = lists
    }
    return found.map(\.lists)
  }

  /// The groups in parts that are worth a thread.
  private static func parts(_ starts: [Int]) -> [Range<Int>] {
    var parts: [Range<Int>] = []
    var first = 0
    for end in 1..<max(starts.count, 1) where starts[end] - starts[first] >= 1 << 15 || end == starts.count - 1 {
      parts.append(first..<end)
      first = end
    }
    return parts
  }

  /// - Parameter thousandths: ascending.
  private static func neighbours(_ thousandths: [Int64], _ values: Span<Int64>) -> [Neighbours?] {
    guard values.count > 0 else { return thousandths.map { _ in nil } }
    let places = thousandths.map { Int64(values.count - 1) * $0 }
    let wanted = places.flatMap { [Int($0 / 1000), Int($0 / 1000) + ($0 % 1000 == 0 ? 0 : 1)] }
    let ascending = Set(wanted).sorted()
    let found = Dictionary(uniqueKeysWithValues: zip(ascending, RankSelection.values(at: ascending, of: values)))
    return places.enumerated().map { index, place in
      guard let lower = found[wanted[2 * index]], let upper = found[wanted[2 * index + 1]] else { return nil }
      return Neighbours(lower: lower, upper: upper, thousandths: place % 1000)
    }
  }

  /// What one thread found.
  ///
  /// `@unchecked Sendable`: one thread at a time has it.
  private final class FoundNeighbours: @unchecked Sendable {
    var lists: [[Neighbours?]] = []
  }

  func value(_ group: Int, _ measure: PlannedMeasure) -> OutputValue {
    guard case .quantile(let wanted) = measure.function, let found = neighbours[wanted]?[group] else { return .null }
    if measure.kind == .real {
      let (low, high) = (Word.real(found.lower), Word.real(found.upper))
      return .real(low + (high - low) * Double(found.thousandths) / 1000)
    }
    // In thousandths of the unit, so that nothing is rounded.
    let amount =
      Int128(found.lower) * 1000 + (Int128(found.upper) - Int128(found.lower)) * Int128(found.thousandths)
    if measure.kind == .time { return .time(Int64(Money.divideHalfEven(amount, 1000))) }
    return .ratio(amount, measure.kind == .integer ? 1000 : 1000 * Int128(Money.scale))
  }
}

extension [UInt32] {
  /// Calls `body` with the state of each group among these, and its position.
  @inline(__always)
  fileprivate func forEach<State>(_ states: inout [State], _ body: (inout State, Int) -> Void) {
    var states = states.mutableSpan
    let groups = span
    for index in groups.indices { body(&states[Int(groups[index])], index) }
  }
}

/// The values of a unit on their way to where those of their groups are.
///
/// `@unchecked Sendable`: one thread at a time has it.
private final class CountedChunk: @unchecked Sendable {
  private let values: ColumnBuffer<Int64>
  private let groups: [UInt32]
  /// By group how many there are; then where the next one goes.
  private var places: [Int]

  init(_ values: ColumnBuffer<Int64>, _ groups: [UInt32], _ groupCount: Int) {
    (self.values, self.groups) = (values, groups)
    places = [Int](repeating: 0, count: groupCount)
  }

  func count() { groups.forEach(&places) { place, _ in place += 1 } }

  /// Those of `group` go to `place`; says where they end.
  func begin(_ group: Int, at place: Int) -> Int {
    defer { places[group] = place }
    return place + places[group]
  }

  /// `sorted` has room for all chunks' values, of which each group of this one has its own places.
  func move(to sorted: ColumnBuffer<Int64>) {
    let values = values
    groups.forEach(&places) { place, index in
      // As many places were counted as there are values.
      unsafe sorted.base[place] = values[index]
      place += 1
    }
  }
}
