internal import Synchronization

/// A number that only grows. Safe from any thread; one relaxed atomic addition.
public final class Counter: Metric {
  private let total = Atomic<Int64>(0)

  init() {}

  /// Adds `count`, which is not negative.
  public func add(_ count: Int64 = 1) {
    assert(count >= 0, "a counter never falls")
    total.wrappingAdd(count, ordering: .relaxed)
  }

  public var value: Int64 { total.load(ordering: .relaxed) }

  public func samples() -> [MetricSample] { [MetricSample(value: Double(value))] }
}
