internal import Columns

// Text as bytes, without strings on the way.
extension [UInt8] {
  mutating func append(_ text: StaticString) {
    // Literals live as long as the program; the buffer covers exactly the text.
    text.withUTF8Buffer { unsafe append(contentsOf: $0) }
  }

  mutating func appendQuoted(_ text: [UInt8]?) {
    guard let text else { return append("null") }
    append(UInt8(ascii: "\""))
    self += text
    append(UInt8(ascii: "\""))
  }

  /// `number`, not negative, with at least `width` digits.
  mutating func appendDecimal(_ number: Int, width: Int = 1) {
    var divisor = 1
    var digits = 1
    while digits < width || number / divisor >= 10 {
      divisor *= 10
      digits += 1
    }
    while divisor > 0 {
      append(UInt8(ascii: "0") + UInt8(number / divisor % 10))
      divisor /= 10
    }
  }

  /// The hexadecimal digits of `bits` whose lowest bits are `first`, `first` − 4, …, `last`.
  mutating func appendHex(_ bits: UInt64, from first: Int, through last: Int) {
    for shift in stride(from: first, through: last, by: -4) {
      let digit = UInt8(truncatingIfNeeded: bits >> UInt64(shift)) & 15
      append(digit + (digit < 10 ? UInt8(ascii: "0") : UInt8(ascii: "a") - 10))
    }
  }

  /// A random UUID (version 4) of the bits.
  mutating func appendUUID(_ high: UInt64, _ low: UInt64) {
    let dash = UInt8(ascii: "-")
    appendHex(high, from: 60, through: 32)
    append(dash)
    appendHex(high, from: 28, through: 16)
    append(dash)
    appendHex(high & 0xFFF | 0x4000, from: 12, through: 0)
    append(dash)
    appendHex(low >> 48 & 0x3FFF | 0x8000, from: 12, through: 0)
    append(dash)
    appendHex(low, from: 44, through: 0)
  }

  /// `time` as quoted RFC 3339, in UTC or at an offset.
  mutating func appendTimestamp(_ time: Int64, offsetMinutes: Int = 0, showsMilliseconds: Bool = true) {
    let local = time + Int64(offsetMinutes) * EventTime.minute
    let days = EventTime.floorDivide(local, EventTime.day)
    let inDay = Int(local - days * EventTime.day)
    let date = EventTime.civil(days: Int(days))
    append(UInt8(ascii: "\""))
    appendDecimal(date.year, width: 4)
    append(UInt8(ascii: "-"))
    appendDecimal(date.month, width: 2)
    append(UInt8(ascii: "-"))
    appendDecimal(date.day, width: 2)
    append(UInt8(ascii: "T"))
    appendDecimal(inDay / 3_600_000, width: 2)
    append(UInt8(ascii: ":"))
    appendDecimal(inDay / 60_000 % 60, width: 2)
    append(UInt8(ascii: ":"))
    appendDecimal(inDay / 1000 % 60, width: 2)
    if showsMilliseconds {
      append(UInt8(ascii: "."))
      appendDecimal(inDay % 1000, width: 3)
    }
    if offsetMinutes == 0 {
      append(UInt8(ascii: "Z"))
    } else {
      append(UInt8(ascii: offsetMinutes < 0 ? "-" : "+"))
      appendDecimal(abs(offsetMinutes) / 60, width: 2)
      append(UInt8(ascii: ":"))
      appendDecimal(abs(offsetMinutes) % 60, width: 2)
    }
    append(UInt8(ascii: "\""))
  }
}
