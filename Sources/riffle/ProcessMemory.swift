internal import CMimalloc

/// Where the memory of this process comes from: mimalloc, in place of the C library's `malloc`, by being linked first.
///
/// A message of Kafka is allocated by librdkafka's thread and freed by a lane's, and batches go from lane to key group
/// to landing: the C library's allocator takes a lock for each such block, and either gives batches of megabytes back
/// to the kernel, which clears every page again, or keeps what threads have freed apart.
enum ProcessMemory {
  /// Of the allocator, like `2.0.9`. Asking for it is what keeps the library linked.
  static var allocatorVersion: String {
    let digits = mi_version()
    return "\(digits / 100).\(digits / 10 % 10).\(digits % 10)"
  }

  /// Keeps freed pages for a second, which is longer than a batch lives and the next one takes its place: by default
  /// the allocator gives them back within 25 ms, and the kernel clears half of what a busy engine allocates anew.
  static func keepFreedPages() { riffle_keep_freed_pages(1000) }
}
