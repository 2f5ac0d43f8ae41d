import ColdStore
import Columns
import Encodings
import TestSupport
import Testing

@Suite struct SegmentTests {
  let files = LocalFileSystem()
  let temporary = TemporaryDirectory()
  var directory: String { temporary.path }

  /// A tail of `groups` row groups that alternate between two days, and all its rows by day.
  private func makeTail(
    groups: Int, rowCount: Int, seed: UInt64
  ) throws -> (RowGroupFile, [Int64: [[String]]]) {
    var random = SeededRandom(seed: seed)
    let writer = try TailWriter(creating: directory + "/tail", fileSystem: files)
    var expected: [Int64: [[String]]] = [:]
    for group in 0..<groups {
      let day = Int64(group % 2) * EventTime.day
      let batch = TestTable.batch(rowCount, day: day, &random)
      let rows = (0..<UInt32(rowCount)).filter { _ in Bool.random(using: &random) }
      try writer.append(RowGroup.encode(table: "events", day: day, batch, rows: rows))
      expected[day, default: []] += TestTable.rows(batch, rows)
    }
    try writer.flush()
    return (try TailReader.open(writer.path, validLength: writer.validLength, fileSystem: files), expected)
  }

  /// Reading chosen rows is reading all and choosing.
  @Test func chosenRowsAreThoseOfTheWhole() throws {
    var random = SeededRandom(seed: 23)
    let (file, _) = try makeTail(groups: 6, rowCount: 300, seed: 23)
    for index in file.groups.indices {
      let whole = try file.read(index)
      let rows = (0..<UInt32(whole.rowCount)).filter { _ in random.next() % 5 == 0 }
      let chosen = try file.read(index, as: whole.schema, rows: rows)
      #expect(TestTable.rows(chosen) == TestTable.rows(whole, rows))
      #expect(try file.read(index, as: whole.schema, rows: []).rowCount == 0)
    }
  }

  @Test(arguments: [0, 1, 63, 64, 65, 1023, 1025])
  func aTailReadsBackAndIsCutByDay(rowCount: Int) throws {
    let (tail, expected) = try makeTail(groups: 5, rowCount: rowCount, seed: UInt64(rowCount))
    #expect(tail.rowCount == expected.values.reduce(0) { $0 + $1.count })
    try tail.verify()
    let cuts = try SegmentWriter.cut(tail, in: directory, timeColumn: "event_ts", fileSystem: files) { day, ordinal in
      "segments/\(day)-\(ordinal)"
    }
    #expect(cuts.map(\.segment.dayMilliseconds) == [0, EventTime.day])
    for cut in cuts {
      let path = directory + "/" + cut.segment.path
      let segment = try SegmentReader.open(path, fileSystem: files)
      try segment.verify()
      #expect(try TestTable.rows(segment) == expected[cut.segment.dayMilliseconds])
      #expect(segment.checksum == cut.segment.checksum)
      #expect(try files.byteCount(path) == cut.segment.byteCount)
      #expect(cut.segment.rowCount == segment.rowCount)
      if rowCount > 60 {
        #expect(segment.schema == TestTable.schema)
        #expect(segment.lineage[0]?.minimum.isMultiple(of: 20) == true)
        #expect(Set(segment.lineage.keys) == [0, 1])
        #expect(cut.segment.minimumTime.map { $0 >= cut.segment.dayMilliseconds } == true)
      }
    }
  }

  @Test func segmentsAreCutBySizeAndDeletionsMoveWithTheirRows() throws {
    let (tail, _) = try makeTail(groups: 8, rowCount: 200, seed: 11)
    var random = SeededRandom(seed: 12)
    let deletions = DeletionVector(
      (0..<UInt32(tail.rowCount)).filter { _ in Int.random(in: 0..<4, using: &random) == 0 })
    var expected: [[String]] = []
    for index in tail.groups.indices {
      expected += TestTable.rows(try tail.read(index), deletions.visible(in: tail.groups[index].rows))
    }
    let cuts = try SegmentWriter.cut(
      tail, deletions: deletions, in: directory, timeColumn: nil,
      maximumByteCount: tail.groups[0].header.groupByteCount * 5 / 2, fileSystem: files
    ) { "segments/\($0)-\($1)" }
    #expect(cuts.count == 4)
    var actual: [[String]] = []
    for cut in cuts {
      let segment = try SegmentReader.open("\(directory)/\(cut.segment.path)", fileSystem: files)
      for index in segment.groups.indices {
        actual += TestTable.rows(try segment.read(index), cut.deletions.visible(in: segment.groups[index].rows))
      }
    }
    #expect(actual.map { $0.joined() }.sorted() == expected.map { $0.joined() }.sorted())
  }

