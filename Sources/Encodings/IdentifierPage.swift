internal import Columns

/// Pages of identifiers: texts of one length that differ in hexadecimal digits only, such as UUIDs, session and trace
/// identifiers. Two digits take a byte.
///
/// Stored: the length (1 byte), the first text, a bit for each of its bytes that says whether a digit stands there
/// (least significant first, whole bytes), the validity words if some rows are null, then each row's digits, the first
/// of a pair in the high bits, `0` behind an odd one; zeros where null.
enum IdentifierPage {
  /// Where digits stand in every text, and what stands elsewhere.
  struct Pattern {
    static let maximumLength = 64
    private static let worthwhileDigits = 8

    let text: [UInt8]
    let isDigit: [Bool]
    let digitCount: Int
    /// Stretches of digits and of the rest in turn, as they follow each other.
    let runs: [Run]

    struct Run {
      let isDigits: Bool
      let start: Int
      let length: Int
    }

    var packedLength: Int { (digitCount + 1) / 2 }

    init(text: [UInt8], isDigit: [Bool]) {
      self.text = text
      self.isDigit = isDigit
      digitCount = isDigit.count { $0 }
      var runs: [Run] = []
      var start = 0
      for end in 1...max(text.count, 1) where end == text.count || isDigit[end] != isDigit[start] {
        runs.append(Run(isDigits: isDigit[start], start: start, length: end - start))
        start = end
      }
      self.runs = runs
    }

    /// The pattern that texts like `text` may have; nil where packing digits would save little.
    init?(likeliestOf text: [UInt8]) {
      guard !text.isEmpty, text.count <= Pattern.maximumLength else { return nil }
      let isDigit = text.map { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
      guard isDigit.count(where: { $0 }) >= Pattern.worthwhileDigits else { return nil }
      self.init(text: text, isDigit: isDigit)
    }
  }

  // MARK: Encode

  /// The page of all parts' texts, or nil where one of them is not an identifier like the first.
  static func encode(_ parts: [StringColumn], rowCount: Int, nullCount: Int) -> ColumnBuffer<UInt8>? {
    guard let first = firstText(parts), let pattern = Pattern(likeliestOf: first) else { return nil }
    let bitmapBytes = nullCount == 0 ? 0 : ValidityBitmap.wordCount(rowCount: rowCount) * 8
    let head = 1 + first.count + (first.count + 7) / 8
    let plain = ColumnBuffer<UInt8>(capacity: head + bitmapBytes + rowCount * pattern.packedLength + packPadding)
    writeHead(pattern, to: plain)
    var packer = Packer(pattern)
    var row = 0
    for part in parts {
      for index in 0..<part.rowCount {
        defer { row += 1 }
        guard !part.views[index].isNull else { continue }
        if bitmapBytes > 0 { unsafe plain.base[head + row >> 3] |= 1 << UInt8(row & 7) }
        // `analyze` found every text inside its arena; the target has room for the row and `packPadding`.
        let source = unsafe UnsafeRawPointer(part.arena.base + Int(part.views[index].offset))
        let target = unsafe UnsafeMutableRawPointer(plain.base + head + bitmapBytes + row * pattern.packedLength)
        guard unsafe packer.pack(source, to: target) else { return nil }
      }
    }
    plain.seal(count: head + bitmapBytes + rowCount * pattern.packedLength)
    return plain
  }

  private static func firstText(_ parts: [StringColumn]) -> [UInt8]? {
    for part in parts {
      if let row = (0..<part.rowCount).first(where: { !part.isNull($0) }) { return [UInt8](copying: part.bytes(row)) }
    }
    return nil
  }

  private static func writeHead(_ pattern: Pattern, to plain: ColumnBuffer<UInt8>) {
    // Room for the head was made by the caller, and is zero.
    unsafe plain.base[0] = UInt8(pattern.text.count)
    for (index, byte) in pattern.text.enumerated() { unsafe plain.base[1 + index] = byte }
    for (index, isDigit) in pattern.isDigit.enumerated() where isDigit {
      unsafe plain.base[1 + pattern.text.count + index >> 3] |= 1 << UInt8(index & 7)
    }
  }

