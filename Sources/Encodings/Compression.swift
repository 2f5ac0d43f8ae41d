internal import CLZ4
internal import Columns

/// lz4 blocks, used only where they pay.
enum Compression {
  /// Appends `plain`, compressed if that saves at least a twentieth of it, and says which.
  static func write(_ plain: ColumnBuffer<UInt8>, to writer: inout ByteWriter) -> PageCodec {
    let limit = plain.count - plain.count / 20
    if plain.count >= 64, plain.count <= Int(LZ4_MAX_INPUT_SIZE) {
      // lz4 gives up by itself, and answers 0, once its output would pass `limit`.
      let packed = unsafe ColumnBuffer<UInt8>(unclearedCapacity: limit)
      let count = unsafe plain.base.withMemoryRebound(to: CChar.self, capacity: plain.count) { source in
        unsafe packed.base.withMemoryRebound(to: CChar.self, capacity: limit) { target in
          unsafe LZ4_compress_default(source, target, Int32(plain.count), Int32(limit))
        }
      }
      if count > 0 {
        packed.seal(count: Int(count))
        writer.writeRaw(packed.span)
        return .lz4
      }
    }
    writer.writeRaw(plain.span)
    return .none
  }

  /// The plain bytes of a page, in an arena of exactly the declared size.
  ///
  /// Throws unless `stored` yields exactly `byteCount` bytes; lz4 expands by at most 255, so a larger claim is refused
  /// before memory is taken for it.
  static func read(_ stored: ArraySlice<UInt8>, codec: PageCodec, byteCount: Int) throws(CorruptionError) -> ByteArena {
    switch codec {
    case .none:
      guard stored.count == byteCount else {
        throw CorruptionError("\(stored.count) bytes are stored, \(byteCount) declared")
      }
      let arena = ByteArena(capacity: byteCount)
      unsafe stored.withUnsafeBufferPointer { source in
        if let first = source.baseAddress { unsafe _ = arena.append(first, length: source.count) }
      }
      return arena
    case .lz4:
      guard byteCount <= Int(LZ4_MAX_INPUT_SIZE), byteCount / 255 <= stored.count, stored.count <= Int(Int32.max) else {
        throw CorruptionError("\(stored.count) compressed bytes cannot hold the \(byteCount) declared")
      }
      let arena = ByteArena(capacity: byteCount)
      // lz4 reads at most `stored.count` bytes and writes at most `byteCount`, the arena's capacity, whatever they are.
      let count = unsafe stored.withUnsafeBytes { source in
        unsafe UnsafeMutableRawPointer(arena.base).withMemoryRebound(to: CChar.self, capacity: byteCount) { target in
          unsafe LZ4_decompress_safe(
            source.bindMemory(to: CChar.self).baseAddress, target, Int32(source.count), Int32(byteCount))
        }
      }
      guard Int(count) == byteCount else {
        throw CorruptionError("lz4 yields \(count) bytes (negative: not lz4), \(byteCount) are declared")
      }
      arena.extend(by: byteCount)
      return arena
    }
  }
}
