import Columns
import Testing

/// What must never happen ends the process before it does harm.
@Suite struct PreconditionTests {
  @Test func readingBehindTheLastValueExits() async {
    await #expect(processExitsWith: .failure) { _ = ColumnBuffer<Int64>([1, 2, 3])[3] }
    await #expect(processExitsWith: .failure) { _ = ColumnBuffer<Int64>([1, 2, 3])[-1] }
    await #expect(processExitsWith: .failure) { _ = ColumnBuffer<Int64>(capacity: 3)[0] }
  }

  @Test func sealingMoreThanFitsExits() async {
    await #expect(processExitsWith: .failure) { ColumnBuffer<Int64>(capacity: 2).seal(count: 3) }
  }

  @Test func aColumnTooShortIsNoBatch() async {
    await #expect(processExitsWith: .failure) {
      let column = Column.integer(FixedColumn(values: ColumnBuffer([1])))
      _ = Batch(schema: Schema([Field("number", .integer)]), rowCount: 2, columns: [column])
    }
  }

  @Test func aViewOutsideItsArenaExits() async {
    await #expect(processExitsWith: .failure) {
      let views = ColumnBuffer([StringView(offset: 0, length: 5)])
      _ = StringColumn(views: views, arena: ByteArena()).text(0)
    }
  }
}
