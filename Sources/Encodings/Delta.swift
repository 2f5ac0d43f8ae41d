internal import Columns

/// Integers as differences of neighbours (order 1), or as differences of these (order 2): what sorted and evenly
/// spaced values have little of.
///
/// Stored: for each order and each block of 1,024 the first value (signed varint: the difference to that of the block
/// before), then the differences as `FrameOfReference` has them; so a block can be read alone, and the smallest
/// difference of a block costs no bits. The slot of a block's first value repeats the difference behind it, which
/// widens nothing. Differences wrap around, so that no value is too far from its neighbour.
enum Delta {
  // MARK: Encode

  static func write(_ values: Span<Int64>, order: Int, to writer: inout ByteWriter) {
    var differences = unsafe values.withUnsafeBufferPointer { unsafe [Int64]($0) }
    for _ in 0..<order { difference(&differences, to: &writer) }
    FrameOfReference.write(differences.span, to: &writer)
  }

  /// Differences of neighbours as byte planes: for Zstandard. Those are zigzag numbers, so that the high bytes of small
  /// ones are zeros whatever their sign.
  static func writePlanes(_ values: Span<Int64>, to writer: inout ByteWriter) {
    var differences = unsafe values.withUnsafeBufferPointer { unsafe [Int64]($0) }
    difference(&differences, to: &writer)
    for row in differences.indices { differences[row] = differences[row] << 1 ^ differences[row] >> 63 }
    BytePlanes.write(differences.span, to: &writer)
  }

  private static func difference(_ values: inout [Int64], to writer: inout ByteWriter) {
    var previousFirst: Int64 = 0
    for start in stride(from: 0, to: values.count, by: BitPacking.blockRows) {
      let end = min(start + BitPacking.blockRows, values.count)
      writer.writeSignedVarint(values[start] &- previousFirst)
      previousFirst = values[start]
      for row in stride(from: end - 1, to: start, by: -1) { values[row] = values[row] &- values[row - 1] }
      values[start] = start + 1 < end ? values[start + 1] : 0
    }
  }

  // MARK: Decode

  static func read(
    _ reader: inout PageReader, order: Int, count: Int
  ) throws(CorruptionError) -> ColumnBuffer<Int64> {
    var firsts: [[Int64]] = []
    for _ in 0..<order { firsts.append(try readFirsts(&reader, count: count)) }
    let values = try FrameOfReference.read(&reader, count: count)
    for firsts in firsts.reversed() { sum(values, firsts) }
    return values
  }

  static func readPlanes(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let firsts = try readFirsts(&reader, count: count)
    let values = try BytePlanes.read(&reader, count: count)
    for row in 0..<count {
      // Rows stay below the buffer's count.
      unsafe values.base[row] = unzigzag(values.base[row])
    }
    sum(values, firsts)
    return values
  }

  private static func unzigzag(_ value: Int64) -> Int64 {
    let zigzag = UInt64(bitPattern: value)
    return Int64(bitPattern: zigzag >> 1) ^ -Int64(bitPattern: zigzag & 1)
  }

  private static func readFirsts(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> [Int64] {
    var firsts: [Int64] = []
    var first: Int64 = 0
    for _ in stride(from: 0, to: count, by: BitPacking.blockRows) {
      first &+= try reader.readSignedVarint()
      firsts.append(first)
    }
    return firsts
  }

  /// Turns differences back into values, block by block.
  private static func sum(_ values: ColumnBuffer<Int64>, _ firsts: [Int64]) {
    // Rows stay below the buffer's count, of which `firsts` covers every block.
    let base = unsafe values.base
    for (block, first) in firsts.enumerated() {
      let start = block * BitPacking.blockRows
      var value = first
      unsafe base[start] = value
      for row in start + 1..<max(min(start + BitPacking.blockRows, values.count), start + 1) {
        value = unsafe value &+ base[row]
        unsafe base[row] = value
      }
    }
  }

  // MARK: Fetch

  /// The blocks of a section, each of which can be read alone.
  struct Blocks {
    private let firsts: [[Int64]]
    private let differences: FrameOfReference.Blocks

    /// Passes over a section of `count` values. O(blocks).
    init(_ reader: inout PageReader, order: Int, count: Int) throws(CorruptionError) {
      var firsts: [[Int64]] = []
      for _ in 0..<order { firsts.append(try readFirsts(&reader, count: count)) }
      let differences = try FrameOfReference.Blocks(&reader, count: count)
      (self.firsts, self.differences) = (firsts, differences)
    }

    /// The values of `block`. O(1,024).
    func values(of block: Int) -> ColumnBuffer<Int64> {
      let values = differences.values(of: block)
      for firsts in firsts.reversed() { sum(values, [firsts[block]]) }
      return values
    }
  }

  /// The same of byte planes.
  struct PlaneBlocks {
    private let firsts: [Int64]
    private let differences: BytePlanes.Planes
    private let count: Int

    init(_ reader: inout PageReader, count: Int) throws(CorruptionError) {
      let firsts = try readFirsts(&reader, count: count)
      let differences = try BytePlanes.Planes(&reader, count: count)
      (self.firsts, self.differences, self.count) = (firsts, differences, count)
    }

    func values(of block: Int) -> ColumnBuffer<Int64> {
      let start = block * BitPacking.blockRows
      let rows = start..<min(start + BitPacking.blockRows, count)
      let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: rows.count)
      // The buffer has room for the block's rows, which are below the section's count.
      unsafe differences.read(rows, to: values.base)
      for row in 0..<rows.count {
        unsafe values.base[row] = unzigzag(values.base[row])
      }
      values.seal(count: rows.count)
      sum(values, [firsts[block]])
      return values
    }
  }
}
