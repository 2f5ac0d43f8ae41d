internal import Columns

/// Texts that are numbers behind what all begin with, such as `u_057528`: the numbers.
///
/// Stored: the length of the shared beginning (1 byte, at most eight), this, the number of digits (1 byte; 0 where
/// numbers have as many as they need and no zero in front), the numbers as an `IntegerSection`.
enum NumberedText {
  /// More digits may not fit into 64 bits.
  private static let maximumDigits = 18

  // MARK: Analyze

  /// The numbers of texts and how to make texts of them again.
  struct Numbers {
    fileprivate let prefix: [UInt8]
    fileprivate let digitCount: Int
    fileprivate let values: [Int64]
  }

  /// The numbers of the texts that are not null; nil where one of them is no such text. O(bytes), less where the first
  /// is none.
  static func numbers(_ parts: [StringColumn], _ summary: TextSummary) -> Numbers? {
    guard !summary.isAllNull, summary.longest <= PackedText.maximumPrefixLength + maximumDigits,
      let part = parts.first(where: { part in (0..<part.rowCount).contains { !part.isNull($0) } }),
      let row = (0..<part.rowCount).first(where: { !part.isNull($0) })
    else { return nil }
    // Digits that all texts share belong to the number.
    var prefix = [UInt8](copying: part.bytes(row)).prefix(summary.prefixLength)
    while let last = prefix.last, isDigit(last) { prefix.removeLast() }
    let isFixed = summary.longest == summary.shortest
    guard isFixed || summary.shortest > prefix.count else { return nil }
    var values: [Int64] = []
    values.reserveCapacity(summary.rowCount - summary.nullCount)
    for part in parts {
      guard append(part, to: &values, behind: prefix.count, isFixed: isFixed) else { return nil }
    }
    let digitCount = isFixed ? summary.longest - prefix.count : 0
    return Numbers(prefix: Array(prefix), digitCount: digitCount, values: values)
  }

  private static func append(
    _ part: StringColumn, to values: inout [Int64], behind prefixLength: Int, isFixed: Bool
  ) -> Bool {
    let views = part.views.span
    // `TextSummary` found all texts inside their arena.
    let base = unsafe part.arena.base
    for row in views.indices where !views[row].isNull {
      let digits = unsafe base + Int(views[row].offset) + prefixLength
      let count = Int(views[row].length) - prefixLength
      guard count > 0, count <= maximumDigits else { return false }
      if unsafe !isFixed && count > 1 && digits[0] == UInt8(ascii: "0") { return false }
      var value: Int64 = 0
      for index in 0..<count {
        let byte = unsafe digits[index]
        guard isDigit(byte) else { return false }
        value = value &* 10 &+ Int64(byte &- UInt8(ascii: "0"))
      }
      values.append(value)
    }
    return true
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  // MARK: Encode

  static func encode(_ numbers: Numbers, _ codec: PageCodec) -> [UInt8] {
    var writer = ByteWriter(capacity: numbers.values.count)
    writer.write(UInt8(numbers.prefix.count))
    writer.writeRaw(numbers.prefix.span)
    writer.write(UInt8(numbers.digitCount))
    IntegerSection.write(numbers.values.span, codec, depth: 0, to: &writer)
    return writer.bytes
  }

  // MARK: Decode

  static func read(_ reader: inout PageReader, count: Int) throws(CorruptionError) -> StringColumn {
    let form = try Form(&reader)
    let numbers = try IntegerSection.read(&reader, count: count, depth: 0)
    return try form.texts(of: numbers.span)
  }

  /// What texts are made of beside their numbers.
  struct Form {
    private let page: ByteArena
    private let prefix: StringView
    private let digitCount: Int

    init(_ reader: inout PageReader) throws(CorruptionError) {
      let prefixLength = Int(try reader.readUInt8())
      guard prefixLength <= PackedText.maximumPrefixLength else {
        throw CorruptionError("texts share \(prefixLength) bytes, which is too much")
      }
      let prefixStart = try reader.pass(over: prefixLength, of: "what texts begin with")
      let digitCount = Int(try reader.readUInt8())
      guard digitCount <= maximumDigits else { throw CorruptionError("texts end with \(digitCount) digits") }
      (page, self.digitCount) = (reader.page, digitCount)
      prefix = StringView(offset: UInt32(prefixStart), length: Int32(prefixLength))
    }

    /// The number of `text`; nil where it is none of this form.
    func number(_ text: [UInt8]) -> Int64? {
      let prefixLength = Int(prefix.length)
      guard text.count > prefixLength else { return nil }
      let start = Int(prefix.offset)
      for index in 0..<prefixLength where page.span[start + index] != text[index] { return nil }
      let digits = text[prefixLength...]
      let isLeading = digits.count > 1 && digits.first == UInt8(ascii: "0")
      guard digits.count <= maximumDigits, digitCount == 0 ? !isLeading : digits.count == digitCount,
        digits.allSatisfy(isDigit)
      else { return nil }
      return digits.reduce(0) { $0 * 10 + Int64($1 - UInt8(ascii: "0")) }
    }

    /// The texts of `numbers`. Throws where one has more digits than texts have.
    func texts(of numbers: Span<Int64>) throws(CorruptionError) -> StringColumn {
      let limit = (0..<(digitCount == 0 ? maximumDigits : digitCount)).reduce(UInt64(1)) { power, _ in power * 10 }
      var greatest: UInt64 = 0
      for row in numbers.indices { greatest = max(greatest, UInt64(bitPattern: numbers[row])) }
      guard greatest < limit else { throw CorruptionError("a text has the number \(greatest), not below \(limit)") }
      let longest = Int(prefix.length) + (digitCount == 0 ? maximumDigits : digitCount)
      let arena = ByteArena(capacity: numbers.count * longest)
      let views = unsafe ColumnBuffer<StringView>(unclearedCapacity: numbers.count)
      for row in numbers.indices {
        let start = arena.append(prefix, of: page).offset
        // The arena has room for as many of the longest texts, the buffer for as many views.
        let written = unsafe write(UInt64(bitPattern: numbers[row]), digitCount, to: arena.base + arena.count)
        arena.extend(by: written)
        unsafe views.base[row] = StringView(offset: start, length: prefix.length + Int32(written))
      }
      views.seal(count: numbers.count)
      return StringColumn(views: views, arena: arena)
    }
  }

  /// Writes `digitCount` digits of `value`, which has no more, or where that is 0 all of them; says how many.
  @unsafe private static func write(_ value: UInt64, _ digitCount: Int, to target: UnsafeMutablePointer<UInt8>) -> Int {
    var count = max(digitCount, 1)
    if digitCount == 0 {
      var power: UInt64 = 10
      while value >= power {
        count += 1
        power &*= 10
      }
    }
    var rest = value
    for index in stride(from: count - 1, through: 0, by: -1) {
      let (quotient, digit) = rest.quotientAndRemainder(dividingBy: 10)
      unsafe target[index] = UInt8(ascii: "0") + UInt8(digit)
      rest = quotient
    }
    return count
  }
}
