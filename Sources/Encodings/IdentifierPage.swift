internal import Columns
internal import Glibc

/// Pages of identifiers: texts of one length that differ in hexadecimal digits only, such as UUIDs, session and trace
/// identifiers. Two digits take a byte.
///
/// Stored: the length (1 byte), the first text, a bit for each of its bytes that says whether a digit stands there
/// (least significant first, whole bytes), the validity words if some rows are null, then each row's digits, the first
/// of a pair in the high bits, `0` behind an odd one; zeros where null.
enum IdentifierPage {
  // MARK: Analyze

  /// The pattern of texts that may be identifiers, which only `encode` finds out; nil where they are none.
  static func pattern(_ parts: [StringColumn], _ summary: TextSummary) -> Pattern? {
    guard summary.longest == summary.shortest, summary.longest <= Pattern.maximumLength, let first = firstText(parts)
    else { return nil }
    return Pattern(likeliestOf: first, varies: varies(parts, first))
  }

  /// Which bytes differ from those of the text `first`, which is as long as all, in any other.
  private static func varies(_ parts: [StringColumn], _ first: [UInt8]) -> [Bool] {
    let steps = (first.count + 15) / 16
    // Steps read into the padding of the texts' arenas; what they find there is dropped at the end.
    let arena = ByteArena(first)
    var differences = [SIMD16<UInt8>](repeating: .zero, count: steps)
    for step in 0..<steps {
      let expected = unsafe UnsafeRawPointer(arena.base).loadUnaligned(
        fromByteOffset: 16 * step, as: SIMD16<UInt8>.self)
      var difference = SIMD16<UInt8>.zero
      for part in parts {
        let (views, base) = unsafe (part.views.span, UnsafeRawPointer(part.arena.base) + 16 * step)
        for row in views.indices where !views[row].isNull {
          difference |=
            unsafe base.loadUnaligned(fromByteOffset: Int(views[row].offset), as: SIMD16<UInt8>.self) ^ expected
        }
      }
      differences[step] = difference
    }
    return first.indices.map { differences[$0 / 16][$0 % 16] != 0 }
  }

  // MARK: Encode

