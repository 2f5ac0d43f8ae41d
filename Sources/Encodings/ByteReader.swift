/// Reads what `ByteWriter` wrote, and trusts none of it: whatever the bytes are, the answer is a value or an error.
///
/// A declared length is compared with the bytes that remain before anything is allocated for it.
public struct ByteReader: Sendable {
  private let bytes: ArraySlice<UInt8>
  private var position: Int

  public init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  public init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    position = bytes.startIndex
  }

  /// How many bytes were read so far.
  public var offset: Int { position - bytes.startIndex }
  /// How many bytes are left.
  public var remaining: Int { bytes.endIndex - position }
  public var isAtEnd: Bool { position == bytes.endIndex }

  public mutating func readUInt8() throws(CorruptionError) -> UInt8 {
    guard position < bytes.endIndex else { throw truncated("a byte", 1) }
    defer { position += 1 }
    return bytes[position]
  }

  public mutating func readUInt32() throws(CorruptionError) -> UInt32 { try readFixed() }
  public mutating func readUInt64() throws(CorruptionError) -> UInt64 { try readFixed() }
  public mutating func readInt64() throws(CorruptionError) -> Int64 { Int64(bitPattern: try readFixed()) }

  public mutating func readBool() throws(CorruptionError) -> Bool {
    let byte = try readUInt8()
    guard byte <= 1 else { throw CorruptionError("a boolean is \(byte)", offset: offset - 1) }
    return byte == 1
  }

  public mutating func readVarint() throws(CorruptionError) -> UInt64 {
    let start = offset
    var value: UInt64 = 0
    var shift: UInt64 = 0
    while true {
      let byte = try readUInt8()
      guard shift < 63 || (shift == 63 && byte <= 1) else {
        throw CorruptionError("a varint is longer than 64 bits", offset: start)
      }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
      shift += 7
    }
  }

  public mutating func readSignedVarint() throws(CorruptionError) -> Int64 {
    let value = try readVarint()
    return Int64(bitPattern: value >> 1) ^ -Int64(bitPattern: value & 1)
  }

  /// A varint that counts things of at least `minimumBytes` each, so that it may be trusted for an allocation.
  ///
  /// Throws if that many cannot be in the bytes that remain.
  public mutating func readCount(of what: String, minimumBytes: Int = 1) throws(CorruptionError) -> Int {
    let start = offset
    let count = try readVarint()
    guard count <= UInt64(remaining / max(minimumBytes, 1)) else {
      throw CorruptionError("\(count) \(what) are declared, but only \(remaining) bytes follow", offset: start)
    }
    return Int(count)
  }

  /// A varint that is an `Int`, for numbers that are not lengths of what follows.
  public mutating func readNumber() throws(CorruptionError) -> Int {
    let start = offset
    let value = try readVarint()
    guard let number = Int(exactly: value) else {
      throw CorruptionError("the number \(value) is out of range", offset: start)
    }
    return number
  }

  /// Text; ill-formed UTF-8 throws.
  public mutating func readText() throws(CorruptionError) -> String {
    let start = offset
    let count = try readCount(of: "bytes of text")
    defer { position += count }
    guard let text = String(validating: bytes[position..<position + count], as: UTF8.self) else {
      throw CorruptionError("text is not UTF-8", offset: start)
    }
    return text
  }

  public mutating func readBytes() throws(CorruptionError) -> [UInt8] {
    let count = try readCount(of: "bytes")
    return Array(try readRaw(count))
  }

  /// The next `count` bytes, without a length before them. O(1): shares the memory.
  public mutating func readRaw(_ count: Int) throws(CorruptionError) -> ArraySlice<UInt8> {
    guard count >= 0, count <= remaining else { throw truncated("\(count) bytes", count) }
    defer { position += count }
    return bytes[position..<position + count]
  }

  public mutating func readWords() throws(CorruptionError) -> [UInt64] {
    let count = try readCount(of: "words", minimumBytes: 8)
    guard count > 0 else { return [] }
    let raw = try readRaw(count * 8)
    // Both sides hold exactly `count * 8` bytes; the host is little-endian, as is the stored form.
    return unsafe [UInt64](unsafeUninitializedCapacity: count) { words, initialized in
      unsafe raw.withUnsafeBytes { unsafe UnsafeMutableRawBufferPointer(words).copyMemory(from: $0) }
      initialized = count
    }
  }

  /// Passes over what `readWords` would read.
  public mutating func skipWords() throws(CorruptionError) {
    let count = try readCount(of: "words", minimumBytes: 8)
    _ = try readRaw(count * 8)
  }

  private mutating func readFixed<Value: FixedWidthInteger>() throws(CorruptionError) -> Value {
    let width = MemoryLayout<Value>.size
    guard width <= remaining else { throw truncated("a \(width)-byte number", width) }
    defer { position += width }
    var value: Value = 0
    for index in 0..<width {
      value |= Value(truncatingIfNeeded: bytes[position + index]) << Value(truncatingIfNeeded: 8 * index)
    }
    return value
  }

  private func truncated(_ what: String, _ needed: Int) -> CorruptionError {
    CorruptionError("\(what) should follow, but only \(remaining) bytes do", offset: offset)
  }
}
