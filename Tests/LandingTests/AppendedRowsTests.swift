import Checkpoints
import ColdStore
import Columns
import Landing
import TestSupport
import Testing

/// A reader's position in a table, while its files change under it.
@Suite struct AppendedRowsTests {
  /// What a reader finds from `first` on: the numbers in order, and where it stands then.
  private func read(_ table: TableReader, from first: Int64, _ appended: inout AppendedRows) throws -> [Int] {
    var numbers: [Int] = []
    for piece in try appended.pieces(of: table, from: first) {
      let (batch, rows) = try piece.read(as: StoreFixture.schema)
      numbers += rows.map { Int(batch.integers(0).values[Int($0)]) }
    }
    return numbers
  }

  @Test func rowsAreFoundInTheOrderInWhichTheyCame() throws {
    let store = try StoreFixture().store()
    var appended = AppendedRows()
    for (start, day) in [(0, 2), (10, 0), (20, 1)] as [(Int, Int64)] {
      try store.append(StoreFixture.batch(start..<start + 10, day: day))
      try store.flush()
    }
    #expect(store.state.nextSequence == 30)
    #expect(try read(store.reader(), from: 0, &appended) == Array(0..<30))
    #expect(try read(store.reader(), from: 7, &appended) == Array(7..<30))
    #expect(try read(store.reader(), from: 20, &appended) == Array(20..<30))
    #expect(try read(store.reader(), from: 30, &appended) == [])
  }

  /// One day: the tail becomes a segment where it lies. Several: its row groups are copied, in the order of days.
  @Test(arguments: [[0, 0, 0], [2, 0, 1]] as [[Int64]]) func aCutMovesNoReader(days: [Int64]) throws {
    let store = try StoreFixture().store()
    var (appended, fresh) = (AppendedRows(), AppendedRows())
    for (index, day) in days.enumerated() {
      try store.append(StoreFixture.batch(index * 10..<index * 10 + 10, day: day))
      try store.flush()
    }
    #expect(try read(store.reader(), from: 0, &appended) == Array(0..<30))
    try store.cut()
    #expect(store.state.tail == nil && store.state.segments.count == Set(days).count)
    #expect(try read(store.reader(), from: 15, &appended) == Array(15..<30))
    #expect(try read(store.reader(), from: 15, &fresh) == Array(15..<30))
    // What comes behind the cut is behind it for the reader, too.
    try store.append(StoreFixture.batch(30..<35, day: 1))
    try store.flush()
    #expect(try read(store.reader(), from: 25, &appended) == Array(25..<35))
    try store.cut()
    #expect(try read(store.reader(), from: 25, &appended) == Array(25..<35))
    #expect(try read(store.reader(), from: 35, &appended) == [])
  }

  /// A repair hides rows and adds others: those are new to a reader, wherever they belong in time.
  @Test func replacedRowsAreNew() throws {
    let store = try StoreFixture().store()
    var appended = AppendedRows()
    try store.append(StoreFixture.batch(0..<10))
    try store.flush()
    #expect(try read(store.reader(), from: 0, &appended) == Array(0..<10))
    store.delete([3, 4], in: try #require(store.state.tail).path)
    try store.append(StoreFixture.batch([103, 104]))
    try store.flush()
    #expect(try read(store.reader(), from: 10, &appended) == [103, 104])
    #expect(try read(store.reader(), from: 0, &appended) == [0, 1, 2, 5, 6, 7, 8, 9, 103, 104])
    try store.cut()
    #expect(try read(store.reader(), from: 2, &appended) == [2, 5, 6, 7, 8, 9, 103, 104])
  }

  /// Numbers go on where the commit says: rows that no commit holds never had any.
  @Test func aCrashTakesNumbersBack() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<10))
    try store.flush()
    let committed = store.state
    try store.append(StoreFixture.batch(10..<20))
    try store.flush()
    let again = try fixture.store(continuing: committed, sequence: 100)
    try again.append(StoreFixture.batch(50..<55))
    try again.flush()
    #expect(again.state.nextSequence == 15)
    var appended = AppendedRows()
    #expect(try read(again.reader(), from: 10, &appended) == Array(50..<55))
  }

  @Test func forgottenRowsKeepTheirNumbers() throws {
    let store = try StoreFixture().store()
    try store.append(StoreFixture.batch(0..<10))
    try store.flush()
    store.clear()
    try store.append(StoreFixture.batch(10..<12))
    try store.flush()
    var appended = AppendedRows()
    #expect(store.state.nextSequence == 12)
    #expect(try read(store.reader(), from: 0, &appended) == [10, 11])
    #expect(try read(store.reader(), from: 11, &appended) == [11])
  }
}
