internal import Columns

/// Integers as what each is above the smallest, in whole bytes: first the lowest byte of all, then the next of all.
///
/// It is for Zstandard, whose entropy coder finds in bytes what bit-packing hides: frequent codes, high bytes that are
/// nearly always the same.
///
/// Stored: the smallest value (signed varint), the number of planes (1 byte), the planes.
enum BytePlanes {
  // MARK: Encode

  static func write(_ values: Span<Int64>, to writer: inout ByteWriter) {
    let frame = values.count > 0 ? FrameOfReference.Frame(of: values) : FrameOfReference.Frame(reference: 0, width: 0)
    let planeCount = (frame.width + 7) / 8
    writer.writeSignedVarint(frame.reference)
    writer.write(UInt8(planeCount))
    for plane in 0..<planeCount {
      let bytes = unsafe [UInt8](unsafeUninitializedCapacity: values.count) { bytes, initialized in
        for row in values.indices {
          unsafe bytes[row] = UInt8(truncatingIfNeeded: (values[row] &- frame.reference) >> Int64(8 * plane))
        }
        initialized = values.count
      }
      writer.writeRaw(bytes.span)
    }
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let planes = try Planes(&reader, count: count)
    let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: count)
    // A stretch at a time, all planes of it: the processor still has it then. The buffer holds `count` values.
    for first in stride(from: 0, to: count, by: BitPacking.blockRows) {
      unsafe planes.read(first..<min(first + BitPacking.blockRows, count), to: values.base + first)
    }
    values.seal(count: count)
    return values
  }

  // MARK: Fetch

  /// Where the planes of a section lie, each value of which can be read alone.
  struct Planes {
    private let reference: Int64
    private let planeCount: Int
    private let start: Int
    private let page: ByteArena
    private let count: Int

    /// Passes over a section of `count` values. O(1).
    init(_ reader: inout PageReader, count: Int) throws(CorruptionError) {
      let reference = try reader.readSignedVarint()
      let planeCount = Int(try reader.readUInt8())
      guard planeCount <= 8 else { throw CorruptionError("numbers of \(planeCount) bytes") }
      let start = try reader.pass(over: planeCount * count, of: "byte planes")
      (self.reference, self.planeCount, self.start) = (reference, planeCount, start)
      (page, self.count) = (reader.page, count)
    }

    /// Writes the values of `rows`, which are below the count, to `target`, which has room for them.
    @unsafe func read(_ rows: Range<Int>, to target: UnsafeMutablePointer<Int64>) {
      // The page holds `count` bytes of each plane from its start on.
      unsafe target.update(repeating: reference, count: rows.count)
      for plane in 0..<planeCount {
        let bytes = unsafe page.base + start + plane * count + rows.lowerBound
        for row in 0..<rows.count { unsafe target[row] &+= Int64(bytes[row]) &<< Int64(8 * plane) }
      }
    }

    /// The value of `row`, which is below the count: a precondition. O(1).
    func value(_ row: Int) -> Int64 {
      precondition(row < count, "row \(row) of \(count)")
      var value = reference
      for plane in 0..<planeCount { value &+= Int64(page.span[start + plane * count + row]) &<< Int64(8 * plane) }
      return value
    }
  }
}
