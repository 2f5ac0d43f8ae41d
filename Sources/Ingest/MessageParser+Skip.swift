internal import Columns

extension MessageParser {
  /// Objects and arrays inside one another, the message itself among them.
  static let maximumDepth = 128

  /// Checks the value at `i`, whatever it is, and returns the position behind it. `depth` is that of a container there.
  mutating func skipValue(at i: Int, depth: Int) -> Int {
    switch unsafe base[i] {
    case 0x22: return skipText(at: i + 1)
    case 0x7B: return depth > MessageParser.maximumDepth ? -1 : skipObject(at: i + 1, depth: depth)
    case 0x5B: return depth > MessageParser.maximumDepth ? -1 : skipArray(at: i + 1, depth: depth)
    case 0x6E: return isNull(at: i) ? i + 4 : -1
    case 0x74: return unsafe UnsafeRawPointer(base + i).loadUnaligned(as: UInt32.self) == 0x6575_7274 ? i + 4 : -1
    case 0x66:
      let word = unsafe UnsafeRawPointer(base + i).loadUnaligned(as: UInt32.self)
      return unsafe word == 0x736C_6166 && base[i + 4] == 0x65 ? i + 5 : -1
    default:
      let next = unsafe NumberText.scan(base, i, into: &number)
      return next >= 0 && number.overflowsDouble ? -1 : next
    }
  }

  /// The string that begins behind the quote before `start`.
  func skipText(at start: Int) -> Int {
    let stop = textStop(from: start)
    guard stop < end else { return -1 }
    if unsafe base[stop] == 0x22 { return hasControls && containsControl(start, stop) ? -1 : stop + 1 }
    let close = closingQuote(from: stop)
    return close >= 0 && isSound(from: start, to: close) ? close + 1 : -1
  }

  private mutating func skipObject(at start: Int, depth: Int) -> Int {
    var i = skipSpace(start)
    if unsafe base[i] == 0x7D { return closed(i) }
    while true {
      guard unsafe base[i] == 0x22 else { return -1 }
      i = skipText(at: i + 1)
      if i < 0 { return -1 }
      i = skipSpace(i)
      guard unsafe base[i] == 0x3A else { return -1 }
      i = skipValue(at: skipSpace(i + 1), depth: depth + 1)
      if i < 0 { return -1 }
      i = skipSpace(i)
      let next = unsafe base[i]
      guard next == 0x2C else { return next == 0x7D ? closed(i) : -1 }
      i = skipSpace(i + 1)
    }
  }

  private mutating func skipArray(at start: Int, depth: Int) -> Int {
    var i = skipSpace(start)
    if unsafe base[i] == 0x5D { return i + 1 }
    while true {
      i = skipValue(at: i, depth: depth + 1)
      if i < 0 { return -1 }
      i = skipSpace(i)
      let next = unsafe base[i]
      guard next == 0x2C else { return next == 0x5D ? i + 1 : -1 }
      i = skipSpace(i + 1)
    }
  }

  /// Behind the brace at `i`, which must not be the message's last: no inner object ends there.
  private func closed(_ i: Int) -> Int { i + 1 < end ? i + 1 : -1 }
}
