import Checkpoints
import Columns
import Landing
import Testing

@Suite struct SchemaChangeTests {
  private static let wider = Schema([
    Field("event_ts", .time), Field("label", .string), Field("number", .integer),
  ])

  /// Rows of before, in a segment and in the tail, have nulls where rows of today have values.
  @Test func anAddedColumnIsNullInOlderRows() throws {
    var fixture = StoreFixture()
    fixture.segmentBytes = 200
    fixture.rowGroupRows = 100
    let old = try fixture.store()
    for start in stride(from: 0, to: 300, by: 100) { try old.append(StoreFixture.batch(start..<start + 100)) }
    try old.append(StoreFixture.batch(300..<310))
    try old.flush()
    #expect(!old.state.segments.isEmpty && old.state.tail != nil)

    let store = try fixture.store(continuing: old.state, sequence: 100, schema: Self.wider)
    var rows = BatchBuilder(Self.wider)
    rows.append(EventTime.minute, to: 0)
    rows.append(Array("new".utf8).span, to: 1)
    rows.append(Int64(1000), to: 2)
    try store.append(rows.build())
    try store.flush()
    var (labels, numbers): ([Int64: String], Set<Int64>) = ([:], [])
    try store.reader().forEachPiece { piece in
      for row in piece.rows.map(Int.init) {
        let number = piece.batch.integers(2).values[row]
        labels[number] = piece.batch.strings(1).text(row)
        numbers.insert(number)
      }
    }
    #expect(numbers == Set(0..<310).union([1000]) && labels == [1000: "new"])
    // A reader of the commit before still sees the table as it was.
    #expect(try StoreFixture.numbers(fixture.reader(old.state)) == Array(0..<310))
  }

  @Test func anotherTypeOrALostColumnIsRefused() throws {
    let fixture = StoreFixture()
    let old = try fixture.store()
    try old.append(StoreFixture.batch(0..<10))
    try old.flush()
    func refusal(_ fields: [Field]) -> String? {
      do {
        _ = try fixture.store(continuing: old.state, sequence: 2, schema: Schema(fields))
        return nil
      } catch { return "\(error)" }
    }
    #expect(refusal(StoreFixture.schema.fields) == nil)
    #expect(
      refusal([Field("number", .real), Field("event_ts", .time)])
        == "table numbers holds rows of other columns: column number is real instead of integer")
    #expect(
      refusal([Field("event_ts", .time)])
        == "table numbers holds rows of other columns: column number is there no more")
  }
}
