internal import CLZ4
internal import CZstd
internal import Columns
internal import Synchronization

/// Codecs of pages, used only where they pay: lz4 blocks and Zstandard frames.
enum Compression {
  /// Zstandard's own default: the next levels gain little on encoded columns and cost much.
  private static let zstdLevel: Int32 = 3
  /// Fewer bytes are not worth a try.
  private static let worthwhileBytes = 64

  // MARK: Encode

  /// Appends `plain`, compressed by `codec` if that saves at least a twentieth of it, and says which was used.
  static func write(_ plain: Span<UInt8>, _ codec: PageCodec, to writer: inout ByteWriter) -> PageCodec {
    guard let packed = compressed(plain, codec) else {
      writer.writeRaw(plain)
      return .none
    }
    writer.writeRaw(packed.span)
    return codec
  }

  /// About as many bytes as `write` would append, by the first of them where there are many, and in one frame, which
  /// takes a third of the time of all that `write` tries.
  static func estimate(_ plain: Span<UInt8>, _ codec: PageCodec) -> Int {
    let sample = plain.extracting(0..<min(plain.count, 1 << 16))
    guard let packed = compressed(sample, codec, inFramesOf: []) else { return plain.count }
    return plain.count == sample.count
      ? packed.count : Int(Double(plain.count) * Double(packed.count) / Double(sample.count))
  }

  /// - Parameter frameBytes: how many bytes a frame of Zstandard may have, besides one of all.
  private static func compressed(
    _ plain: Span<UInt8>, _ codec: PageCodec, inFramesOf frameBytes: [Int] = Compression.frameBytes
  ) -> ColumnBuffer<UInt8>? {
    let limit = plain.count - plain.count / 20
    guard codec != .none, plain.count >= worthwhileBytes, plain.count <= Int(LZ4_MAX_INPUT_SIZE) else { return nil }
    let packed = unsafe ColumnBuffer<UInt8>(unclearedCapacity: limit)
    // Both write at most `limit` bytes, the buffer's capacity, and give up once their output would pass it.
    let count: Int? = unsafe plain.withUnsafeBytes { source in
      let target = unsafe UnsafeMutableRawPointer(packed.base)
      if codec == .zstd { return unsafe frames(source, to: target, limit, frameBytes) }
      let count = unsafe LZ4_compress_default(
        source.bindMemory(to: CChar.self).baseAddress, target.assumingMemoryBound(to: CChar.self),
        Int32(source.count), Int32(limit))
      return count > 0 ? Int(count) : nil
    }
    guard let count else { return nil }
    packed.seal(count: count)
    return packed
  }

  /// Frames of that many bytes, besides one of all.
  private static let frameBytes = [1 << 15, 1 << 13]

  /// One Zstandard frame, or several of equal parts where they are smaller: a frame's codes fit its bytes alone, and
  /// the sections of a page differ. A reader takes them as one.
  ///
  /// `target` is writable up to `limit`.
  @unsafe private static func frames(
    _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, _ limit: Int, _ frameBytes: [Int]
  ) -> Int? {
    var best = unsafe frames(of: source.count, source, to: target, limit)
    for byteCount in frameBytes where byteCount < source.count {
      let end = best ?? limit
      unsafe withUnsafeTemporaryAllocation(byteCount: end, alignment: 1) { packed in
        guard let base = packed.baseAddress, let count = unsafe frames(of: byteCount, source, to: base, end) else {
          return
        }
        if count < end {
          unsafe target.copyMemory(from: base, byteCount: count)
          best = count
        }
      }
    }
    return best
  }

  /// The bytes of frames of `byteCount` each; nil where they pass `limit`.
  @unsafe private static func frames(
    of byteCount: Int, _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, _ limit: Int
  ) -> Int? {
    var end = 0
    for start in stride(from: 0, to: source.count, by: byteCount) {
      let part = unsafe UnsafeRawBufferPointer(rebasing: source[start..<min(start + byteCount, source.count)])
      let count = unsafe ZSTD_compress(target + end, limit - end, part.baseAddress, part.count, zstdLevel)
      guard ZSTD_isError(count) == 0 else { return nil }
      end += count
    }
    return end
  }

  // MARK: Decode

  /// The most that each codec makes of a byte; a page that claims more is refused before memory is taken for it.
  private static func maximumExpansion(_ codec: PageCodec) -> Int {
    switch codec {
    case .none: 1
    case .lz4: 255
    // A block of four bytes says that one byte repeats up to 128 KiB.
    case .zstd: 1 << 15
    }
  }

  /// The plain bytes of a page: `stored` itself where no codec was used, else an arena of exactly the declared size.
  ///
  /// Throws unless `stored` yields exactly `byteCount` bytes.
  static func read(_ stored: ByteArena, codec: PageCodec, byteCount: Int) throws(CorruptionError) -> ByteArena {
    guard codec != .none || stored.count == byteCount else {
      throw CorruptionError("\(stored.count) bytes are stored, \(byteCount) declared")
    }
    guard byteCount >= 0, byteCount <= Int(LZ4_MAX_INPUT_SIZE), stored.count <= Int(Int32.max),
      byteCount / maximumExpansion(codec) <= stored.count
    else { throw CorruptionError("\(stored.count) stored bytes cannot hold the \(byteCount) declared") }
    if codec == .none { return stored }
    let arena = ByteArena(capacity: byteCount)
    // Both read at most `stored.count` bytes and write at most `byteCount`, the arena's capacity, whatever they are.
    let count: Int? = unsafe stored.span.withUnsafeBytes { source in
      let target = unsafe UnsafeMutableRawPointer(arena.base)
      if codec == .zstd { return unsafe ZstandardDecoder.decode(source, to: target, byteCount: byteCount) }
      return unsafe Int(
        LZ4_decompress_safe(
          source.bindMemory(to: CChar.self).baseAddress, target.assumingMemoryBound(to: CChar.self),
          Int32(source.count), Int32(byteCount)))
    }
    guard count == byteCount else {
      throw CorruptionError("a page does not yield the \(byteCount) bytes that are declared")
    }
    arena.extend(by: byteCount)
    return arena
  }
}

/// Zstandard's decoder with its working memory, used again: most pages are so small that making it would take longer
/// than they do. There are as many as threads ever decoded at once.
///
/// `@unchecked Sendable`: one thread at a time has it.
@safe private final class ZstandardDecoder: @unchecked Sendable {
  private let context: OpaquePointer
  private static let idle = Mutex<[ZstandardDecoder]>([])

  private init?() {
    guard let context = unsafe ZSTD_createDCtx() else { return nil }
    unsafe self.context = context
  }

  deinit { _ = unsafe ZSTD_freeDCtx(context) }

  /// Writes what the frames of `source` hold to `target`, up to `byteCount`, and says how much that is; nil where they
  /// are damaged or hold more, or there is no memory.
  @unsafe static func decode(
    _ source: UnsafeRawBufferPointer, to target: UnsafeMutableRawPointer, byteCount: Int
  ) -> Int? {
    guard let decoder = idle.withLock({ $0.popLast() }) ?? ZstandardDecoder() else { return nil }
    defer { idle.withLock { $0.append(decoder) } }
    let count = unsafe ZSTD_decompressDCtx(decoder.context, target, byteCount, source.baseAddress, source.count)
    return ZSTD_isError(count) == 0 ? count : nil
  }
}
