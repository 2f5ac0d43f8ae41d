internal import CZstd

/// Zstandard for files whose format is not ours; pages of ours are compressed where they pay (`PageCodec`).
public enum Zstandard {
  /// `plain` as one frame that says how long it is. O(bytes).
  public static func frame(_ plain: Span<UInt8>, level: Int = 3) -> [UInt8] {
    let bound = ZSTD_compressBound(plain.count)
    return unsafe [UInt8](unsafeUninitializedCapacity: bound) { frame, initialized in
      // The frame is written into `bound` bytes, the array's capacity, which suffice for any input of that size.
      let count = unsafe plain.withUnsafeBytes { source in
        unsafe ZSTD_compress(frame.baseAddress, bound, source.baseAddress, source.count, Int32(level))
      }
      precondition(ZSTD_isError(count) == 0, "Zstandard found no memory to compress \(plain.count) bytes")
      initialized = count
    }
  }
}
