import Checkpoints
import ColdStore
import Columns
import Landing
import TestSupport
import Testing

@Suite struct TableReaderTests {
  private let fixture = StoreFixture()

  /// Three days of ten rows in segments, ten rows more in the tail.
  private func store() throws -> TableStore {
    let store = try fixture.store()
    for day in 0..<3 { try store.append(StoreFixture.batch(day * 10..<day * 10 + 10, day: Int64(day))) }
    try store.cut()
    try store.append(StoreFixture.batch(30..<40, day: 3))
    try store.flush()
    return store
  }

  private func numbers(_ store: TableStore, in range: ClosedRange<Int64>) throws -> [Int64] {
    var numbers: [Int64] = []
    try store.reader().forEachGroup(timeColumn: "event_ts", in: range) { group in
      let batch = try group.read(["number"], rows: group.rows)
      #expect(batch.schema.fields.map(\.name) == ["number"])
      numbers += (0..<batch.rowCount).compactMap { batch.integers(0)[$0] }
    }
    return numbers.sorted()
  }

  @Test func groupsAreFoundByTheirTimes() throws {
    let store = try store()
    #expect(try numbers(store, in: .min ... .max) == Array(0..<40))
    #expect(try numbers(store, in: EventTime.day...EventTime.day) == Array(10..<20))
    #expect(try numbers(store, in: 3 * EventTime.day...4 * EventTime.day) == Array(30..<40))
    #expect(try numbers(store, in: -9 ... -1) == [])
  }

  @Test func segmentsOfOtherTimesAreNotOpened() throws {
    let store = try store()
    let path = try #require(store.state.segments.first { $0.dayMilliseconds == 0 }).path
    try LocalFileSystem().remove(fixture.place.file(path))
    #expect(try numbers(store, in: EventTime.day...EventTime.day) == Array(10..<20))
    #expect(throws: (any Error).self) { try numbers(store, in: 0...1) }
  }

  @Test func deletedRowsAreLeftOutAndChosenRowsAreRead() throws {
    let store = try store()
    let path = try #require(store.state.tail).path
    store.delete([0, 3], in: path)
    #expect(try numbers(store, in: 3 * EventTime.day...4 * EventTime.day) == [31, 32, 34, 35, 36, 37, 38, 39])
    try store.reader().forEachGroup(timeColumn: "event_ts", in: 3 * EventTime.day...4 * EventTime.day) { group in
      let batch = try group.read(["event_ts", "number"], rows: [1, 9])
      #expect(batch.schema.fields.map(\.name) == ["number", "event_ts"])
      #expect((0..<2).map { batch.integers(0)[$0] } == [31, 39])
      #expect(batch.integers(1)[1] == 3 * EventTime.day + 9 * EventTime.minute)
    }
  }
}
