import Checkpoints
import ColdStore
import Columns
import Encodings
import Foundation
import Landing
import TestSupport
import Testing

@Suite struct TableStoreTests {
  @Test func rowsOfManyDaysAreSplitByDay() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    var builder = BatchBuilder(StoreFixture.schema)
    // Days -1, 0 and 1 in turns; the last millisecond of a day is still of that day.
    for row in 0..<30 {
      builder.append(Int64(row), to: 0)
      builder.append(Int64(row % 3) * EventTime.day - (row < 15 ? 1 : EventTime.day), to: 1)
    }
    try store.append(builder.build())
    try store.flush()
    let groups = try #require(store.reader().files().first).file.groups
    #expect(groups.map(\.header.day) == [-EventTime.day, 0, EventTime.day])
    #expect(groups.map(\.header.rowCount) == [10, 10, 10])
    #expect(try StoreFixture.numbers(store.reader()) == Array(0..<30))
  }

  @Test func rowsAreCollectedUntilTheyAreFlushed() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    for start in stride(from: 0, to: 30, by: 10) { try store.append(StoreFixture.batch(start..<start + 10)) }
    #expect(store.state.tail == nil, "thirty rows are not worth a file yet")
    try store.flush()
    #expect(try store.reader().files()[0].file.groups.map(\.header.rowCount) == [30])
    try store.append(StoreFixture.batch(100..<1500))
    try store.flush()
    #expect(try StoreFixture.numbers(store.reader()) == Array(0..<30) + Array(100..<1500))
  }

  /// Who reads rows and will name them finds them where they were.
  @Test func aPinnedTailIsNotCut() throws {
    var fixture = StoreFixture()
    fixture.segmentBytes = 200
    fixture.rowGroupRows = 100
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<100))
    let path = try #require(store.state.tail).path
    store.isPinned = true
    try store.append(StoreFixture.batch(100..<400))
    #expect(store.state.tail?.path == path && store.state.tail?.rowCount == 400 && store.state.segments.isEmpty)
    store.delete([7], in: path)
    store.isPinned = false
    try store.append(StoreFixture.batch(400..<500))
    #expect(store.state.segments.map(\.path) == [path], "cut as soon as it may be")
    #expect(try StoreFixture.numbers(store.reader()) == (0..<500).filter { $0 != 7 })
  }

  @Test func aFullCollectionIsWritten() throws {
    let store = try StoreFixture(rowGroupRows: 64).store()
    for start in stride(from: 0, to: 100, by: 10) { try store.append(StoreFixture.batch(start..<start + 10)) }
    #expect(store.state.tail?.rowCount == 70)
  }

  @Test func chosenRowsAreAppended() throws {
    let store = try StoreFixture().store()
    try store.append(StoreFixture.batch(0..<100), rows: [0, 7, 99])
    try store.flush()
    #expect(try StoreFixture.numbers(store.reader()) == [0, 7, 99])
  }

  @Test func flushedRowsAreReadByAnother() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<10))
    try store.flush()
    let state = store.state
    // What comes behind the state is not of it, though it is in the same file.
    try store.append(StoreFixture.batch(10..<20))
    try store.flush()
    #expect(try StoreFixture.numbers(fixture.reader(state)) == Array(0..<10))
    #expect(try StoreFixture.numbers(fixture.reader(store.state)) == Array(0..<20))
  }

  @Test func cutMakesSegmentsOfOneDayEach() throws {
    let store = try StoreFixture().store()
    for day in [2, 0, 2] as [Int64] {
      try store.append(StoreFixture.batch(0..<500, day: day))
      try store.flush()
    }
    try store.cut()
    #expect(store.state.tail == nil)
    #expect(store.state.segments.map(\.dayMilliseconds) == [0, 2 * EventTime.day])
    #expect(store.state.segments.map(\.rowCount) == [500, 1000])
    #expect(store.state.segments[0].path.hasPrefix("numbers/1970-01-01/"))
    #expect(store.state.segments[1].minimumTime == 2 * EventTime.day)
    #expect(store.state.segments[1].maximumTime == 2 * EventTime.day + 499 * EventTime.minute)
    #expect(try StoreFixture.numbers(store.reader()) == (Array(0..<500) + Array(0..<500) + Array(0..<500)).sorted())
    // The next rows begin another tail.
    try store.append(StoreFixture.batch(900..<901))
    try store.cut()
    #expect(store.state.segments.count == 3 && Set(store.state.paths).count == 3)
  }

  /// The file that was a tail is a segment then, and still a tail for the state that called it one.
  @Test func aTailOfOneDayBecomesASegmentWhereItLies() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<500))
    try store.flush()
    let earlier = store.state
    let tail = try #require(earlier.tail)
    store.delete([499], in: tail.path)
    try store.cut()
    #expect(store.state.segments.map(\.path) == [tail.path])
    #expect(store.state.segments[0].byteCount > tail.validLength)
    #expect(try StoreFixture.numbers(fixture.reader(store.state)) == Array(0..<499))
    #expect(try StoreFixture.numbers(fixture.reader(earlier)) == Array(0..<500))
    // Whoever falls back to the earlier state goes on with the tail.
    let other = try fixture.store(continuing: earlier, sequence: 100)
    try other.append(StoreFixture.batch(500..<501))
    try other.flush()
    #expect(try StoreFixture.numbers(other.reader()) == Array(0..<501))
  }

  @Test func aFullTailIsCutByItself() throws {
    // No two row groups fit into one byte.
    let store = try StoreFixture(segmentBytes: 1).store()
    for start in [0, 10, 20] {
      try store.append(StoreFixture.batch(start..<start + 10))
      try store.flush()
    }
    #expect(store.state.segments.map(\.rowCount) == [10, 10] && store.state.tail?.rowCount == 10)
    #expect(Set(store.state.paths).count == 3)
    #expect(try StoreFixture.numbers(store.reader()) == Array(0..<30))
  }

  @Test func cuttingNothingMakesNothing() throws {
    let store = try StoreFixture().store()
    try store.cut()
    #expect(store.state.paths.isEmpty)
  }

  @Test func deletedRowsStayDeletedThroughACut() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<600, day: 1))
    try store.flush()
    try store.append(StoreFixture.batch(600..<1200, day: 0))
    try store.flush()
    let tail = try #require(store.state.tail)
    store.delete([3, 599, 600], in: tail.path)
    store.delete([3, 1199], in: tail.path)
    let left = Array(0..<1200).filter { ![3, 599, 600, 1199].contains($0) }
    #expect(try StoreFixture.numbers(store.reader()) == left)
    #expect(store.reader().rowCount == 1196)
    try store.cut()
    #expect(store.state.deletions.keys.sorted() == store.state.segments.map(\.path).sorted())
    #expect(try StoreFixture.numbers(store.reader()) == left)
    // Deletions of a segment add up, and a later cut leaves them.
    store.delete([1], in: store.state.segments[1].path)
    try store.append(StoreFixture.batch(2000..<2001))
    try store.cut()
    #expect(try StoreFixture.numbers(store.reader()) == left.filter { $0 != 1 } + [2000])
    #expect(store.reader().rowCount == 1196)
  }

  @Test func clearForgetsEverything() throws {
    let store = try StoreFixture().store()
    try store.append(StoreFixture.batch(0..<600))
    try store.cut()
    try store.append(StoreFixture.batch(600..<610))
    try store.flush()
    store.delete([0], in: try #require(store.state.tail).path)
    try store.append(StoreFixture.batch(610..<620))
    let before = Set(store.state.paths)
    store.clear()
    #expect(store.state.paths.isEmpty && store.state.deletions.isEmpty && store.reader().rowCount == 0)
    try store.append(StoreFixture.batch(7..<8))
    try store.flush()
    #expect(try StoreFixture.numbers(store.reader()) == [7])
    #expect(before.isDisjoint(with: store.state.paths), "a kept commit may still name the old files")
  }

  @Test func whatIsBehindTheValidLengthIsLeftInItsFile() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<10))
    try store.flush()
    store.delete([4], in: try #require(store.state.tail).path)
    let committed = store.state
    // A crash: rows behind the commit, and half a row group.
    try store.append(StoreFixture.batch(10..<20))
    try store.flush()
    let tail = try #require(committed.tail)
    let file = fixture.place.file(tail.path)
    let handle = try #require(FileHandle(forWritingAtPath: file))
    try handle.seekToEnd()
    try handle.write(contentsOf: Data("RFLG half".utf8))
    try handle.close()
    let again = try fixture.store(continuing: committed, sequence: 2)
    #expect(try LocalFileSystem().byteCount(file) > tail.validLength)
    try again.append(StoreFixture.batch(30..<40))
    try again.flush()
    #expect(again.state.tail?.path != tail.path)
    #expect(try StoreFixture.numbers(again.reader()) == Array(0..<4) + Array(5..<10) + Array(30..<40))
    #expect(try StoreFixture.numbers(fixture.reader(committed)) == Array(0..<4) + Array(5..<10))
  }

  @Test func aCleanTailIsContinuedWhereItLiesUnlessItIsDistrusted() throws {
    var fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<10))
    try store.flush()
    let committed = store.state
    #expect(try fixture.store(continuing: committed, sequence: 5).state == committed)
    fixture.distrustsTails = true
    let again = try fixture.store(continuing: committed, sequence: 5)
    #expect(again.state.tail?.path == "numbers/rows-6")
    #expect(try StoreFixture.numbers(again.reader()) == Array(0..<10))
  }

  @Test func aTailThatIsTooShortIsDamage() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<10))
    try store.flush()
    let tail = try #require(store.state.tail)
    try LocalFileSystem().truncate(fixture.place.file(tail.path), to: tail.validLength - 1)
    let error = #expect(throws: CorruptionError.self) { try fixture.store(continuing: store.state, sequence: 2) }
    #expect(error?.description.contains(tail.path) == true)
  }

  @Test func deletionsAndSegmentsAreContinued() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<600))
    try store.cut()
    store.delete([0, 1], in: store.state.segments[0].path)
    let again = try fixture.store(continuing: store.state, sequence: 1000)
    #expect(again.state == store.state)
    try again.append(StoreFixture.batch(600..<1200))
    try again.cut()
    #expect(Set(again.state.paths).count == 2)
    #expect(try StoreFixture.numbers(again.reader()) == Array(2..<1200))
  }
}
