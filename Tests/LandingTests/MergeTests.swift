import Checkpoints
import ColdStore
import Columns
import Landing
import TestSupport
import Testing

/// Merged segments against the plain rows that they are to hold.
@Suite struct MergeTests {
  private static let table = CompactedTable(
    name: "numbers", schema: StoreFixture.schema, timeColumn: "event_ts",
    arrangement: .byColumns(["event_ts", "number"]))

  /// A table of `count` segments of one day, some of their rows deleted, and what is visible of it.
  private func filled(
    _ fixture: StoreFixture, segments count: Int, _ random: inout SeededRandom
  ) throws -> (store: TableStore, visible: [Int]) {
    let store = try fixture.store()
    for segment in 0..<count {
      for part in 0..<3 {
        try store.append(StoreFixture.batch((0..<40).map { _ in Int(random.next() % 100_000) + segment + part }))
        try store.flush()
      }
      try store.cut()
    }
    for segment in store.state.segments {
      store.delete((0..<UInt32(segment.rowCount)).filter { _ in random.next() % 3 == 0 }, in: segment.path)
    }
    return (store, try StoreFixture.numbers(store.reader()))
  }

  private func merge(
    _ store: TableStore, _ rules: CompactionRules, in fixture: StoreFixture, table: CompactedTable = Self.table,
    prefix: String = "numbers/merged-1-"
  ) throws -> (merged: MergedSegments, steps: Int) {
    var merge = Merge(
      store.state.segments, of: store.state, table, rules: rules, prefix: prefix, directory: fixture.place.path,
      fileSystem: LocalFileSystem())
    var steps = 1
    while try merge.step() { steps += 1 }
    return (merge.result, steps)
  }

  /// The rows of each row group, as they are stored.
  private func groups(_ segments: [SegmentReference], in fixture: StoreFixture) throws -> [[[Int64]]] {
    try segments.flatMap { segment in
      let file = try SegmentReader.open(fixture.place.file(segment.path), fileSystem: LocalFileSystem())
      try file.verify()
      return try file.groups.indices.map { index in
        let batch = try file.read(index)
        return (0..<batch.rowCount).map { [batch.integers(1).values[$0], batch.integers(0).values[$0]] }
      }
    }
  }

