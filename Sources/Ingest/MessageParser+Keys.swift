internal import Columns
internal import Glibc

extension MessageParser {
  /// Predictions that may fail, net of those that held, before keys are looked up at once.
  private static let surpriseLimit = 16

  /// The key at `i` of an object of `level`: the plan's number, or -1 for a member without a rule, and the position
  /// behind the colon, -1 where it is malformed.
  ///
  /// It is expected to be the one that came last after `previous`. Where members come in any order, expecting costs
  /// more than it saves: every miss is a mispredicted branch.
  @inline(__always)
  mutating func key(at i: Int, level: Int, after previous: Int) -> (found: Int, next: Int) {
    let predicted = unsafe successors[previous]
    if surprises < MessageParser.surpriseLimit, matches(predicted, level, i) {
      return unsafe (predicted, i + keys[predicted].length)
    }
    let known = plainKey(at: i, level)
    if known >= 0 {
      let isExpected = known == predicted
      surprises = min(max(surprises + (isExpected ? -1 : 1), 0), 2 * MessageParser.surpriseLimit)
      unsafe successors[previous] = known
      return unsafe (known, i + keys[known].length)
    }
    let (found, next) = lookUp(i, level)
    if found >= 0 { unsafe successors[previous] = found }
    return (found, next)
  }

  /// Whether `"name":` of the predicted key lies at `i`.
  @inline(__always)
  private func matches(_ predicted: Int, _ level: Int, _ i: Int) -> Bool {
    let entry = unsafe keys + predicted
    let raw = unsafe UnsafeRawPointer(base + i)
    let first = unsafe (raw.loadUnaligned(as: UInt64.self) ^ entry.pointee.first) & entry.pointee.firstMask
    let second =
      unsafe (raw.loadUnaligned(fromByteOffset: 8, as: UInt64.self) ^ entry.pointee.second)
      & entry.pointee.secondMask
    if first | second != 0 { return false }
    let length = unsafe entry.pointee.length
    return unsafe entry.pointee.level == level
      && (length <= 16 || memcmp(base + i + 16, plan.texts.base + entry.pointee.textOffset + 16, length - 16) == 0)
  }

  /// The number of the key at `i` if it is `"name":` as the plan would write it, of less than 16 bytes; else -1, which
  /// says nothing.
  ///
  /// Names of the plan hold no backslash, so that bytes up to a quote that equal a name are that name.
  @inline(__always)
  private func plainKey(at i: Int, _ level: Int) -> Int {
    guard unsafe base[i] == 0x22 else { return -1 }
    let block = unsafe UnsafeRawPointer(base + i + 1).loadUnaligned(as: SIMD16<UInt8>.self)
    let quotes = unsafe unsafeBitCast(block .== SIMD16<UInt8>(repeating: 0x22), to: SIMD2<UInt64>.self)
    if quotes[0] | quotes[1] == 0 { return -1 }
    let words = unsafe unsafeBitCast(block, to: SIMD2<UInt64>.self)
    // All bits below the first quote's byte, and how many bytes these are.
    let isShort = quotes[0] != 0
    let stops = isShort ? quotes[0] : quotes[1]
    let mask = (stops & (0 &- stops)) &- 1
    let length = (isShort ? 0 : 8) &+ stops.trailingZeroBitCount &>> 3
    guard unsafe base[i &+ length &+ 2] == 0x3A else { return -1 }
    let (first, second) = isShort ? (words[0] & mask, 0) : (words[0], words[1] & mask)
    return unsafe Int(probes[level].value(ofWords: first, second, length))
  }

  /// Reads the key at `i`, any spelling of it; the plan's key or -1, and the position behind the colon.
  private mutating func lookUp(_ i: Int, _ level: Int) -> (found: Int, next: Int) {
    guard unsafe base[i] == 0x22 else { return (-1, -1) }
    let (next, view) = text(at: i + 1)
    guard next >= 0 else { return (-1, -1) }
    rawKey = StringView(offset: UInt32(i + 1), length: Int32(next - i - 2))
    key = view
    let colon = skipSpace(next)
    guard unsafe base[colon] == 0x3A else { return (-1, -1) }
    let found = unsafe probes[level].value(of: base + Int(view.offset), Int(view.length))
    return (Int(found), colon + 1)
  }
}
