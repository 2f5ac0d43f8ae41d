internal import Columns

/// Integers as what each is above the smallest of its block, in as few bits as the largest of these needs.
///
/// Stored: for each block of 1,024 values the width (1 byte) and the smallest value (signed varint: the difference to
/// the block before, the first to 0), then the packed blocks (`BitPacking`). Each block can be read alone.
enum FrameOfReference {
  // MARK: Encode

  static func write(_ values: Span<Int64>, to writer: inout ByteWriter) {
    let blocks = stride(from: 0, to: values.count, by: BitPacking.blockRows).map { start in
      let block = values.extracting(start..<min(start + BitPacking.blockRows, values.count))
      return (start: start, rowCount: block.count, frame: Frame(of: block))
    }
    var previous: Int64 = 0
    for block in blocks {
      writer.write(UInt8(block.frame.width))
      writer.writeSignedVarint(block.frame.reference &- previous)
      previous = block.frame.reference
    }
    for block in blocks {
      pack(values.extracting(block.start..<block.start + block.rowCount), block.frame, to: &writer)
    }
  }

  /// What a block's values are packed against.
  struct Frame {
    var reference: Int64
    var width: Int

    init(reference: Int64, width: Int) { (self.reference, self.width) = (reference, width) }

    init(of block: Span<Int64>) {
      var (minimum, maximum) = (Int64.max, Int64.min)
      for row in block.indices {
        let value = block[row]
        minimum = value < minimum ? value : minimum
        maximum = value > maximum ? value : maximum
      }
      // The difference of any two values fits into 64 bits without a sign.
      let range = UInt64(bitPattern: maximum &- minimum)
      self.init(reference: minimum, width: 64 - range.leadingZeroBitCount)
    }
  }

  private static func pack(_ block: Span<Int64>, _ frame: Frame, to writer: inout ByteWriter) {
    guard frame.width > 0 else { return }
    let reference = UInt64(bitPattern: frame.reference)
    let padded = BitPacking.paddedRowCount(block.count)
    // Both buffers have the sizes that packing asks for; rows behind the last are the reference, hence zeros.
    unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: padded) { values in
      for row in 0..<block.count { unsafe values[row] = UInt64(bitPattern: block[row]) }
      for row in block.count..<padded { unsafe values[row] = reference }
      let wordCount = BitPacking.wordCount(rowCount: block.count, width: frame.width)
      unsafe withUnsafeTemporaryAllocation(of: UInt64.self, capacity: wordCount) { words in
        unsafe words.initialize(repeating: 0)
        guard let source = values.baseAddress, let target = words.baseAddress else { return }
        unsafe BitPacking.pack(
          source, rowCount: block.count, reference: reference, width: frame.width, to: target)
        unsafe writer.writeRaw(UnsafeRawBufferPointer(words))
      }
    }
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let blocks = try Blocks(&reader, count: count)
    let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: BitPacking.paddedRowCount(count))
    // All blocks but the last are full, so that a block's padding stays inside the buffer, which holds padded rows.
    for block in 0..<blocks.blockCount { unsafe blocks.unpack(block, to: values.base + block * BitPacking.blockRows) }
    values.seal(count: count)
    return values
  }

  // MARK: Fetch

  /// Where the packed blocks of a section lie, each of which can be read alone.
  struct Blocks {
    private let page: ByteArena
    private let count: Int
    private let frames: [Frame]
    private let starts: [Int]

    var blockCount: Int { frames.count }

    /// Passes over a section of `count` values. O(blocks).
    init(_ reader: inout PageReader, count: Int) throws(CorruptionError) {
      var frames: [Frame] = []
      var reference: Int64 = 0
      for _ in stride(from: 0, to: count, by: BitPacking.blockRows) {
        let width = Int(try reader.readUInt8())
        guard width <= 64 else { throw CorruptionError("numbers of \(width) bits", offset: reader.offset - 1) }
        reference &+= try reader.readSignedVarint()
        frames.append(Frame(reference: reference, width: width))
      }
      var starts: [Int] = []
      for (block, frame) in frames.enumerated() {
        let byteCount = BitPacking.byteCount(rowCount: Blocks.rowCount(of: block, count), width: frame.width)
        starts.append(try reader.pass(over: byteCount, of: "packed numbers"))
      }
      (self.frames, self.starts, self.count, page) = (frames, starts, count, reader.page)
    }

    private static func rowCount(of block: Int, _ count: Int) -> Int {
      min(BitPacking.blockRows, count - block * BitPacking.blockRows)
    }

    /// Writes the values of `block` to `target`, which has room for them and what pads them. O(1,024).
    @unsafe func unpack(_ block: Int, to target: UnsafeMutablePointer<Int64>) {
      // `init` checked that each block's words are in the page.
      unsafe BitPacking.unpack(
        UnsafeRawPointer(page.base + starts[block]), rowCount: Blocks.rowCount(of: block, count),
        reference: UInt64(bitPattern: frames[block].reference), width: frames[block].width,
        to: UnsafeMutableRawPointer(target).assumingMemoryBound(to: UInt64.self))
    }

    /// The values of `block`.
    func values(of block: Int) -> ColumnBuffer<Int64> {
      let rowCount = Blocks.rowCount(of: block, count)
      let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: BitPacking.paddedRowCount(rowCount))
      unsafe unpack(block, to: values.base)
      values.seal(count: rowCount)
      return values
    }

    /// The value of `row`, which is below the count: a precondition. O(1).
    func value(_ row: Int) -> Int64 {
      precondition(row < count, "row \(row) of \(count)")
      let block = row / BitPacking.blockRows
      let packed = unsafe BitPacking.number(
        at: row % BitPacking.blockRows, UnsafeRawPointer(page.base + starts[block]), width: frames[block].width)
      return frames[block].reference &+ Int64(bitPattern: packed)
    }
  }
}
