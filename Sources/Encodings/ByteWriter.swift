/// Growing bytes in the project's stored form: little-endian, lengths as varints.
public struct ByteWriter: Sendable {
  /// Everything written so far.
  public private(set) var bytes: [UInt8] = []

  public init() {}

  /// A writer with room for `capacity` bytes.
  public init(capacity: Int) { bytes.reserveCapacity(capacity) }

  /// The number of bytes written so far.
  public var count: Int { bytes.count }

  /// Makes room for `additional` more bytes.
  public mutating func reserve(_ additional: Int) { bytes.reserveCapacity(bytes.count + additional) }

  public mutating func write(_ value: UInt8) { bytes.append(value) }
  public mutating func write(_ value: UInt32) { writeFixed(value) }
  public mutating func write(_ value: UInt64) { writeFixed(value) }
  public mutating func write(_ value: Int64) { writeFixed(UInt64(bitPattern: value)) }
  /// One byte, 0 or 1.
  public mutating func write(_ value: Bool) { bytes.append(value ? 1 : 0) }

  /// Seven bits a byte, least significant first, the high bit set on all but the last: 1 to 10 bytes.
  public mutating func writeVarint(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }

  /// Zigzag: small magnitudes of either sign take few bytes.
  public mutating func writeSignedVarint(_ value: Int64) {
    writeVarint(UInt64(bitPattern: value << 1) ^ UInt64(bitPattern: value >> 63))
  }

  /// The UTF-8 length as a varint, then the UTF-8 bytes.
  public mutating func write(_ text: String) {
    var text = text
    text.withUTF8 { utf8 in
      writeVarint(UInt64(utf8.count))
      unsafe bytes.append(contentsOf: utf8)
    }
  }

  /// The length as a varint, then the bytes.
  public mutating func write(bytes span: Span<UInt8>) {
    writeVarint(UInt64(span.count))
    writeRaw(span)
  }

  /// The length as a varint, then the bytes.
  public mutating func write(bytes array: [UInt8]) { write(bytes: array.span) }

  /// The bytes alone; the reader knows how many.
  public mutating func writeRaw(_ span: Span<UInt8>) {
    unsafe span.withUnsafeBufferPointer { unsafe bytes.append(contentsOf: $0) }
  }

  /// The same for memory that is readable for the call.
  @unsafe mutating func writeRaw(_ buffer: UnsafeRawBufferPointer) { unsafe bytes.append(contentsOf: buffer) }

  /// The count as a varint, then the words little-endian. One copy of memory.
  public mutating func write(words: Span<UInt64>) {
    writeVarint(UInt64(words.count))
    // The host is little-endian, as all that this engine supports: memory is the stored form.
    unsafe words.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
  }

  /// The count as a varint, then the words little-endian. One copy of memory.
  public mutating func write(words: [UInt64]) { write(words: words.span) }

  /// CRC32C of what was written from `start` on.
  public func checksum(from start: Int = 0) -> UInt32 {
    Checksum.crc32c(bytes.span.extracting(start..<bytes.count))
  }

  private mutating func writeFixed(_ value: some FixedWidthInteger) {
    unsafe withUnsafeBytes(of: value.littleEndian) { unsafe bytes.append(contentsOf: $0) }
  }
}