  /// The page of all parts' texts, or nil where one of them is not an identifier like the first.
  static func encode(_ parts: [StringColumn], _ pattern: Pattern, _ summary: TextSummary) -> [UInt8]? {
    let (first, rowCount) = (pattern.text, summary.rowCount)
    let bitmapBytes = summary.nullCount == 0 ? 0 : ValidityBitmap.wordCount(rowCount: rowCount) * 8
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
        // `TextSummary` found every text inside its arena; the target has room for the row and `packPadding`.
        let source = unsafe UnsafeRawPointer(part.arena.base + Int(part.views[index].offset))
        let target = unsafe UnsafeMutableRawPointer(plain.base + head + bitmapBytes + row * pattern.packedLength)
        guard unsafe packer.pack(source, to: target) else { return nil }
      }
    }
    plain.seal(count: head + bitmapBytes + rowCount * pattern.packedLength)
    return [UInt8](copying: plain.span)
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

  static func read(
    _ reader: inout PageReader, rowCount: Int, nullCount: Int
  ) throws(CorruptionError) -> StringColumn {
    let places = try Places(&reader, rowCount: rowCount, nullCount: nullCount)
    return places.texts(of: rowCount) { $0 }
  }

  /// Where the digits of each row lie.
  struct Places {
    private let page: ByteArena
    private let pattern: Pattern
    private let rowCount: Int
    /// Where the validity begins; nil where no row is null.
    private let bitmap: Int?
    private let digitsStart: Int

    /// Passes over the texts of `rowCount` rows. O(rows / 64).
    init(_ reader: inout PageReader, rowCount: Int, nullCount: Int) throws(CorruptionError) {
      let pattern = try readHead(&reader)
      let bitmap = try reader.pass(
        over: nullCount == 0 ? 0 : ValidityBitmap.wordCount(rowCount: rowCount) * 8, of: "a validity bitmap")
      let digitsStart = try reader.pass(over: rowCount * pattern.packedLength, of: "digits")
      guard rowCount * pattern.text.count <= Int(UInt32.max) - ByteArena.padding else {
        throw CorruptionError("a page of text passes 4 GiB")
      }
      let bytes = reader.page.span
      let found = nullCount == 0 ? 0 : (0..<rowCount).count { bytes[bitmap + $0 >> 3] >> UInt8($0 & 7) & 1 == 0 }
      guard found == nullCount else {
        throw CorruptionError("a page of identifiers has \(found) nulls instead of \(nullCount)")
      }
      (page, self.pattern, self.rowCount) = (reader.page, pattern, rowCount)
      (self.bitmap, self.digitsStart) = (nullCount == 0 ? nil : bitmap, digitsStart)
    }

    private func isNull(_ row: Int) -> Bool {
      guard let bitmap else { return false }
      return page.span[bitmap + row >> 3] >> UInt8(row & 7) & 1 == 0
    }

    // MARK: Fetch

    /// The texts of `rows`, in their order; each is below the row count, which is a precondition. O(rows).
    func texts(_ rows: [UInt32]) -> StringColumn {
      texts(of: rows.count) { position in
        precondition(rows[position] < rowCount, "row \(rows[position]) of \(rowCount)")
        return Int(rows[position])
      }
    }

    /// The rows, ascending, whose text is one of `wanted`. O(rows · wanted).
    func rows(of wanted: [[UInt8]]) -> [UInt32] {
      let packed = wanted.compactMap(packed)
      guard !packed.isEmpty else { return [] }
      let (length, pairs) = (pattern.packedLength, pattern.digitCount / 2)
      var rows: [UInt32] = []
      for row in 0..<rowCount {
        // All rows' digits lie inside the page, behind which padding is readable.
        let digits = unsafe page.base + digitsStart + row * length
        for text in packed {
          guard unsafe memcmp(digits, text, pairs) == 0 else { continue }
          // What stands behind an odd digit means nothing.
          guard unsafe length == pairs || digits[pairs] >> 4 == text[pairs] >> 4 else { continue }
          if !isNull(row) { rows.append(UInt32(row)) }
          break
        }
      }
      return rows
    }

    /// The digits of `text` as they are stored; nil where it breaks the pattern.
    private func packed(_ text: [UInt8]) -> [UInt8]? {
      guard text.count == pattern.text.count else { return nil }
      var packer = Packer(pattern)
      let (source, target) = (ByteArena(text), ByteArena(capacity: pattern.packedLength + packPadding))
      guard unsafe packer.pack(UnsafeRawPointer(source.base), to: UnsafeMutableRawPointer(target.base)) else {
        return nil
      }
      target.extend(by: pattern.packedLength)
      return [UInt8](copying: target.span)
    }

    /// `count` texts, of the rows that `row` gives.
    @inline(__always)
    fileprivate func texts(of count: Int, row: (Int) -> Int) -> StringColumn {
      let length = pattern.text.count
      let arena = ByteArena(capacity: count * length)
      arena.extend(by: count * length)
      let views = unsafe ColumnBuffer<StringView>(unclearedCapacity: count)
      var unpacker = Unpacker(pattern)
      for position in 0..<count {
        let row = row(position)
        // All rows' packed digits lie before the page's end, the texts before that of the arena; both have padding.
        unsafe unpacker.unpack(
          UnsafeRawPointer(page.base + digitsStart + row * pattern.packedLength),
          to: UnsafeMutableRawPointer(arena.base + position * length))
        unsafe views.base[position] =
          isNull(row) ? .null : StringView(offset: UInt32(position * length), length: Int32(length))
      }
      views.seal(count: count)
      return StringColumn(views: views, arena: arena)
    }
  }

  private static func readHead(_ reader: inout PageReader) throws(CorruptionError) -> Pattern {
    let length = Int(try reader.readUInt8())
    guard length > 0, length <= Pattern.maximumLength else {
      throw CorruptionError("a page of identifiers has no pattern")
    }
    let start = try reader.pass(over: length, of: "a pattern")
    let bits = try reader.pass(over: (length + 7) / 8, of: "where digits stand")
    let bytes = reader.page.span
    let isDigit = (0..<length).map { bytes[bits + $0 >> 3] >> UInt8($0 & 7) & 1 == 1 }
    return Pattern(text: [UInt8](copying: bytes.extracting(start..<start + length)), isDigit: isDigit)
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
