internal import Columns

/// Texts that no encoding makes smaller, nulls among them.
///
/// Stored: the width of a length (1, 2 or 4 bytes), each row's length in that width (all ones where null), then all
/// bytes side by side.
enum PlainText {
  // MARK: Encode

  /// How many bytes the page of these texts has.
  static func byteCount(_ summary: TextSummary) -> Int {
    1 + summary.rowCount * lengthWidth(summary) + summary.byteCount
  }

  private static func lengthWidth(_ summary: TextSummary) -> Int {
    summary.longest < 0xFF ? 1 : summary.longest < 0xFFFF ? 2 : 4
  }

  static func page(_ parts: [StringColumn], _ summary: TextSummary) -> [UInt8] {
    let (rowCount, width) = (summary.rowCount, lengthWidth(summary))
    // Every byte below what is sealed is written: the width, the lengths, the texts.
    let plain = unsafe ColumnBuffer<UInt8>(unclearedCapacity: byteCount(summary) + copyPadding)
    unsafe plain.base[0] = UInt8(width)
    var row = 0
    var end = 1 + rowCount * width
    for part in parts {
      switch width {
      case 1: writeLengths(part, as: UInt8.self, to: plain, row: row)
      case 2: writeLengths(part, as: UInt16.self, to: plain, row: row)
      default: writeLengths(part, as: UInt32.self, to: plain, row: row)
      }
      row += part.rowCount
      end = copy(part, to: plain, at: end)
    }
    plain.seal(count: end)
    return [UInt8](copying: plain.span)
  }

  private static func writeLengths<Length: FixedWidthInteger>(
    _ part: StringColumn, as type: Length.Type, to plain: ColumnBuffer<UInt8>, row: Int
  ) {
    let views = part.views.span
    let width = MemoryLayout<Length>.size
    // `plain` was sized for the lengths of all rows behind its first byte.
    let target = unsafe UnsafeMutableRawPointer(plain.base) + 1 + row * width
    for index in views.indices {
      // A null's length is -1, which is all ones in every width.
      let length = Length(truncatingIfNeeded: views[index].length)
      unsafe target.storeBytes(of: length, toByteOffset: index * width, as: Length.self)
    }
  }

  /// Bytes behind the copied text that `copy` may overwrite.
  private static let copyPadding = 16

  /// Copies the part's texts side by side to `start` and says where they end.
  ///
  /// Sixteen bytes a step, since most text is short: reads run into the arena's padding, writes into `copyPadding`.
  private static func copy(_ part: StringColumn, to plain: ColumnBuffer<UInt8>, at start: Int) -> Int {
    let views = part.views.span
    let source = unsafe UnsafeRawPointer(part.arena.base)
    let target = unsafe UnsafeMutableRawPointer(plain.base)
    var end = start
    for row in views.indices {
      let view = views[row]
      let length = Int(view.length)
      var copied = 0
      while copied < length {
        let step = unsafe (source + Int(view.offset) + copied).loadUnaligned(as: SIMD16<UInt8>.self)
        unsafe (target + end + copied).storeBytes(of: step, as: SIMD16<UInt8>.self)
        copied += 16
      }
      end += max(length, 0)
    }
    return end
  }

  // MARK: Decode

  static func decode(_ plain: ByteArena, _ header: PageHeader) throws(CorruptionError) -> StringColumn {
    guard plain.count <= Int(UInt32.max) else { throw CorruptionError("a page of text passes 4 GiB") }
    guard let width = plain.count > 0 ? Int(plain.span[0]) : nil, 1 + header.rowCount * width <= plain.count else {
      throw CorruptionError("a page of text is shorter than its lengths")
    }
    return switch width {
    case 1: try readViews(plain, header, as: UInt8.self)
    case 2: try readViews(plain, header, as: UInt16.self)
    case 4: try readViews(plain, header, as: UInt32.self)
    default: throw CorruptionError("a page of text has lengths of \(width) bytes")
    }
  }

  private static func readViews<Length: FixedWidthInteger & UnsignedInteger>(
    _ plain: ByteArena, _ header: PageHeader, as type: Length.Type
  ) throws(CorruptionError) -> StringColumn {
    let width = MemoryLayout<Length>.size
    let views = ColumnBuffer<StringView>(capacity: header.rowCount)
    // The caller compared `1 + rowCount * width` with the arena's count.
    let lengths = unsafe UnsafeRawPointer(plain.base) + 1
    var end = 1 + header.rowCount * width
    var nullCount = 0
    for row in 0..<header.rowCount {
      let length = unsafe lengths.loadUnaligned(fromByteOffset: row * width, as: Length.self)
      if length == Length.max {
        nullCount += 1
        unsafe views.base[row] = .null
      } else {
        guard Int(length) <= min(plain.count - end, Int(Int32.max)) else {
          throw CorruptionError("the text of row \(row) runs over the end of its page")
        }
        // `end` is at most the arena's count, hence within 32 bits.
        unsafe views.base[row] = StringView(offset: UInt32(end), length: Int32(length))
        end += Int(length)
      }
    }
    guard end == plain.count, nullCount == header.nullCount else {
      throw CorruptionError(
        "a page of text has \(end) bytes and \(nullCount) nulls instead of \(plain.count) and \(header.nullCount)")
    }
    views.seal(count: header.rowCount)
    return StringColumn(views: views, arena: plain)
  }
}
