internal import Encodings

/// Parquet's hybrid of runs and packed bits: what definition levels and numbers of dictionary entries are stored as.
///
/// A run is its length times two, then the value; packed values are how many groups of eight, times two plus one, then
/// the bits, low first. Lengths are varints.
enum RunLengthHybrid {
  /// A shorter run costs as much as it saves.
  private static let shortestRun = 8

  /// Bits that hold each number below `count`; at least one, since some readers take no fewer.
  static func bitWidth(below count: Int) -> Int { max(Int.bitWidth - (count - 1).leadingZeroBitCount, 1) }

  /// Appends `values`, each below 2^`bitWidth`. O(values).
  static func append(_ values: ArraySlice<UInt32>, bitWidth: Int, to writer: inout ByteWriter) {
    // Values from here on to `position` wait to be packed, in whole groups unless they are the last.
    var waiting = values.startIndex
    var position = values.startIndex
    while position < values.endIndex {
      let value = values[position]
      var end = position + 1
      while end < values.endIndex, values[end] == value { end += 1 }
      let missing = (8 - (position - waiting) % 8) % 8
      if end - position >= missing + shortestRun {
        pack(values[waiting..<position + missing], bitWidth, to: &writer)
        writer.writeVarint(UInt64(end - position - missing) << 1)
        for byte in 0..<(bitWidth + 7) / 8 { writer.write(UInt8(truncatingIfNeeded: value >> UInt32(8 * byte))) }
        waiting = end
      }
      position = end
    }
    pack(values[waiting...], bitWidth, to: &writer)
  }

  /// Appends `values` as groups of eight, zeros behind the last.
  private static func pack(_ values: ArraySlice<UInt32>, _ bitWidth: Int, to writer: inout ByteWriter) {
    guard !values.isEmpty else { return }
    let groups = (values.count + 7) / 8
    writer.writeVarint(UInt64(groups) << 1 | 1)
    var bits: UInt64 = 0
    var count = 0
    for index in 0..<groups * 8 {
      let value = index < values.count ? values[values.startIndex + index] : 0
      bits |= UInt64(value) << UInt64(count)
      count += bitWidth
      while count >= 8 {
        writer.write(UInt8(truncatingIfNeeded: bits))
        bits >>= 8
        count -= 8
      }
    }
  }
}
