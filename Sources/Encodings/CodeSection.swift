internal import Columns

/// Which of a dictionary's values each row has: an `IntegerSection` that is read as 32 bits a row, in one pass where it
/// is packed, in planes or runs.
enum CodeSection {
  /// The numbers of `count` rows, all of which are in `0..<limit`, which 32 bits hold: a precondition.
  ///
  /// Not inlined: the optimizer of Swift 6.3.1 fails where `IntegerDictionary.read` has all of it.
  @inline(never)
  static func read(
    _ reader: inout PageReader, count: Int, below limit: Int, depth: Int
  ) throws(CorruptionError) -> ColumnBuffer<UInt32> {
    precondition(limit <= Int(UInt32.max), "a dictionary of \(limit) values")
    let start = reader.offset
    guard depth + 1 < IntegerSection.maximumDepth else {
      throw CorruptionError("encodings are nested too deep", offset: start)
    }
    guard let encoding = PageEncoding(rawValue: try reader.readUInt8()) else {
      throw CorruptionError("numbers have an unknown encoding", offset: start)
    }
    switch encoding {
    case .frameOfReference: return try packed(&reader, count: count, limit)
    case .bytePlanes: return try planes(&reader, count: count, limit)
    case .runLength: return try runs(&reader, count: count, limit, depth: depth + 1)
    default:
      let numbers = try IntegerSection.read(&reader, as: encoding, count: count, depth: depth + 1)
      return try narrowed(numbers, limit)
    }
  }

  private static func packed(
    _ reader: inout PageReader, count: Int, _ limit: Int
  ) throws(CorruptionError) -> ColumnBuffer<UInt32> {
    let blocks = try FrameOfReference.Blocks(&reader, count: count)
    let codes = unsafe ColumnBuffer<UInt32>(unclearedCapacity: count)
    // A block is unpacked where the processor still has it when it is narrowed.
    let block = unsafe ColumnBuffer<Int64>(unclearedCapacity: BitPacking.blockRows)
    var signs: Int64 = 0
    for index in 0..<blocks.blockCount {
      let first = index * BitPacking.blockRows
      let rowCount = min(BitPacking.blockRows, count - first)
      unsafe blocks.unpack(index, to: block.base)
      // All blocks together have `count` rows.
      unsafe signs |= narrow(block.base, rowCount, limit, to: codes.base + first)
    }
    codes.seal(count: count)
    return try checked(codes, signs, limit)
  }

  private static func planes(
    _ reader: inout PageReader, count: Int, _ limit: Int
  ) throws(CorruptionError) -> ColumnBuffer<UInt32> {
    let codes = unsafe ColumnBuffer<UInt32>(unclearedCapacity: count)
    let block = unsafe ColumnBuffer<Int64>(unclearedCapacity: BitPacking.blockRows)
    let planes = try BytePlanes.Planes(&reader, count: count)
    var signs: Int64 = 0
    for first in stride(from: 0, to: count, by: BitPacking.blockRows) {
      let rowCount = min(BitPacking.blockRows, count - first)
      unsafe planes.read(first..<first + rowCount, to: block.base)
      // All stretches together have `count` rows.
      unsafe signs |= narrow(block.base, rowCount, limit, to: codes.base + first)
    }
    codes.seal(count: count)
    return try checked(codes, signs, limit)
  }

  private static func runs(
    _ reader: inout PageReader, count: Int, _ limit: Int, depth: Int
  ) throws(CorruptionError) -> ColumnBuffer<UInt32> {
    let (values, lengths) = try RunLength.readRuns(&reader, count: count, depth: depth)
    let distinct = try narrowed(values, limit)
    // Most runs are short: eight places are written at once, of which the next run takes back what is not this one's.
    let codes = unsafe ColumnBuffer<UInt32>(unclearedCapacity: count + SIMD8<UInt32>.scalarCount)
    var row = 0
    for run in 0..<lengths.count {
      let (code, end) = unsafe (SIMD8(repeating: distinct.base[run]), row + Int(lengths.base[run]))
      // `readRuns` found `count` rows in all runs, behind which eight more have room.
      repeat {
        unsafe UnsafeMutableRawPointer(codes.base + row).storeBytes(of: code, as: SIMD8<UInt32>.self)
        row += SIMD8<UInt32>.scalarCount
      } while row < end
      row = end
    }
    codes.seal(count: count)
    return codes
  }

  /// Numbers as 32 bits.
  private static func narrowed(
    _ numbers: ColumnBuffer<Int64>, _ limit: Int
  ) throws(CorruptionError) -> ColumnBuffer<UInt32> {
    let codes = unsafe ColumnBuffer<UInt32>(unclearedCapacity: numbers.count)
    // Both have as many places.
    let signs = unsafe narrow(numbers.base, numbers.count, limit, to: codes.base)
    codes.seal(count: numbers.count)
    return try checked(codes, signs, limit)
  }

  /// Copies `count` numbers, and gives a number that is negative where one of them is not in `0..<limit`.
  @inline(__always) @unsafe
  private static func narrow(
    _ source: UnsafePointer<Int64>, _ count: Int, _ limit: Int, to target: UnsafeMutablePointer<UInt32>
  ) -> Int64 {
    let last = Int64(limit) &- 1
    var signs: Int64 = 0
    for row in 0..<count {
      let number = unsafe source[row]
      // The sign of one of both is set where a number is negative or not below the limit. The difference may only wrap
      // around where the number is negative.
      signs |= (last &- number) | number
      unsafe target[row] = UInt32(truncatingIfNeeded: number)
    }
    return signs
  }

  private static func checked(
    _ codes: ColumnBuffer<UInt32>, _ signs: Int64, _ limit: Int
  ) throws(CorruptionError) -> ColumnBuffer<UInt32> {
    guard signs >= 0 else { throw CorruptionError("a row has a value that a dictionary of \(limit) does not have") }
    return codes
  }
}
