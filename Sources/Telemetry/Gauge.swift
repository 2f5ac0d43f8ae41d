internal import Synchronization

/// A number that rises and falls. Safe from any thread; atomic.
public final class Gauge: Metric {
  private let bits = Atomic<UInt64>(0)

  init() {}

  public func set(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }

  public func add(_ difference: Double) {
    var expected = bits.load(ordering: .relaxed)
    while true {
      let desired = (Double(bitPattern: expected) + difference).bitPattern
      let result = bits.weakCompareExchange(expected: expected, desired: desired, ordering: .relaxed)
      if result.exchanged { return }
      expected = result.original
    }
  }

  public var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

  public func samples() -> [MetricSample] { [MetricSample(value: value)] }
}
