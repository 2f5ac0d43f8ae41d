import ColdStore
import Columns
import CommerceTestSupport
import Landing
import TestSupport
import Testing

/// A commit asks the disk only for the tables that have new rows.
@Suite struct TailFlushTests {
  private static let schema = Schema([Field("time", .time), Field("number", .integer)])

  private static func rows(_ count: Int64) -> Batch {
    var builder = BatchBuilder(schema)
    for number in 0..<count {
      builder.append(number, to: 0)
      builder.append(number, to: 1)
    }
    return builder.build()
  }

  @Test func whatIsDurableIsNotSynchronizedAgain() throws {
    let place = TemporaryDirectory()
    let files = FaultyFileSystem()
    let plan = StorePlan(directory: place.path, fileSystem: files, rowGroupRows: 100, segmentBytes: 1 << 20)
    let store = try TableStore(
      name: "rows", schema: Self.schema, timeColumn: "time", plan: plan, continuing: nil, sequence: 1)
    try store.append(Self.rows(3))
    try store.flush()
    let before = files.changes
    try store.flush()
    #expect(files.changes == before)
    try store.append(Self.rows(1))
    try store.flush()
    #expect(files.changes > before)
    // Nor what an earlier process has committed.
    let next = try TableStore(
      name: "rows", schema: Self.schema, timeColumn: "time", plan: plan, continuing: store.state, sequence: 2)
    let opened = files.changes
    try next.flush()
    #expect(files.changes == opened)
  }

  /// A synchronization that failed is not taken for one.
  @Test func aFailedSynchronizationIsAskedForAgain() throws {
    let place = TemporaryDirectory()
    let files = FaultyFileSystem(code: 5)
    let plan = StorePlan(directory: place.path, fileSystem: files, rowGroupRows: 100, segmentBytes: 1 << 20)
    let store = try TableStore(
      name: "rows", schema: Self.schema, timeColumn: "time", plan: plan, continuing: nil, sequence: 1)
    try store.append(Self.rows(3))
    files.fail { operation, path in operation == "fsync" && path.hasSuffix("rows-2") }
    #expect(throws: FileError.self) { try store.flush() }
    #expect(throws: FileError.self) { try store.flush() }
  }
}
