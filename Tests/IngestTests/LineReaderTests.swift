import Columns
import Encodings
import Ingest
import TestSupport
import Testing

@Suite struct LineReaderTests {
  private static let maximumLineBytes = 700

  /// Lines of any length, also empty and too long ones, the last with or without its newline.
  private func content(_ random: inout SeededRandom) -> [UInt8] {
    var bytes: [UInt8] = []
    for _ in 0..<Int.random(in: 0..<60, using: &random) {
      let longest = [0, 3, 80, 700, 701, 702, 5_000, 30_000].randomElement(using: &random) ?? 0
      let length = Int.random(in: 0...longest, using: &random)
      bytes.append(contentsOf: (0..<length).map { _ in UInt8.random(in: 0x20...0x7E, using: &random) })
      bytes.append(0x0A)
    }
    if Bool.random(using: &random) { _ = bytes.popLast() }
    return bytes
  }

  /// The same by splitting all of it at once.
  private func lines(of bytes: [UInt8]) -> [[UInt8]] {
    var lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false).map { Array($0) }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { Array($0.prefix(LineReaderTests.maximumLineBytes + 1)) }
  }

  @Test func anyBatchSizeReadsTheLinesOfTheFile() throws {
    let directory = TemporaryDirectory()
    for seed in 0..<60 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let bytes = content(&random)
      let path = try directory.write("lines", bytes: bytes)
      let reader = try LineReader(path: path, maximumLineBytes: LineReaderTests.maximumLineBytes)
      var read: [[UInt8]] = []
      var position: Int64 = 0
      while true {
        let arena = ByteArena()
        if Bool.random(using: &random) { arena.append([1, 2, 3].span) }
        let count = Int.random(in: 1...9, using: &random)
        let ranges = try reader.lines(into: arena, atMost: count, byteCount: Int.random(in: 1...2_000, using: &random))
        #expect(ranges.count <= count)
        guard !ranges.isEmpty else { break }
        read += ranges.map { [UInt8](copying: arena.span.extracting($0)) }
        #expect(reader.byteOffset > position, "seed \(seed)")
        position = reader.byteOffset
        #expect(reader.checksum == Checksum.crc32c(Array(bytes.prefix(Int(position)))), "seed \(seed)")
      }
      #expect(read == lines(of: bytes), "seed \(seed)")
      #expect(position == Int64(bytes.count), "seed \(seed)")
    }
  }

  @Test func aReaderGoesOnWhereAnotherStopped() throws {
    let directory = TemporaryDirectory()
    for seed in 100..<140 as Range<UInt64> {
      var random = SeededRandom(seed: seed)
      let bytes = content(&random)
      let path = try directory.write("lines", bytes: bytes)
      let first = try LineReader(path: path, maximumLineBytes: LineReaderTests.maximumLineBytes)
      let taken = try first.lines(into: ByteArena(), atMost: Int.random(in: 1...40, using: &random)).count
      let second = try LineReader(path: path, maximumLineBytes: LineReaderTests.maximumLineBytes)
      try second.skip(to: first.byteOffset, checksum: first.checksum)
      let arena = ByteArena()
      let rest = try second.lines(into: arena, atMost: 1_000).map { [UInt8](copying: arena.span.extracting($0)) }
      #expect(rest == Array(lines(of: bytes).dropFirst(taken)), "seed \(seed)")
    }
  }

  @Test func anotherFileThanBeforeIsRefused() throws {
    let directory = TemporaryDirectory()
    let path = try directory.write("lines", bytes: Array("one\ntwo\n".utf8))
    let reader = try LineReader(path: path, maximumLineBytes: 10)
    #expect(throws: FileReadError.self) { try reader.skip(to: 4, checksum: 1) }
    let again = try LineReader(path: path, maximumLineBytes: 10)
    #expect(throws: FileReadError.self) { try again.skip(to: 100, checksum: 0) }
    #expect(throws: FileReadError.self) { try LineReader(path: path + "-absent", maximumLineBytes: 10) }
  }
}
