internal import Columns
internal import Encodings

/// Identities in their stored form: runs of those whose copies came from one source within one span of 2³² ms (fifty
/// days), three words each: the identity, and beside it half the hash of the message and the rest of the time.
///
/// The stored form is the number of runs, then each run: a word of its source and span, and the words of its rows.
struct IdentityRows: Sendable {
  private static let wordsPerRow = 3
  static let bytesPerRow = wordsPerRow * 8

  /// The words of each run, by its head.
  private var runs: [(head: UInt64, words: [UInt64])] = []
  private(set) var count = 0
  private let capacity: Int

  /// - Parameter capacity: the rows that are expected, most of one run.
  init(capacity: Int = 0) { self.capacity = capacity }

  /// Adds a row. O(1) where the source and the span are those of the row before, else O(runs).
  @inline(__always)
  mutating func append(_ identity: Hash128, _ copy: FirstCopy) {
    let head = UInt64(UInt32(bitPattern: copy.source)) << 32 | UInt64(UInt32(truncatingIfNeeded: copy.time >> 32))
    if runs.last?.head != head { turn(to: head) }
    let last = runs.count - 1
    runs[last].words.append(identity.low)
    runs[last].words.append(identity.high)
    runs[last].words.append(UInt64(copy.contentHash) << 32 | UInt64(UInt32(truncatingIfNeeded: copy.time)))
    count += 1
  }

  /// Makes the run of `head` the last one.
  @inline(never)
  private mutating func turn(to head: UInt64) {
    if let index = runs.firstIndex(where: { $0.head == head }) {
      runs.swapAt(index, runs.count - 1)
    } else {
      runs.append((head, []))
      runs[runs.count - 1].words.reserveCapacity(capacity * IdentityRows.wordsPerRow)
    }
  }

  /// Writes all rows, run by run. One copy of memory.
  func encode(into writer: inout ByteWriter) {
    writer.reserve(runs.count * 16 + count * IdentityRows.bytesPerRow + 10)
    writer.writeVarint(UInt64(runs.count))
    for run in runs {
      writer.write(run.head)
      writer.write(words: run.words)
    }
  }

  /// Reads what `encode` wrote.
  static func read(
    from reader: inout ByteReader, row: (Hash128, FirstCopy) throws(CorruptionError) -> Void
  ) throws(CorruptionError) {
    for _ in 0..<(try reader.readCount(of: "runs of identities", minimumBytes: 9)) {
      let head = try reader.readUInt64()
      let words = try reader.readWords()
      guard words.count % wordsPerRow == 0 else {
        throw CorruptionError("\(words.count) words are no whole identities", offset: reader.offset)
      }
      let source = Int32(bitPattern: UInt32(head >> 32))
      let span = Int64(Int32(bitPattern: UInt32(truncatingIfNeeded: head))) << 32
      for start in stride(from: 0, to: words.count, by: wordsPerRow) {
        let time = span | Int64(UInt32(truncatingIfNeeded: words[start + 2]))
        let copy = FirstCopy(time: time, source: source, contentHash: UInt32(words[start + 2] >> 32))
        try row(Hash128(low: words[start], high: words[start + 1]), copy)
      }
    }
  }
}
