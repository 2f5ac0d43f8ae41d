/// Whether bytes are well-formed UTF-8 (Unicode, table 3-7): no overlong forms, no surrogates, nothing past U+10FFFF.
///
/// Made for text that is mostly ASCII, which it passes over 16 bytes a step.
enum UTF8Check {
  /// O(`length`); 16 bytes behind `bytes` must be readable too.
  @unsafe static func isWellFormed(_ bytes: UnsafePointer<UInt8>, _ length: Int) -> Bool {
    let raw = unsafe UnsafeRawPointer(bytes)
    var i = 0
    while i < length {
      let block = unsafe raw.loadUnaligned(fromByteOffset: i, as: SIMD2<UInt64>.self) & 0x8080_8080_8080_8080
      if block[0] | block[1] == 0 {
        i += 16
        continue
      }
      i += (block[0] != 0 ? block[0].trailingZeroBitCount : 64 + block[1].trailingZeroBitCount) >> 3
      // Text often leaves ASCII for more than one character.
      while i < length, unsafe bytes[i] >= 0x80 {
        let count = unsafe sequence(bytes + i)
        if count == 0 || i + count > length { return false }
        i += count
      }
    }
    return true
  }

  /// The length of the sequence of two to four bytes at `bytes`, 0 where none is.
  @inline(__always)
  private static func sequence(_ bytes: UnsafePointer<UInt8>) -> Int {
    let lead = unsafe bytes[0]
    let second = unsafe bytes[1]
    switch lead {
    case 0xC2...0xDF:
      return isContinuation(second) ? 2 : 0
    case 0xE0...0xEF:
      let isInRange = isContinuation(second) && (lead != 0xE0 || second >= 0xA0) && (lead != 0xED || second < 0xA0)
      return unsafe isInRange && isContinuation(bytes[2]) ? 3 : 0
    case 0xF0...0xF4:
      let isInRange = isContinuation(second) && (lead != 0xF0 || second >= 0x90) && (lead != 0xF4 || second < 0x90)
      return unsafe isInRange && isContinuation(bytes[2]) && isContinuation(bytes[3]) ? 4 : 0
    default:
      return 0
    }
  }

  @inline(__always)
  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
