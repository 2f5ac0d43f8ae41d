internal import Columns

/// Blocks of up to 1,024 numbers of few bits, packed so that sixteen of them are moved at once.
///
/// The layout is transposed, as in FastLanes (Afroozeh and Boncz 2023): number i of a block belongs to lane i mod 16,
/// and each lane packs its numbers, least significant bit first, into words of 64 bits of its own. Word k of all lanes
/// lie side by side, so that the inner loop does the same to sixteen neighbours and the compiler makes vectors of it.
/// A block that is not full has only the words that its numbers need, 128 bytes at a time.
enum BitPacking {
  static let blockRows = 1024
  static let lanes = 16

  /// The 64-bit words of a block of `rowCount` numbers of `width` bits (0 to 64).
  static func wordCount(rowCount: Int, width: Int) -> Int { lanes * ((passes(rowCount) * width + 63) / 64) }

  /// The bytes of the same.
  static func byteCount(rowCount: Int, width: Int) -> Int { 8 * wordCount(rowCount: rowCount, width: width) }

  /// How often each lane gets a number.
  private static func passes(_ rowCount: Int) -> Int { (rowCount + lanes - 1) / lanes }

  /// `rowCount` rounded up to what `pack` reads and `unpack` writes.
  static func paddedRowCount(_ rowCount: Int) -> Int { passes(rowCount) * lanes }

  /// Packs the lowest `width` bits of what each of `values` is above `reference`; the rest of them is zero.
  ///
  /// `values` are readable up to `paddedRowCount`, `words` writable up to `wordCount`.
  @unsafe static func pack(
    _ values: UnsafePointer<UInt64>, rowCount: Int, reference: UInt64, width: Int,
    to words: UnsafeMutablePointer<UInt64>
  ) {
    guard width > 0 else { return }
    // Invariant: `word` is the lane-0 word of bit `pass * width`, hence below `wordCount`; so is the next one where a
    // number runs over its end.
    let mask = UInt64.max &>> UInt64(64 - width)
    for pass in 0..<passes(rowCount) {
      let shift = UInt64(pass * width & 63)
      let source = unsafe values + pass * lanes
      let word = unsafe words + ((pass * width) >> 6) * lanes
      if shift == 0 {
        for lane in 0..<lanes { unsafe word[lane] = (source[lane] &- reference) & mask }
      } else {
        for lane in 0..<lanes { unsafe word[lane] |= ((source[lane] &- reference) & mask) &<< shift }
      }
      if Int(shift) + width > 64 {
        let next = unsafe word + lanes
        for lane in 0..<lanes { unsafe next[lane] = ((source[lane] &- reference) & mask) &>> (64 &- shift) }
      }
    }
  }

  /// Writes what `pack` packed to `values`, up to `paddedRowCount`: behind `rowCount` anything may stand.
  ///
  /// `words`, which need no alignment, are readable up to `wordCount`.
  @unsafe static func unpack(
    _ words: UnsafeRawPointer, rowCount: Int, reference: UInt64, width: Int, to values: UnsafeMutablePointer<UInt64>
  ) {
    guard width > 0 else { return unsafe values.update(repeating: reference, count: paddedRowCount(rowCount)) }
    // Invariant: as in `pack`.
    let mask = UInt64.max &>> UInt64(64 - width)
    for pass in 0..<passes(rowCount) {
      let shift = UInt64(pass * width & 63)
      let target = unsafe values + pass * lanes
      let word = unsafe words + ((pass * width) >> 6) * lanes * 8
      if Int(shift) + width > 64 {
        let next = unsafe word + lanes * 8
        for lane in 0..<lanes {
          let low = unsafe word.loadUnaligned(fromByteOffset: lane * 8, as: UInt64.self) &>> shift
          let high = unsafe next.loadUnaligned(fromByteOffset: lane * 8, as: UInt64.self) &<< (64 &- shift)
          unsafe target[lane] = reference &+ ((low | high) & mask)
        }
      } else {
        for lane in 0..<lanes {
          let number = unsafe word.loadUnaligned(fromByteOffset: lane * 8, as: UInt64.self) &>> shift
          unsafe target[lane] = reference &+ (number & mask)
        }
      }
    }
  }

  /// What `pack` packed of number `index` alone; `words` as for `unpack`.
  @unsafe static func number(at index: Int, _ words: UnsafeRawPointer, width: Int) -> UInt64 {
    guard width > 0 else { return 0 }
    // Invariant: as in `pack`, of lane `index % lanes` in place of lane 0.
    let bit = index / lanes * width
    let shift = UInt64(bit & 63)
    let word = unsafe words + ((bit >> 6) * lanes + index % lanes) * 8
    var number = unsafe word.loadUnaligned(as: UInt64.self) &>> shift
    if Int(shift) + width > 64 {
      number |= unsafe word.loadUnaligned(fromByteOffset: lanes * 8, as: UInt64.self) &<< (64 &- shift)
    }
    return number & UInt64.max &>> UInt64(64 - width)
  }
}
