internal import Columns

extension MessageParser {
  /// The string whose first byte is at `start`, behind the quote: the position behind the closing quote and the text,
  /// a view of the raw bytes where nothing is escaped.
  @inline(__always)
  mutating func text(at start: Int) -> (next: Int, view: StringView) {
    let stop = textStop(from: start)
    guard stop < end else { return (-1, .null) }
    if unsafe base[stop] == 0x5C { return escapedText(from: start, firstEscape: stop) }
    if hasControls, containsControl(start, stop) { return (-1, .null) }
    return (
      stop + 1, StringView(offset: UInt32(truncatingIfNeeded: start), length: Int32(truncatingIfNeeded: stop - start))
    )
  }

  /// The first quote or backslash from `start`, 16 bytes a step; something not below `end` where there is none.
  @inline(__always)
  func textStop(from start: Int) -> Int {
    var i = start
    while i < end {
      let bytes = unsafe UnsafeRawPointer(base + i).loadUnaligned(as: SIMD16<UInt8>.self)
      let stops =
        (bytes .== SIMD16<UInt8>(repeating: 0x22)) .| (bytes .== SIMD16<UInt8>(repeating: 0x5C))
      let words = unsafe unsafeBitCast(stops, to: SIMD2<UInt64>.self)
      if words[0] != 0 { return i + words[0].trailingZeroBitCount >> 3 }
      if words[1] != 0 { return i + 8 + words[1].trailingZeroBitCount >> 3 }
      i += 16
    }
    return end
  }

  func containsControl(_ start: Int, _ stop: Int) -> Bool {
    for i in start..<stop where unsafe base[i] < 0x20 { return true }
    return false
  }

  /// A string with escapes, appended to the arena.
  private mutating func escapedText(from start: Int, firstEscape: Int) -> (next: Int, view: StringView) {
    let close = closingQuote(from: firstEscape)
    guard close >= 0 else { return (-1, .null) }
    // Unescaped text is never longer than its source.
    arena.reserve(close - start)
    unsafe base = UnsafePointer(arena.base)
    let offset = arena.count
    let length = unescape(from: start, to: close, into: offset)
    guard length >= 0 else { return (-1, .null) }
    arena.extend(by: length)
    return (close + 1, StringView(offset: UInt32(offset), length: Int32(length)))
  }

  /// The quote that ends the string in which a backslash lies at `escape`, or -1.
  func closingQuote(from escape: Int) -> Int {
    var i = escape
    while i < end {
      let byte = unsafe base[i]
      if byte == 0x22 { return i }
      i = byte == 0x5C ? i + 2 : textStop(from: i)
    }
    return -1
  }

  /// Writes the text of `start..<stop` behind the arena's bytes, at `target`, where there is room for it; its length,
  /// or
  /// -1 for an escape that JSON does not have and for half a surrogate pair.
  private func unescape(from start: Int, to stop: Int, into target: Int) -> Int {
    let output = unsafe arena.base + target
    var (i, length) = (start, 0)
    while i < stop {
      let byte = unsafe base[i]
      if byte != 0x5C {
        if byte < 0x20 { return -1 }
        unsafe output[length] = byte
        length += 1
        i += 1
        continue
      }
      let (scalar, next) = escape(at: i)
      guard next >= 0, next <= stop else { return -1 }
      length += unsafe encode(scalar.value, output + length)
      i = next
    }
    return length
  }

  /// Writes `scalar` as UTF-8 at `output`; how many bytes it took.
  private func encode(_ scalar: UInt32, _ output: UnsafeMutablePointer<UInt8>) -> Int {
    let length = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4
    var rest = scalar
    for index in stride(from: length - 1, to: 0, by: -1) {
      unsafe output[index] = UInt8(0x80 | rest & 0x3F)
      rest >>= 6
    }
    let mark: [4 of UInt32] = [0, 0xC0, 0xE0, 0xF0]
    unsafe output[0] = UInt8(mark[length - 1] | rest)
    return length
  }

  /// Whether the escapes of `start..<stop` are sound and no control character is among the rest.
  func isSound(from start: Int, to stop: Int) -> Bool {
    var i = start
    while i < stop {
      let byte = unsafe base[i]
      if byte < 0x20 { return false }
      i = byte == 0x5C ? escape(at: i).next : i + 1
      if i < 0 || i > stop { return false }
    }
    return true
  }

  /// The character that the backslash at `i` stands for, and the position behind the escape or -1.
  private func escape(at i: Int) -> (scalar: Unicode.Scalar, next: Int) {
    let none: (Unicode.Scalar, Int) = ("?", -1)
    switch unsafe base[i + 1] {
    case 0x22: return ("\"", i + 2)
    case 0x5C: return ("\\", i + 2)
    case 0x2F: return ("/", i + 2)
    case 0x62: return ("\u{8}", i + 2)
    case 0x66: return ("\u{C}", i + 2)
    case 0x6E: return ("\n", i + 2)
    case 0x72: return ("\r", i + 2)
    case 0x74: return ("\t", i + 2)
    case 0x75: break
    default: return none
    }
    guard let unit = codeUnit(at: i + 2) else { return none }
    if let scalar = Unicode.Scalar(unit) { return (scalar, i + 6) }
    guard unit < 0xDC00, unsafe base[i + 6] == 0x5C, unsafe base[i + 7] == 0x75,
      let low = codeUnit(at: i + 8), low >= 0xDC00, low <= 0xDFFF,
      let scalar = Unicode.Scalar(0x10000 + (unit - 0xD800) << 10 + (low - 0xDC00))
    else { return none }
    return (scalar, i + 12)
  }

  /// Four hexadecimal digits at `i`.
  private func codeUnit(at i: Int) -> UInt32? {
    var unit: UInt32 = 0
    for offset in 0..<4 {
      let byte = unsafe base[i + offset]
      let digit: UInt8
      switch byte {
      case 0x30...0x39: digit = byte - 0x30
      case 0x41...0x46: digit = byte - 0x37
      case 0x61...0x66: digit = byte - 0x57
      default: return nil
      }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }
}
