import Columns
import Landing
import TestSupport
import Testing

/// What readers see of a table between two commits.
@Suite struct UnwrittenRowsTests {
  private func numbers(_ slices: [BatchSlice]) -> [Int] {
    slices.flatMap { slice in
      let values = slice.batch.integers(0).values
      return slice.positions.map { Int(values[Int($0)]) }
    }
  }

  /// Rows come in batches of all sizes, few of them or many chosen, over several days, and somebody looks all the time:
  /// files and unwritten rows have each row once, and what was given out before stays as it was.
  @Test(arguments: 1...6 as ClosedRange<UInt64>)
  func everyRowIsThereOnceAtAnyMoment(_ seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    var fixture = StoreFixture()
    fixture.rowGroupRows = [400, 900, 5_000][Int(seed % 3)]
    fixture.segmentBytes = 20_000
    let store = try fixture.store()
    var expected: [Int] = []
    var looks: [(slices: [BatchSlice], numbers: [Int])] = []
    for _ in 0..<60 {
      let count = [3, 40, 700, 2_000].randomElement(using: &random) ?? 3
      let batch = StoreFixture.batch(
        expected.count..<expected.count + count, day: Int64.random(in: 0..<3, using: &random))
      let rows = SelectionVector((0..<UInt32(count)).filter { _ in Int.random(in: 0..<4, using: &random) > 0 })
      try store.append(batch, rows: rows)
      // Numbers of rows that were left out are not used again.
      let given = rows.map { expected.count + Int($0) }
      expected += given + Array(repeating: -1, count: count - given.count)
      if Int.random(in: 0..<10, using: &random) == 0 { try store.flush() }
      if Int.random(in: 0..<20, using: &random) == 0 { try store.cut() }
      let unwritten = store.unwrittenRows()
      looks.append((unwritten, numbers(unwritten)))
      let found = try StoreFixture.numbers(store.reader()) + numbers(unwritten)
      #expect(found.sorted() == expected.filter { $0 >= 0 }.sorted(), "seed \(seed)")
    }
    for look in looks { #expect(numbers(look.slices) == look.numbers) }
    #expect(looks.contains { $0.slices.count > 1 } && looks.contains { $0.slices.isEmpty })
  }

  /// Who looks for each row does not cut them into as many pieces.
  @Test func lookingOftenLeavesFewPieces() throws {
    let store = try StoreFixture().store()
    for number in 0..<5_000 {
      try store.append(StoreFixture.batch(number..<number + 1))
      #expect(store.unwrittenRows().count <= number / 512 + 1)
    }
    #expect(numbers(store.unwrittenRows()) == Array(0..<5_000))
    try store.flush()
    #expect(try store.unwrittenRows().isEmpty && StoreFixture.numbers(store.reader()) == Array(0..<5_000))
  }
}
