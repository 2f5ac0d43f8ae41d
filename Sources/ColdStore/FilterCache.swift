internal import Synchronization

/// Bloom filters of an open file that were asked before: read and checked once, so that who looks a text up in
/// hundreds of row groups asks memory.
///
/// Those of all files together take so much memory at most; others are read each time.
final class FilterCache: Sendable {
  private static let byteCountMax = 64 << 20
  private static let heldBytes = Atomic(0)

  private struct Place: Hashable {
    let group: Int
    let column: Int
  }

  private let filters = Mutex<[Place: BloomFilter]>([:])

  deinit {
    let byteCount = filters.withLock { $0.values.reduce(0) { $0 + $1.bytes.count } }
    FilterCache.heldBytes.subtract(byteCount, ordering: .relaxed)
  }

  /// The filter of the column at `column` of row group `group`, as `read` gives it the first time.
  func filter(_ group: Int, _ column: Int, read: () throws -> BloomFilter) rethrows -> BloomFilter {
    let place = Place(group: group, column: column)
    if let known = filters.withLock({ $0[place] }) { return known }
    // Read outside the lock: of two readers at once one reads in vain.
    let filter = try read()
    filters.withLock { filters in
      guard filters[place] == nil, FilterCache.reserve(filter.bytes.count) else { return }
      filters[place] = filter
    }
    return filter
  }

  /// Whether there is room for `byteCount` bytes, which is taken then.
  private static func reserve(_ byteCount: Int) -> Bool {
    let held = heldBytes.add(byteCount, ordering: .relaxed).newValue
    if held <= byteCountMax { return true }
    heldBytes.subtract(byteCount, ordering: .relaxed)
    return false
  }
}
