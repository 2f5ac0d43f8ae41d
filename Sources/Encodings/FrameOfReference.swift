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
    let frames = try readFrames(&reader, count: count)
    let padded = BitPacking.paddedRowCount(count)
    let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: padded)
    // All blocks but the last are full, so that a block's padding stays inside the buffer, which holds padded rows;
    // `pass` checked that each block's words are in the page.
    let target = unsafe UnsafeMutableRawPointer(values.base).assumingMemoryBound(to: UInt64.self)
    for (index, frame) in frames.enumerated() {
      let start = index * BitPacking.blockRows
      let rowCount = min(BitPacking.blockRows, count - start)
      let packed = try reader.pass(
        over: BitPacking.byteCount(rowCount: rowCount, width: frame.width), of: "packed numbers")
      unsafe BitPacking.unpack(
        UnsafeRawPointer(reader.page.base + packed), rowCount: rowCount, reference: UInt64(bitPattern: frame.reference),
        width: frame.width, to: target + start)
    }
    values.seal(count: count)
    return values
  }

  private static func readFrames(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> [Frame] {
    var frames: [Frame] = []
    var reference: Int64 = 0
    for _ in stride(from: 0, to: count, by: BitPacking.blockRows) {
      let width = Int(try reader.readUInt8())
      guard width <= 64 else { throw CorruptionError("numbers of \(width) bits", offset: reader.offset - 1) }
      reference &+= try reader.readSignedVarint()
      frames.append(Frame(reference: reference, width: width))
    }
    return frames
  }

  // MARK: Fetch

  /// The values of block `block` alone; those before it are passed over.
  static func read(
    block: Int, _ reader: inout PageReader, count: Int
  ) throws(CorruptionError) -> ColumnBuffer<Int64> {
    let frames = try readFrames(&reader, count: count)
    guard frames.indices.contains(block) else { throw CorruptionError("there is no block \(block)") }
    for frame in frames[..<block] {
      _ = try reader.pass(
        over: BitPacking.byteCount(rowCount: BitPacking.blockRows, width: frame.width), of: "packed numbers")
    }
    let (frame, rowCount) = (frames[block], min(BitPacking.blockRows, count - block * BitPacking.blockRows))
    let packed = try reader.pass(
      over: BitPacking.byteCount(rowCount: rowCount, width: frame.width), of: "packed numbers")
    let values = unsafe ColumnBuffer<Int64>(unclearedCapacity: BitPacking.paddedRowCount(rowCount))
    // As in `read` of all blocks.
    unsafe BitPacking.unpack(
      UnsafeRawPointer(reader.page.base + packed), rowCount: rowCount, reference: UInt64(bitPattern: frame.reference),
      width: frame.width, to: UnsafeMutableRawPointer(values.base).assumingMemoryBound(to: UInt64.self))
    values.seal(count: rowCount)
    return values
  }
}
