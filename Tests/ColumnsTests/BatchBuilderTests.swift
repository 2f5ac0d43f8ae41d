import Columns
import Testing

/// Batches that are gathered from others.
@Suite struct BatchBuilderTests {
  private static let schema = Schema([Field("text", .string)])

  /// Six rows of two texts and a null, stored with each text once.
  private static let shared: Batch = {
    let arena = ByteArena(Array("onetwo".utf8))
    let views = [StringView(offset: 0, length: 3), StringView(offset: 3, length: 3)]
    let codes: [UInt32] = [0, 1, 0, DistinctTexts.none, 1, 0]
    let rows = codes.map { $0 == DistinctTexts.none ? .null : views[Int($0)] }
    let column = StringColumn(
      views: ColumnBuffer(rows), arena: arena,
      distinct: DistinctTexts(views: ColumnBuffer(views), codes: ColumnBuffer(codes)))
    return Batch(schema: schema, rowCount: 6, columns: [.string(column)])
  }()

  @Test func textsThatRowsShareAreHeldOnce() {
    var builder = BatchBuilder(Self.schema)
    builder.append(Self.shared, rows: [0, 1, 2, 3, 4, 5])
    builder.append(Self.shared, rows: [5])
    let text = builder.build().strings(0)
    #expect((0..<7).map { text.text($0) } == ["one", "two", "one", nil, "two", "one", "one"])
    #expect(text.arena.count == 9, "two texts of the first six rows, and that of the last")
    #expect(builder.rowCount == 0 && builder.heldBytes == 0)
  }
}
