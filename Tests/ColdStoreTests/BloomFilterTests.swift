import Columns
import Encodings
import TestSupport
import Testing

@testable import ColdStore

@Suite struct BloomFilterTests {
  private func batch(_ texts: [String?]) -> Batch {
    var builder = BatchBuilder(Schema([Field("user_id", .string)]))
    for text in texts { builder.append(text, to: 0) }
    return builder.build()
  }

  /// What is there is found; what is not there nearly never, the less the more bits a text has.
  @Test(arguments: [(1, 40), (7, 12), (1000, 12), (5000, 1)])
  func nothingThatIsThereIsMissed(distinct: Int, repeats: Int) throws {
    let seed = UInt64(distinct)
    var random = SeededRandom(seed: seed)
    let texts = (0..<distinct).map { "u_\($0)_\(random.next() % 100_000)" }
    let rows = (0..<distinct * repeats).map { _ in texts[Int(random.next() % UInt64(distinct))] as String? } + texts
    let whole = batch(rows + [nil])
    let filter = try #require(BloomFilter([BatchSlice(whole), BatchSlice(whole, rows: [0])], column: 0))
    let stored = try BloomFilter(filter.bytes)
    #expect(texts.allSatisfy { stored.mayContain(BloomFilter.hash(Array($0.utf8).span)) }, "seed \(seed)")
    let strangers = (0..<20_000).map { Array("v_\($0)".utf8) }
    let passed = strangers.count { stored.mayContain(BloomFilter.hash($0.span)) }
    #expect(passed < (repeats == 1 ? 2400 : 60), "\(passed) of 20,000, seed \(seed)")
    #expect(filter.bytes.count <= (distinct * 16 / 256 + 1) * 32)
  }

  /// Sixteen bits for each distinct text, six for each row at most.
  @Test func theSizeFollowsTheTexts() throws {
    let few = try #require(BloomFilter([BatchSlice(batch((0..<10_000).map { "\($0 % 100)" }))], column: 0))
    #expect(few.bytes.count == 7 * 32)
    let many = try #require(BloomFilter([BatchSlice(batch((0..<10_000).map { "\($0)" }))], column: 0))
    #expect(many.bytes.count == 235 * 32)
    #expect(BloomFilter([BatchSlice(batch([nil, nil]))], column: 0) == nil)
  }

  @Test func damagedFiltersAreRefused() throws {
    for count in [0, 1, 31, 33] {
      #expect(throws: CorruptionError.self) { try BloomFilter([UInt8](repeating: 0, count: count)) }
    }
    let files = LocalFileSystem()
    let temporary = TemporaryDirectory()
    let tail = try TailWriter(creating: temporary.path + "/tail", fileSystem: files)
    try tail.append(RowGroup.encode(table: "t", day: 0, stage: .merged, batch(["a", "b", "c"])))
    try tail.flush()
    var bytes = try files.readAll(tail.path)
    bytes[bytes.count - 5] ^= 4
    try files.createFile(tail.path).append(bytes.span)
    let file = try TailReader.open(tail.path, validLength: bytes.count, fileSystem: files)
    for check in [{ try file.verify() }, { _ = try file.mayContain(0, column: "user_id", anyOf: [[0x61]]) }] {
      let error = #expect(throws: CorruptionError.self) { try check() }
      #expect(error?.what.contains("row group 0, column user_id: the filter has the checksum") == true)
    }
    #expect(try file.read(0).rowCount == 3, "the pages are sound")
  }
}
