internal import Columns
internal import Glibc

/// What the stored values of one width need for a zone map.
protocol Zoned: BitwiseCopyable, Sendable, Comparable {
  static func zoneMap(_ minimum: Self, _ maximum: Self) -> ZoneMap
  /// The value as an integer that is as good for encoding it, and back; some value where none has that integer.
  var encodable: Int64 { get }
  init(encoded: Int64)
  /// Whether the order is total among values of which this is one.
  var isOrdered: Bool { get }
}

extension Int64: Zoned {
  static func zoneMap(_ minimum: Int64, _ maximum: Int64) -> ZoneMap { .integers(minimum, maximum) }
  var isOrdered: Bool { true }
  var encodable: Int64 { self }
  init(encoded: Int64) { self = encoded }
}

extension UInt8: Zoned {
  static func zoneMap(_ minimum: UInt8, _ maximum: UInt8) -> ZoneMap { .integers(Int64(minimum), Int64(maximum)) }
  var isOrdered: Bool { true }
  var encodable: Int64 { Int64(self) }
  init(encoded: Int64) { self.init(truncatingIfNeeded: encoded) }
}

extension Double: Zoned {
  static func zoneMap(_ minimum: Double, _ maximum: Double) -> ZoneMap { .reals(minimum, maximum) }
  var isOrdered: Bool { !isNaN }
  var encodable: Int64 { Int64(bitPattern: bitPattern) }
  init(encoded: Int64) { self.init(bitPattern: UInt64(bitPattern: encoded)) }
}

/// Pages of fixed-width values. Plain: a validity bitmap if some rows are null, then the values, little-endian, zero
/// where null. Constant: the one value, or nothing where all rows are null. Others: which rows hold a value
/// (`ValiditySection`) where some do not, then these as integers (`IntegerSection`): reals by their bits, booleans as
/// 0 and 1, which packing makes bits of.
enum FixedPage {
  // MARK: Analyze and encode

  static func encode<Value: Zoned>(_ column: FixedColumn<Value>, _ codec: PageCodec) -> (PageHeader, [UInt8]) {
    let (rowCount, values, validity) = (column.rowCount, column.values, column.validity)
    let nullCount = validity?.nullCount ?? 0
    var header = PageHeader(
      encoding: .plain, rowCount: rowCount, nullCount: nullCount, zoneMap: zoneMap(values, validity, nullCount))
    if nullCount == rowCount || (nullCount == 0 && isConstant(values)) {
      header.encoding = .constant
      return (header, bytes(nil, values, rowCount: nullCount == rowCount ? 0 : 1))
    }
    let plainBytes =
      (nullCount > 0 ? ValidityBitmap.wordCount(rowCount: rowCount) * 8 : 0) + rowCount * MemoryLayout<Value>.size
    let dense = dense(values, nullCount > 0 ? validity : nil, count: rowCount - nullCount)
    let (encoding, body) = IntegerSection.encode(dense.span, codec)
    guard encoding != .plain, body.count < plainBytes else {
      return (header, bytes(nullCount > 0 ? validity : nil, values, rowCount: rowCount))
    }
    header.encoding = encoding
    guard nullCount > 0, let validity else { return (header, body) }
    var writer = ByteWriter(capacity: body.count + rowCount / 8)
    ValiditySection.write(validity, codec, to: &writer)
    writer.writeRaw(body.span)
    return (header, writer.bytes)
  }

  /// The values of the rows that have one, `count` in all, as integers.
  private static func dense<Value: Zoned>(
    _ values: ColumnBuffer<Value>, _ validity: ValidityBitmap?, count: Int
  ) -> ColumnBuffer<Int64> {
    if let integers = values as? ColumnBuffer<Int64>, validity == nil { return integers }
    let dense = unsafe ColumnBuffer<Int64>(unclearedCapacity: count)
    // Rows stay below the count of `values`, positions below `count`.
    if let validity {
      ValiditySection.spread(validity) { row, position in unsafe dense.base[position] = values.base[row].encodable }
    } else {
      for row in 0..<count { unsafe dense.base[row] = values.base[row].encodable }
    }
    dense.seal(count: count)
    return dense
  }

  private static func zoneMap<Value: Zoned>(
    _ column: ColumnBuffer<Value>, _ validity: ValidityBitmap?, _ nullCount: Int
  ) -> ZoneMap {
    let values = column.span
    guard nullCount < values.count else { return .empty }
    let firstRow = validity.map { validity in (0..<values.count).first { validity.isValid($0) } ?? 0 } ?? 0
    var (minimum, maximum) = (values[firstRow], values[firstRow])
    var isOrdered = true
    for row in values.indices where validity == nil || validity?.isValid(row) == true {
      let value = values[row]
      minimum = min(minimum, value)
      maximum = max(maximum, value)
      isOrdered = isOrdered && value.isOrdered
    }
    return isOrdered ? Value.zoneMap(minimum, maximum) : .unknown
  }