  /// Bytes behind a row that packing may overwrite.
  private static let packPadding = 16

  /// Turns one text after the other into digits, sixteen characters a step.
  private struct Packer {
    private let digitRuns: [Pattern.Run]
    private let digitCount: Int
    /// What must stand between the digits, in steps of sixteen bytes; zero where anything may.
    private let masks: [SIMD16<UInt8>]
    private let wanted: [SIMD16<UInt8>]
    private var digits = ByteArena(capacity: Pattern.maximumLength + 32)

    init(_ pattern: Pattern) {
      digitRuns = pattern.runs.filter(\.isDigits)
      digitCount = pattern.digitCount
      let steps = (pattern.text.count + 15) / 16
      var (masks, wanted) = (
        [SIMD16<UInt8>](repeating: .zero, count: steps), [SIMD16<UInt8>](repeating: .zero, count: steps)
      )
      for (index, byte) in pattern.text.enumerated() where !pattern.isDigit[index] {
        masks[index / 16][index % 16] = 0xFF
        wanted[index / 16][index % 16] = byte
      }
      (self.masks, self.wanted) = (masks, wanted)
    }

    /// Packs the text at `source`, behind which an arena's padding is readable; false if it breaks the pattern.
    @unsafe mutating func pack(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) -> Bool {
      for step in masks.indices {
        let text = unsafe source.loadUnaligned(fromByteOffset: 16 * step, as: SIMD16<UInt8>.self)
        guard text & masks[step] == wanted[step] else { return false }
      }
      // Digits are at most `maximumLength`, and a step writes at most 15 bytes behind them.
      let gathered = unsafe UnsafeMutableRawPointer(digits.base)
      var end = 0
      for run in digitRuns {
        for copied in stride(from: 0, to: run.length, by: 16) {
          let step = unsafe source.loadUnaligned(fromByteOffset: run.start + copied, as: SIMD16<UInt8>.self)
          unsafe gathered.storeBytes(of: step, toByteOffset: end + copied, as: SIMD16<UInt8>.self)
        }
        end += run.length
      }
      unsafe gathered.storeBytes(of: SIMD16(repeating: 0x30), toByteOffset: end, as: SIMD16<UInt8>.self)
      for start in stride(from: 0, to: digitCount, by: 16) {
        let characters = unsafe gathered.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt8>.self)
        // What is no digit gets some value too, whose character is another one.
        let values = ((characters & 0x0F) &+ (characters &>> 6) &* 9) & 0x0F
        guard IdentifierPage.characters(values) == characters else { return false }
        let pairs = unsafe unsafeBitCast(values, to: SIMD8<UInt16>.self)
        let packed = SIMD8<UInt8>(truncatingIfNeeded: pairs &<< 4 | pairs &>> 8)
        unsafe target.storeBytes(of: packed, toByteOffset: start / 2, as: SIMD8<UInt8>.self)
      }
      return true
    }
  }

  /// The digits `0` to `f` of the values 0 to 15.
  private static func characters(_ values: SIMD16<UInt8>) -> SIMD16<UInt8> {
    // Ten and more carry into the fifth bit: for those 0x27 leads from behind `9` to `a`. A choice by mask is slower.
    values &+ 0x30 &+ ((values &+ 6) &>> 4) &* 0x27
  }

  // MARK: Decode

