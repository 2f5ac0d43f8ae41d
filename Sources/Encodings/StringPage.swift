internal import Columns
internal import Glibc

/// Pages of text or bytes. Plain: the width of a length (1, 2 or 4 bytes), each row's length in that width (all ones
/// where null), then all bytes side by side. Constant: the one value's bytes, or nothing where all rows are null.
/// Identifiers: `IdentifierPage`.
enum StringPage {
  // MARK: Analyze

  private struct Summary {
    var nullCount = 0
    var byteCount = 0
    var longest = 0
    var shortest = Int.max
    var isConstant = true
    var minimum = UInt64.max
    var maximum = UInt64.min
  }

  /// One pass over all texts; checks that every view is inside its arena.
  private static func analyze(_ parts: [StringColumn]) -> Summary {
    var summary = Summary()
    guard let first = parts.first(where: { $0.rowCount > 0 }) else { return summary }
    for part in parts { analyze(part, first.views[0], in: first.arena, &summary) }
    return summary
  }

  private static func analyze(
    _ part: StringColumn, _ first: StringView, in firstArena: ByteArena, _ summary: inout Summary
  ) {
    let views = part.views.span
    let arenaCount = part.arena.count
    // Reads of eight bytes begin inside the arena and end in its padding; those behind a text are masked away.
    let base = unsafe UnsafeRawPointer(part.arena.base)
    for row in views.indices {
      let view = views[row]
      guard !view.isNull else {
        summary.nullCount += 1
        continue
      }
      let (offset, length) = (Int(view.offset), Int(view.length))
      precondition(offset + length <= arenaCount, "a string view points outside its arena")
      summary.byteCount += length
      summary.longest = max(summary.longest, length)
      summary.shortest = min(summary.shortest, length)
      let word = unsafe UInt64(bigEndian: (base + offset).loadUnaligned(as: UInt64.self))
      let prefix = length >= 8 ? word : word & ~(UInt64.max >> UInt64(8 * length))
      summary.minimum = min(summary.minimum, prefix)
      summary.maximum = max(summary.maximum, prefix)
      if summary.isConstant {
        summary.isConstant =
          unsafe length == Int(first.length)
          && memcmp(base + offset, firstArena.base + Int(first.offset), length) == 0
      }
    }
  }

  // MARK: Encode

  /// The page of all parts' texts, one part after the other.
  static func encode(_ parts: [StringColumn]) -> (PageHeader, ColumnBuffer<UInt8>) {
    let rowCount = parts.reduce(0) { $0 + $1.rowCount }
    let summary = analyze(parts)
    let isAllNull = summary.nullCount == rowCount
    var header = PageHeader(
      encoding: .plain, rowCount: rowCount, nullCount: summary.nullCount,
      zoneMap: isAllNull ? .empty : .prefixes(summary.minimum, summary.maximum))
    if isAllNull {
      header.encoding = .constant
      return (header, ColumnBuffer<UInt8>(capacity: 0))
    }
    if summary.nullCount == 0, summary.isConstant, let part = parts.first(where: { $0.rowCount > 0 }) {
      header.encoding = .constant
      return (header, ColumnBuffer([UInt8](copying: part.bytes(0))))
    }
    if summary.longest == summary.shortest,
      let identifiers = IdentifierPage.encode(parts, rowCount: rowCount, nullCount: summary.nullCount)
    {
      header.encoding = .identifier
      return (header, identifiers)
    }
    return (header, plain(parts, rowCount, summary))
  }

  private static func plain(_ parts: [StringColumn], _ rowCount: Int, _ summary: Summary) -> ColumnBuffer<UInt8> {
    let width = summary.longest < 0xFF ? 1 : summary.longest < 0xFFFF ? 2 : 4
    let byteCount = 1 + rowCount * width + summary.byteCount
    // Every byte below `byteCount` is written: the width, the lengths, the texts.
    let plain = unsafe ColumnBuffer<UInt8>(unclearedCapacity: byteCount + copyPadding)
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
    return plain
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
    switch header.encoding {
    case .plain: break
    case .constant: return try decodeConstant(plain, header)
    case .identifier: return try IdentifierPage.decode(plain, header)
    }
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

  private static func decodeConstant(_ plain: ByteArena, _ header: PageHeader) throws(CorruptionError) -> StringColumn {
    if header.nullCount == header.rowCount, plain.count == 0 { return nulls(header.rowCount) }
    guard header.nullCount == 0, plain.count <= Int(Int32.max) else {
      throw CorruptionError("a constant page is null in some rows only")
    }
    let view = StringView(offset: 0, length: Int32(plain.count))
    return StringColumn(views: repeated(view, header.rowCount), arena: plain)
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

  static func nulls(_ rowCount: Int) -> StringColumn {
    StringColumn(views: repeated(.null, rowCount), arena: ByteArena())
  }

  private static func repeated(_ view: StringView, _ rowCount: Int) -> ColumnBuffer<StringView> {
    let views = ColumnBuffer<StringView>(capacity: rowCount)
    // Room for exactly `rowCount` views.
    unsafe views.base.update(repeating: view, count: rowCount)
    views.seal(count: rowCount)
    return views
  }
}