  @Test func projectionReadsSomeColumnsAndNullsForMissingOnes() throws {
    let (tail, _) = try makeTail(groups: 1, rowCount: 100, seed: 1)
    let schema = Schema([Field("currency", .string), Field("added_later", .decimal), Field("offset", .integer)])
    let (batch, whole) = (try tail.read(0, as: schema), try tail.read(0))
    #expect(TestTable.rows(batch) == TestTable.rows(whole).map { [$0[7], "null", $0[1]] })
    #expect(throws: CorruptionError.self) { try tail.read(0, as: Schema([Field("currency", .real)])) }
  }

  @Test func zoneMapsPruneWhatCannotMatch() throws {
    let (tail, _) = try makeTail(groups: 4, rowCount: 100, seed: 2)
    let secondDay = ZonePredicate.integers(column: "event_ts", EventTime.day...(2 * EventTime.day - 1))
    #expect(tail.groups(matching: [secondDay]) == [1, 3])
    #expect(tail.groups(matching: [.text(column: "currency", equals: Array("EUR".utf8))]).count == 4)
    #expect(tail.groups(matching: [.text(column: "currency", equals: Array("USD".utf8))]) == [])
    #expect(tail.groups(matching: [.integers(column: "missing", 0...1)]) == [])
  }

  @Test func whatIsBehindTheCommittedEndNeverHappened() throws {
    var random = SeededRandom(seed: 3)
    let batch = TestTable.batch(50, day: 0, &random)
    let path = directory + "/tail"
    var writer = try TailWriter(creating: path, fileSystem: files)
    try writer.append(RowGroup.encode(table: "events", day: 0, batch))
    let (validLength, rowCount) = (writer.validLength, writer.rowCount)
    try writer.append(RowGroup.encode(table: "events", day: 0, batch, rows: [1]))
    #expect(try TailReader.open(path, validLength: validLength, fileSystem: files).rowCount == 50)
    #expect(throws: CorruptionError.self) {
      try TailWriter(continuing: path, validLength: validLength, rowCount: rowCount, fileSystem: files)
    }
    let before = try files.readAll(path)
    let next = directory + "/next"
    writer = try TailWriter(
      creating: next, copying: path, validLength: validLength, rowCount: rowCount, fileSystem: files)
    #expect(try files.byteCount(next) == validLength)
    try writer.append(RowGroup.encode(table: "events", day: 0, batch, rows: [7, 9]))
    let tail = try TailReader.open(next, validLength: writer.validLength, fileSystem: files)
    #expect(try TestTable.rows(tail) == TestTable.rows(batch) + TestTable.rows(batch, [7, 9]))
    #expect(try files.readAll(path) == before, "whoever shares the file is not disturbed")
    #expect(throws: CorruptionError.self) {
      try TailWriter(creating: next, copying: path, validLength: 1 << 20, rowCount: 0, fileSystem: files)
    }
  }

  @Test func everyFlippedByteAndEveryTruncationOfASegmentIsFound() throws {
    let (tail, _) = try makeTail(groups: 2, rowCount: 20, seed: 4)
    let segment = try SegmentWriter.write(
      "segment", in: directory, groups: [0], of: tail, timeColumn: nil, fileSystem: files)
    let bytes = try files.readAll(directory + "/" + segment.path)
    let path = directory + "/damaged"
    func check(_ damaged: [UInt8], _ what: String) throws {
      let file = try files.createFile(path)
      try file.append(damaged.span)
      #expect(throws: CorruptionError.self, "\(what)") {
        let file = try SegmentReader.open(path, fileSystem: files)
        try file.verify()
        _ = try TestTable.rows(file)
      }
    }
    for index in bytes.indices {
      var damaged = bytes
      damaged[index] ^= 1 << UInt8(index % 8)
      try check(damaged, "byte \(index)")
    }
    for length in stride(from: 0, to: bytes.count, by: 7) { try check(Array(bytes[..<length]), "\(length) bytes") }
  }

  @Test func errorsNameFileRowGroupAndColumn() throws {
    let (tail, _) = try makeTail(groups: 2, rowCount: 100, seed: 5)
    var bytes = try files.readAll(tail.path)
    let header = tail.groups[1].header
    bytes[tail.groups[1].offset + header.pageOffsets[3] + 2] ^= 1
    let file = try files.createFile(tail.path)
    try file.append(bytes.span)
    let damaged = try TailReader.open(tail.path, validLength: bytes.count, fileSystem: files)
    let error = #expect(throws: CorruptionError.self) { try damaged.verify() }
    #expect(error?.path == tail.path)
    #expect(error?.what.hasPrefix("row group 1, column price: ") == true)
    #expect(throws: Never.self) { try damaged.read(1, as: Schema([Field("offset", .integer)])) }
  }

  @Test func aMissingFileIsNamedWithTheSystemsWords() {
    let error = #expect(throws: FileError.self) { try SegmentReader.open("/nowhere/segment", fileSystem: files) }
    #expect(error?.description == "cannot open /nowhere/segment: No such file or directory")
  }
}
