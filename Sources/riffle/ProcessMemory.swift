internal import CMalloc

/// How this process keeps its memory.
enum ProcessMemory {
  /// Batches of megabytes come and go all the time: freed memory is kept for the next one, in one heap, in place of
  /// being given back to the kernel, which would clear every page again.
  static func keepFreedMemory() {
    _ = mallopt(M_ARENA_MAX, 1)
    // The greatest that glibc takes: half a heap.
    _ = mallopt(M_MMAP_THRESHOLD, 32 << 20)
    _ = mallopt(M_TRIM_THRESHOLD, 512 << 20)
  }
}
