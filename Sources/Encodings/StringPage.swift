internal import Columns
internal import Glibc

/// Pages of text or bytes. Plain: the width of a length (1, 2 or 4 bytes), each row's length in that width (all ones
/// where null), then all bytes side by side. Constant: the one value's bytes, or nothing where all rows are null.
enum StringPage {
  // MARK: Analyze

  private struct Summary {
    var nullCount = 0
    var byteCount = 0
    var longest = 0
    var isConstant = true
    var minimum = UInt64.max
    var maximum = UInt64.min
  }

  /// One pass over the chosen rows; checks that every view is inside the arena.
  private static func analyze(_ column: StringColumn, _ rows: SelectionVector?, _ rowCount: Int) -> Summary {
    var summary = Summary()
    let views = column.views.span
    let arenaCount = column.arena.count
    // Reads of eight bytes begin inside the arena and end in its padding; those behind a text are masked away.
    let base = unsafe UnsafeRawPointer(column.arena.base)
    let first = rowCount == 0 ? .null : views[rows.map { Int($0[0]) } ?? 0]
    for index in 0..<rowCount {
      let view = views[rows.map { Int($0[index]) } ?? index]
      guard !view.isNull else {
        summary.nullCount += 1
        continue
      }
      let (offset, length) = (Int(view.offset), Int(view.length))
      precondition(offset + length <= arenaCount, "a string view points outside its arena")
      summary.byteCount += length
      summary.longest = max(summary.longest, length)
      let word = unsafe UInt64(bigEndian: (base + offset).loadUnaligned(as: UInt64.self))
      let prefix = length >= 8 ? word : word & ~(UInt64.max >> UInt64(8 * length))
      summary.minimum = min(summary.minimum, prefix)
      summary.maximum = max(summary.maximum, prefix)
      if summary.isConstant {
        summary.isConstant =
          unsafe length == Int(first.length) && memcmp(base + offset, base + Int(first.offset), length) == 0
      }
    }
    return summary
  }

  // MARK: Encode

  static func encode(_ column: StringColumn, _ rows: SelectionVector?) -> (PageHeader, ColumnBuffer<UInt8>) {
    let rowCount = rows?.count ?? column.rowCount
    let summary = analyze(column, rows, rowCount)
    let isAllNull = summary.nullCount == rowCount
    var header = PageHeader(
      encoding: .plain, rowCount: rowCount, nullCount: summary.nullCount,
      zoneMap: isAllNull ? .empty : .prefixes(summary.minimum, summary.maximum))
    guard isAllNull || (summary.nullCount == 0 && summary.isConstant) else {
      return (header, plain(column, rows, rowCount, summary))
    }
    header.encoding = .constant
    let views = isAllNull ? [] : [column.views[rows.map { Int($0[0]) } ?? 0]]
    let value = ColumnBuffer<UInt8>(capacity: Int(views.first?.length ?? 0) + copyPadding)
    value.seal(count: copy(views.span, nil, rowCount: views.count, from: column.arena, to: value, at: 0))
    return (header, value)
  }

  private static func plain(
    _ column: StringColumn, _ rows: SelectionVector?, _ rowCount: Int, _ summary: Summary
  ) -> ColumnBuffer<UInt8> {
    let width = summary.longest < 0xFF ? 1 : summary.longest < 0xFFFF ? 2 : 4
    let bytesStart = 1 + rowCount * width
    let plain = ColumnBuffer<UInt8>(capacity: bytesStart + summary.byteCount + copyPadding)
    unsafe plain.base[0] = UInt8(width)
    switch width {
    case 1: writeLengths(column, rows, rowCount, as: UInt8.self, to: plain)
    case 2: writeLengths(column, rows, rowCount, as: UInt16.self, to: plain)
    default: writeLengths(column, rows, rowCount, as: UInt32.self, to: plain)
    }
    let end = copy(column.views.span, rows, rowCount: rowCount, from: column.arena, to: plain, at: bytesStart)
    plain.seal(count: end)
    return plain
  }

  private static func writeLengths<Length: FixedWidthInteger>(
    _ column: StringColumn, _ rows: SelectionVector?, _ rowCount: Int, as type: Length.Type,
    to plain: ColumnBuffer<UInt8>
  ) {
    let views = column.views.span
    // `plain` was sized for `rowCount` lengths behind its first byte.
    let target = unsafe UnsafeMutableRawPointer(plain.base) + 1
    for index in 0..<rowCount {
      // A null's length is -1, which is all ones in every width.
      let length = Length(truncatingIfNeeded: views[rows.map { Int($0[index]) } ?? index].length)
      unsafe target.storeBytes(of: length, toByteOffset: index * MemoryLayout<Length>.size, as: Length.self)
    }
  }

  /// Bytes behind the copied text that `copy` may overwrite.
  private static let copyPadding = 16

  /// Copies the text of the chosen rows side by side to `start` and says where it ends.
  ///
  /// Sixteen bytes a step, since most text is short: reads run into the arena's padding, writes into `copyPadding`.
  private static func copy(
    _ views: Span<StringView>, _ rows: SelectionVector?, rowCount: Int, from arena: ByteArena,
    to plain: ColumnBuffer<UInt8>, at start: Int
  ) -> Int {
    let source = unsafe UnsafeRawPointer(arena.base)
    let target = unsafe UnsafeMutableRawPointer(plain.base)
    var end = start
    for index in 0..<rowCount {
      let view = views[rows.map { Int($0[index]) } ?? index]
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
    guard header.encoding == .plain else { return try decodeConstant(plain, header) }
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