  @Test(arguments: 1...6 as ClosedRange<UInt64>) func theVisibleRowsAreThereOnceAndSorted(seed: UInt64) throws {
    let fixture = StoreFixture()
    var random = SeededRandom(seed: seed)
    let (store, visible) = try filled(fixture, segments: 1 + Int(random.next() % 5), &random)
    var rules = CompactionRules()
    rules.rowGroupRows = random.choose([7, 100, 262_144])
    rules.memoryBytes = random.choose([1, 2_000, 256 << 20])
    rules.segmentBytes = random.choose([300, 64 << 20])
    let before = store.state
    let (merged, steps) = try merge(store, rules, in: fixture)
    #expect(store.state == before, "a merge changes nothing by itself")
    let groups = try groups(merged.added, in: fixture)
    #expect(groups.joined().map { Int($0[1]) }.sorted() == visible)
    #expect(groups.allSatisfy { $0.count <= rules.rowGroupRows })
    for group in groups { #expect(group == group.sorted { $0.lexicographicallyPrecedes($1) }) }
    if rules.memoryBytes == 1 { #expect(steps >= 3 * before.segments.count) }
    if rules.memoryBytes > 1 << 20, rules.segmentBytes > 1 << 20 {
      let all = Array(groups.joined())
      #expect(merged.added.count == 1)
      // What is read and written a row group at a time, all of it sorted once.
      let count = visible.count / rules.rowGroupRows
      #expect(steps >= 2 + 2 * count && steps <= 4 + 2 * (count + 3 * before.segments.count), "\(steps)")
      #expect(all == all.sorted { $0.lexicographicallyPrecedes($1) })
    }
    #expect(store.replace(merged))
    #expect(store.state.segments == merged.added && store.state.deletions.isEmpty)
    #expect(try StoreFixture.numbers(store.reader()) == visible)
  }

  @Test func aSegmentSaysWhatItWasMadeOf() throws {
    let fixture = StoreFixture()
    var random = SeededRandom(seed: 1)
    let (store, _) = try filled(fixture, segments: 3, &random)
    let before = store.state
    #expect(before.segments.map(\.level) == [0, 0, 0] && before.segments.map(\.sequenceEnd) == [120, 240, 360])
    let merged = try merge(store, CompactionRules(), in: fixture).merged
    let added = try #require(merged.added.first)
    let file = try SegmentReader.open(fixture.place.file(added.path), fileSystem: LocalFileSystem())
    #expect(
      file.origin
        == SegmentOrigin(
          level: 1, sequenceEnd: 360, order: ["event_ts", "number"], sources: before.segments.map(\.path)))
    #expect(added.level == 1 && added.sequenceEnd == 360)
    #expect(store.replace(merged))
    let again = try merge(store, CompactionRules(), in: fixture, prefix: "numbers/merged-2-").merged
    #expect(again.added.first?.level == 2 && again.added.first?.sequenceEnd == 360)
  }

  @Test func whatHasChangedMeanwhileIsNotReplaced() throws {
    let fixture = StoreFixture()
    var random = SeededRandom(seed: 2)
    let (store, _) = try filled(fixture, segments: 2, &random)
    let merged = try merge(store, CompactionRules(), in: fixture).merged
    store.delete([0, 1, 2, 3], in: store.state.segments[1].path)
    let (changed, visible) = (store.state, try StoreFixture.numbers(store.reader()))
    #expect(!store.replace(merged))
    #expect(store.state == changed)
    #expect(try StoreFixture.numbers(store.reader()) == visible)
  }

  @Test func nothingRemainsOfRowsThatAreAllDeleted() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    try store.append(StoreFixture.batch(0..<10))
    try store.cut()
    store.delete(Array(0..<10), in: store.state.segments[0].path)
    let merged = try merge(store, CompactionRules(), in: fixture).merged
    #expect(merged.added.isEmpty)
    #expect(store.replace(merged))
    #expect(store.state.segments.isEmpty && store.reader().rowCount == 0 && store.state.nextSequence == 10)
  }

  /// A reader that had got the merged rows finds only what is new; another one finds them all, before the others.
  @Test func readersOfAppendedRowsGoOnBehindAMerge() throws {
    let fixture = StoreFixture()
    let store = try fixture.store()
    for start in [0, 10, 20] {
      try store.append(StoreFixture.batch(start..<start + 10))
      try store.cut()
    }
    store.delete([3], in: store.state.segments[0].path)
    let choice = MergeChoice(CompactionRules(), sequenceEnd: 20, isThorough: true)
    var merge = Merge(
      choice.next(store.state), of: store.state, Self.table, rules: CompactionRules(), prefix: "numbers/merged-1-",
      directory: fixture.place.path, fileSystem: LocalFileSystem())
    while try merge.step() {}
    #expect(store.replace(merge.result))
    try store.append(StoreFixture.batch(30..<35))
    try store.flush()
    func read(from first: Int64) throws -> [Int] {
      try AppendedRows().pieces(of: store.reader(), from: first).flatMap { piece in
        let (batch, rows) = try piece.read(as: StoreFixture.schema)
        return rows.map { Int(batch.integers(0).values[Int($0)]) }
      }
    }
    #expect(try read(from: 20) == Array(20..<35))
    #expect(try read(from: 25) == Array(25..<35))
    #expect(try read(from: 0).prefix(19).sorted() == Array(0..<20).filter { $0 != 3 })
    #expect(try read(from: 0).dropFirst(19) == Array(20..<35)[...])
    // Whoever stands in the middle of what was merged gets all of it once more.
    #expect(try read(from: 15).count == 19 + 15)
    let pieces = try AppendedRows().pieces(of: store.reader(), from: 0)
    #expect(pieces.map { $0.position(before: 5) } == [0, 25, 35])
  }
}