  /// Whether all values have the bits of the first (so that NaN and the zeros of both signs are kept apart).
  private static func isConstant<Value: Zoned>(_ values: ColumnBuffer<Value>) -> Bool {
    let width = MemoryLayout<Value>.size
    // Reads bytes `width..<count * width` and those one value before them: all inside the buffer.
    let bytes = unsafe UnsafeRawPointer(values.base)
    return unsafe values.count <= 1 || memcmp(bytes, bytes + width, (values.count - 1) * width) == 0
  }

  private static func bytes<Value>(
    _ validity: ValidityBitmap?, _ values: ColumnBuffer<Value>, rowCount: Int
  ) -> [UInt8] {
    var writer = ByteWriter(capacity: rowCount * MemoryLayout<Value>.size + rowCount / 8 + 8)
    // Both sources hold at least the bytes copied: `rowCount` is at most theirs.
    if let validity {
      unsafe writer.writeRaw(
        UnsafeRawBufferPointer(
          start: validity.words.base, count: ValidityBitmap.wordCount(rowCount: rowCount) * 8))
    }
    unsafe writer.writeRaw(UnsafeRawBufferPointer(start: values.base, count: rowCount * MemoryLayout<Value>.size))
    return writer.bytes
  }

  // MARK: Decode

  static func decode<Value: Zoned>(_ plain: ByteArena, _ header: PageHeader) throws(CorruptionError) -> FixedColumn<
    Value
  > {
    let rowCount = header.rowCount
    guard header.encoding == .plain || header.encoding == .constant else { return try decodeSection(plain, header) }
    if header.encoding == .constant, header.nullCount == rowCount {
      try expect(plain, byteCount: 0)
      return nulls(rowCount)
    }
    let width = MemoryLayout<Value>.size
    let values = ColumnBuffer<Value>(capacity: rowCount)
    defer { values.seal(count: rowCount) }
    // Every load below ends within `plain.count`, which was compared with what is read.
    let source = unsafe UnsafeRawPointer(plain.base)
    if header.encoding == .constant {
      guard header.nullCount == 0 else { throw CorruptionError("a constant page is null in some rows only") }
      try expect(plain, byteCount: width)
      let value = unsafe source.loadUnaligned(as: Value.self)
      unsafe values.base.update(repeating: value, count: rowCount)
      return FixedColumn(values: values)
    }
    let bitmapBytes = header.nullCount == 0 ? 0 : ValidityBitmap.wordCount(rowCount: rowCount) * 8
    try expect(plain, byteCount: bitmapBytes + rowCount * width)
    unsafe UnsafeMutableRawPointer(values.base).copyMemory(from: source + bitmapBytes, byteCount: rowCount * width)
    guard header.nullCount > 0 else { return FixedColumn(values: values) }
    let words = ColumnBuffer<UInt64>(capacity: bitmapBytes / 8)
    unsafe UnsafeMutableRawPointer(words.base).copyMemory(from: source, byteCount: bitmapBytes)
    words.seal(count: bitmapBytes / 8)
    let validity = ValidityBitmap(words: words, rowCount: rowCount)
    guard validity.nullCount == header.nullCount else {
      throw CorruptionError("a page has \(validity.nullCount) nulls instead of \(header.nullCount)")
    }
    return FixedColumn(values: values, validity: validity)
  }

  private static func decodeSection<Value: Zoned>(
    _ plain: ByteArena, _ header: PageHeader
  ) throws(CorruptionError) -> FixedColumn<Value> {
    var reader = PageReader(plain)
    let validity =
      header.nullCount == 0
      ? nil : try ValiditySection.read(&reader, rowCount: header.rowCount, nullCount: header.nullCount)
    let dense = try IntegerSection.read(&reader, as: header.encoding, count: header.rowCount - header.nullCount)
    try reader.finish()
    if let integers = dense as? ColumnBuffer<Value>, validity == nil { return FixedColumn(values: integers) }
    let values = ColumnBuffer<Value>(capacity: header.rowCount)
    // Rows stay below `rowCount`, positions below the number of values that are not null.
    if let validity {
      ValiditySection.spread(validity) { row, position in
        unsafe values.base[row] = Value(encoded: dense.base[position])
      }
    } else {
      for row in 0..<header.rowCount { unsafe values.base[row] = Value(encoded: dense.base[row]) }
    }
    values.seal(count: header.rowCount)
    return FixedColumn(values: values, validity: validity)
  }

  static func nulls<Value: Zoned>(_ rowCount: Int) -> FixedColumn<Value> {
    let values = ColumnBuffer<Value>(capacity: rowCount)
    values.seal(count: rowCount)
    guard rowCount > 0 else { return FixedColumn(values: values) }
    let words = ColumnBuffer<UInt64>(capacity: ValidityBitmap.wordCount(rowCount: rowCount))
    words.seal(count: words.capacity)
    return FixedColumn(values: values, validity: ValidityBitmap(words: words, rowCount: rowCount))
  }

  private static func expect(_ plain: ByteArena, byteCount: Int) throws(CorruptionError) {
    guard plain.count == byteCount else {
      throw CorruptionError("a page has \(plain.count) plain bytes instead of \(byteCount)")
    }
  }
}
