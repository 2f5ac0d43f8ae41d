internal import Columns

extension MessageParser {
  /// `StringView.null` without a call into its module.
  @inline(__always)
  static var nullView: StringView { StringView(offset: 0, length: -1) }

  @inline(__always)
  func isNull(at i: Int) -> Bool {
    unsafe UnsafeRawPointer(base + i).loadUnaligned(as: UInt32.self) == 0x6C6C_756E
  }

  /// The value at `i` of `target`, of the kind `action`; of another kind it is only remembered to be wrong.
  @inline(__always)
  mutating func field(_ target: Int, _ bit: UInt64, _ action: KeyAction, at i: Int) -> Int {
    switch action {
    case .text:
      if unsafe base[i] == 0x22 {
        let (next, view) = text(at: i + 1)
        if view.length == 0, emptyIsNull & bit != 0 {
          store(MessageParser.nullView, target)
        } else {
          store(view, target)
          states.valid |= bit
        }
        return next
      }
      if isNull(at: i) {
        store(MessageParser.nullView, target)
        return i + 4
      }
    case .decimal: return decimalField(target, bit, at: i)
    case .real:
      let next = unsafe NumberText.scan(base, i, into: &number)
      if next >= 0 {
        store(number.double, target)
        states.valid |= bit
        return number.overflowsDouble ? -1 : next
      }
    case .boolean:
      let word = unsafe UnsafeRawPointer(base + i).loadUnaligned(as: UInt32.self)
      let isFalse = unsafe word == 0x736C_6166 && base[i + 4] == 0x65
      if word == 0x6575_7274 || isFalse {
        store(UInt8(isFalse ? 0 : 1), target)
        states.valid |= bit
        return isFalse ? i + 5 : i + 4
      }
    case .time: return timeField(target, bit, at: i)
    default:
      if unsafe base[i] == 0x7B {
        let next = skipValue(at: i, depth: 2)
        store(StringView(offset: UInt32(i), length: Int32(max(next, i) - i)), target)
        states.valid |= bit
        return next
      }
    }
    return otherValue(target, bit, at: i)
  }

  @inline(__always)
  private mutating func decimalField(_ target: Int, _ bit: UInt64, at i: Int) -> Int {
    if isNull(at: i) {
      store(Int64(0), target)
      return i + 4
    }
    let next = unsafe NumberText.scan(base, i, into: &number)
    guard next >= 0 else { return otherValue(target, bit, at: i) }
    guard let (value, isRounded) = number.decimal else { return -1 }
    store(value, target)
    states.valid |= bit
    if isRounded { states.rounded |= bit }
    return next
  }

  @inline(__always)
  private mutating func timeField(_ target: Int, _ bit: UInt64, at i: Int) -> Int {
    if unsafe base[i] == 0x22 {
      let (next, view) = text(at: i + 1)
      if next < 0 { return -1 }
      if view.length == 0, emptyIsNull & bit != 0 {
        store(Int64(0), target)
      } else if let time = unsafe timestamps.milliseconds(base + Int(view.offset), Int(view.length)) {
        store(time, target)
        states.valid |= bit
      } else {
        states.badTime |= bit
      }
      return next
    }
    let next = unsafe NumberText.scan(base, i, into: &number)
    guard next >= 0 else { return otherValue(target, bit, at: i) }
    store(number.milliseconds, target)
    states.valid |= bit
    return number.overflowsDouble ? -1 : next
  }

  /// Null, or a value of the wrong type.
  private mutating func otherValue(_ target: Int, _ bit: UInt64, at i: Int) -> Int {
    storeNull(target)
    if isNull(at: i) { return i + 4 }
    states.wrongType |= bit
    return skipValue(at: i, depth: 2)
  }

  @inline(__always)
  func store<Value: BitwiseCopyable>(_ value: Value, _ target: Int) {
    unsafe cells[target].assumingMemoryBound(to: Value.self)[row] = value
  }

  /// Nulls are zeros, or views of negative length.
  @inline(__always)
  func storeNull(_ target: Int) {
    let bit: UInt64 = 1 << UInt64(target)
    if textFields & bit != 0 {
      store(MessageParser.nullView, target)
    } else if booleanFields & bit != 0 {
      store(UInt8(0), target)
    } else {
      store(Int64(0), target)
    }
  }
}
