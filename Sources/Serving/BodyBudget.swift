internal import Synchronization

/// The bytes of bodies that are held, over all connections.
final class BodyBudget: Sendable {
  private let used = Atomic<Int>(0)
  private let bytesMax: Int

  init(bytesMax: Int) { self.bytesMax = bytesMax }

  /// False where there is no room; nothing is taken then.
  func take(_ byteCount: Int) -> Bool {
    guard used.add(byteCount, ordering: .relaxed).newValue > bytesMax else { return true }
    give(byteCount)
    return false
  }

  func give(_ byteCount: Int) { used.subtract(byteCount, ordering: .relaxed) }
}
