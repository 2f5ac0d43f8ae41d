internal import Columns

/// Integers that repeat: the value of each run, and how long the runs are.
///
/// Stored: the number of runs (varint), their values and their lengths, each as an `IntegerSection`.
enum RunLength {
  // MARK: Analyze

  /// How many runs `values` have.
  static func runCount(_ values: Span<Int64>) -> Int {
    guard values.count > 0 else { return 0 }
    var changes = 0
    for row in 1..<max(values.count, 1) { changes += values[row] == values[row - 1] ? 0 : 1 }
    return changes + 1
  }

  // MARK: Encode

  static func write(_ values: Span<Int64>, _ codec: PageCodec, depth: Int, to writer: inout ByteWriter) {
    var (distinct, lengths): ([Int64], [Int64]) = ([], [])
    var start = 0
    for row in values.indices where row + 1 == values.count || values[row + 1] != values[row] {
      distinct.append(values[row])
      lengths.append(Int64(row + 1 - start))
      start = row + 1
    }
    writer.writeVarint(UInt64(distinct.count))
    IntegerSection.write(distinct.span, codec, depth: depth + 1, to: &writer)
    IntegerSection.write(lengths.span, codec, depth: depth + 1, to: &writer)
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int, depth: Int) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let (distinct, lengths) = try readRuns(&reader, count: count, depth: depth)
    let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: count)
    var row = 0
    for run in 0..<lengths.count {
      // `readRuns` found `count` rows in all runs, the buffer's capacity.
      unsafe (values.base + row).update(repeating: distinct[run], count: Int(lengths[run]))
      row += Int(lengths[run])
    }
    values.seal(count: count)
    return values
  }

  /// The values of the runs and their lengths, which are positive and together `count`. O(runs).
  static func readRuns(
    _ reader: inout PageReader, count: Int, depth: Int
  ) throws(CorruptionError) -> (values: ColumnBuffer<Int64>, lengths: ColumnBuffer<Int64>) {
    let runCount = try readCount(&reader, count: count)
    let distinct = try IntegerSection.read(&reader, count: runCount, depth: depth + 1)
    return (distinct, try readLengths(&reader, runCount, count: count, depth: depth))
  }

  /// How many runs there are.
  static func readCount(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> Int {
    try reader.readCount(of: "runs", atMost: count)
  }

  private static func readLengths(
    _ reader: inout PageReader, _ runCount: Int, count: Int, depth: Int
  ) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let lengths = try IntegerSection.read(&reader, count: runCount, depth: depth + 1)
    var row = 0
    for run in 0..<runCount {
      let length = lengths[run]
      guard length > 0, length <= count - row else {
        throw CorruptionError("run \(run) has a length of \(length), where \(count - row) rows are left")
      }
      row += Int(length)
    }
    guard row == count else { throw CorruptionError("runs have \(row) rows instead of \(count)") }
    return lengths
  }

  // MARK: Fetch

  /// Behind which row each run ends, ascending; the last is `count`. O(runs).
  static func readEnds(
    _ reader: inout PageReader, _ runCount: Int, count: Int, depth: Int
  ) throws(CorruptionError) -> [Int] {
    let lengths = try readLengths(&reader, runCount, count: count, depth: depth)
    var end = 0
    return lengths.span.indices.map { run in
      end += Int(lengths[run])
      return end
    }
  }
}