  static func decode(_ plain: ByteArena, _ header: PageHeader) throws(CorruptionError) -> StringColumn {
    let (pattern, head) = try readHead(plain)
    let (rowCount, length) = (header.rowCount, pattern.text.count)
    let bitmapBytes = header.nullCount == 0 ? 0 : ValidityBitmap.wordCount(rowCount: rowCount) * 8
    let digitsStart = head + bitmapBytes
    guard plain.count == digitsStart + rowCount * pattern.packedLength else {
      throw CorruptionError("a page of identifiers has \(plain.count) bytes, which \(rowCount) rows do not take")
    }
    guard rowCount * length <= Int(UInt32.max) - ByteArena.padding else {
      throw CorruptionError("a page of text passes 4 GiB")
    }
    let arena = ByteArena(capacity: rowCount * length)
    arena.extend(by: rowCount * length)
    let views = ColumnBuffer<StringView>(capacity: rowCount)
    var unpacker = Unpacker(pattern)
    var nullCount = 0
    for row in 0..<rowCount {
      // All rows' packed digits lie before `plain.count`, their texts before `arena.count`, and both have padding.
      unsafe unpacker.unpack(
        UnsafeRawPointer(plain.base + digitsStart + row * pattern.packedLength),
        to: UnsafeMutableRawPointer(arena.base + row * length))
      let isNull = bitmapBytes > 0 && plain.span[head + row >> 3] >> UInt8(row & 7) & 1 == 0
      if isNull { nullCount += 1 }
      unsafe views.base[row] = isNull ? .null : StringView(offset: UInt32(row * length), length: Int32(length))
    }
    guard nullCount == header.nullCount else {
      throw CorruptionError("a page of identifiers has \(nullCount) nulls instead of \(header.nullCount)")
    }
    views.seal(count: rowCount)
    return StringColumn(views: views, arena: arena)
  }

  /// The pattern, and where it ends.
  private static func readHead(_ plain: ByteArena) throws(CorruptionError) -> (Pattern, Int) {
    let bytes = plain.span
    let length = bytes.count > 0 ? Int(bytes[0]) : 0
    let end = 1 + length + (length + 7) / 8
    guard length > 0, length <= Pattern.maximumLength, bytes.count >= end else {
      throw CorruptionError("a page of identifiers has no pattern")
    }
    let text = [UInt8](copying: bytes.extracting(1..<1 + length))
    let isDigit = (0..<length).map { bytes[1 + length + $0 >> 3] >> UInt8($0 & 7) & 1 == 1 }
    return (Pattern(text: text, isDigit: isDigit), end)
  }

  /// Turns digits back into one text after the other.
  private struct Unpacker {
    private let runs: [Pattern.Run]
    private let digitCount: Int
    private let text: ByteArena
    private var digits = ByteArena(capacity: Pattern.maximumLength + 32)

    init(_ pattern: Pattern) {
      (runs, digitCount, text) = (pattern.runs, pattern.digitCount, ByteArena(pattern.text))
    }

    /// Writes the text of the digits at `source`; may overwrite fifteen bytes behind it, as it reads behind them.
    @unsafe mutating func unpack(_ source: UnsafeRawPointer, to target: UnsafeMutableRawPointer) {
      let unpacked = unsafe UnsafeMutableRawPointer(digits.base)
      for start in stride(from: 0, to: digitCount, by: 16) {
        let pairs = SIMD8<UInt16>(
          truncatingIfNeeded: unsafe source.loadUnaligned(fromByteOffset: start / 2, as: SIMD8<UInt8>.self))
        let values = unsafe unsafeBitCast(pairs &>> 4 | (pairs & 0x0F) &<< 8, to: SIMD16<UInt8>.self)
        unsafe unpacked.storeBytes(
          of: IdentifierPage.characters(values), toByteOffset: start, as: SIMD16<UInt8>.self)
      }
      var digit = 0
      for run in runs {
        let from = unsafe run.isDigits ? UnsafeRawPointer(unpacked) + digit : UnsafeRawPointer(text.base) + run.start
        for copied in stride(from: 0, to: run.length, by: 16) {
          let step = unsafe from.loadUnaligned(fromByteOffset: copied, as: SIMD16<UInt8>.self)
          unsafe target.storeBytes(of: step, toByteOffset: run.start + copied, as: SIMD16<UInt8>.self)
        }
        if run.isDigits { digit += run.length }
      }
    }
  }
}
