internal import CProcessor
internal import Columns

/// CRC32C (Castagnoli), the checksum of everything stored. It finds damage, not malice.
///
/// By the processor's instruction where it has one, on three stretches side by side, else by eight tables, eight bytes
/// a step ("slicing by 8", Kounavis and Berry 2005).
public enum Checksum {
  /// The checksum of `bytes`. With the checksum of what went before as `seed`, that of both together.
  public static func crc32c(_ bytes: Span<UInt8>, seed: UInt32 = 0) -> UInt32 {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return seed }
      return unsafe crc32c(base, buffer.count, seed: seed)
    }
  }

  /// The checksum of all of `bytes`.
  public static func crc32c(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 { crc32c(bytes.span, seed: seed) }

  /// The checksum of `length` bytes at `bytes`, which stay readable for the call.
  @unsafe public static func crc32c(_ bytes: UnsafePointer<UInt8>, _ length: Int, seed: UInt32 = 0) -> UInt32 {
    unsafe hasInstruction ? byInstruction(bytes, length, seed: seed) : byTables(bytes, length, seed: seed)
  }

  /// The bytes of a stretch.
  private static let laneBytes = 1024

  @unsafe private static func byInstruction(_ bytes: UnsafePointer<UInt8>, _ length: Int, seed: UInt32) -> UInt32 {
    // Invariant: `offset` is at most `length`, and three stretches are only read where they end before it.
    var crc = ~seed
    var offset = 0
    while length - offset >= 3 * laneBytes {
      let lanes = unsafe riffle_crc32c_three(crc, bytes + offset, laneBytes)
      crc = passing(passing(lanes.first) ^ lanes.second) ^ lanes.third
      offset += 3 * laneBytes
    }
    return ~(unsafe riffle_crc32c(crc, bytes + offset, length - offset))
  }

  /// The running checksum `crc` behind a stretch of zeros. What bytes do to a checksum adds up, so that a stretch can
  /// be gone over from zero, and what was before it be added like this.
  private static func passing(_ crc: UInt32) -> UInt32 {
    // Table n is that of byte n of the checksum.
    let table = unsafe stretchTables.base
    return unsafe table[Int(crc & 0xFF)] ^ table[Int(256 + (crc >> 8 & 0xFF))] ^ table[Int(512 + (crc >> 16 & 0xFF))]
      ^ table[Int(768 + (crc >> 24))]
  }

  private static let stretchTables: ColumnBuffer<UInt32> = {
    let zeros = ColumnBuffer<UInt8>(capacity: laneBytes)
    var entries: [UInt32] = []
    for byte in 0..<UInt32(4) {
      for value in 0..<UInt32(256) {
        // The buffer holds as many zeros.
        entries.append(unsafe riffle_crc32c(value << (8 * byte), zeros.base, laneBytes))
      }
    }
    return ColumnBuffer(entries)
  }()

  private static let hasInstruction = riffle_has_crc32c() != 0

  /// The same without the instruction.
  @unsafe static func byTables(_ bytes: UnsafePointer<UInt8>, _ length: Int, seed: UInt32) -> UInt32 {
    // Invariant: table indices are `256 * table + byte` with table < 8; loads end before `length`.
    let table = unsafe tables.base
    let source = unsafe UnsafeRawPointer(bytes)
    var crc = ~seed
    var offset = 0
    while length - offset >= 8 {
      let word = unsafe source.loadUnaligned(fromByteOffset: offset, as: UInt64.self).littleEndian ^ UInt64(crc)
      let low = UInt32(truncatingIfNeeded: word)
      let high = UInt32(truncatingIfNeeded: word >> 32)
      let first = unsafe table[Int(1792 + (low & 0xFF))] ^ table[Int(1536 + (low >> 8 & 0xFF))]
      let second = unsafe table[Int(1280 + (low >> 16 & 0xFF))] ^ table[Int(1024 + (low >> 24))]
      let third = unsafe table[Int(768 + (high & 0xFF))] ^ table[Int(512 + (high >> 8 & 0xFF))]
      let fourth = unsafe table[Int(256 + (high >> 16 & 0xFF))] ^ table[Int(high >> 24)]
      crc = first ^ second ^ third ^ fourth
      offset += 8
    }
    while offset < length {
      crc = unsafe crc >> 8 ^ table[Int((crc ^ UInt32(bytes[offset])) & 0xFF)]
      offset += 1
    }
    return ~crc
  }

  /// Table 0 is the byte-wise one; table n is that of a byte followed by n zero bytes.
  private static let tables: ColumnBuffer<UInt32> = {
    var entries: [UInt32] = []
    for byte in 0..<UInt32(256) {
      var crc = byte
      for _ in 0..<8 { crc = crc & 1 == 1 ? (crc >> 1) ^ 0x82F6_3B78 : crc >> 1 }
      entries.append(crc)
    }
    for index in 256..<2048 {
      let previous = entries[index - 256]
      entries.append(previous >> 8 ^ entries[Int(previous & 0xFF)])
    }
    return ColumnBuffer(entries)
  }()
}
