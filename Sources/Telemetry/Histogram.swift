internal import Synchronization

/// How many values lie below each of a few bounds, and their sum. Safe from any thread.
///
/// A short lock and not an atomic for each bucket, so that buckets, sum and count of one scrape belong together.
public final class Histogram: Metric {
  /// Bounds for what takes between a tenth of a millisecond and ten seconds.
  public static let latencySeconds: [Double] = [
    0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
  ]

  private struct State {
    /// How many values are in each bucket and no earlier one; the last is above every bound.
    var counts: [UInt64]
    var sum = 0.0
  }

  private let bounds: [Double]
  private let state: Mutex<State>

  /// `bounds` ascend; they are upper bounds, inclusive, in the metric's unit.
  public init(bounds: [Double]) {
    precondition(!bounds.isEmpty && zip(bounds, bounds.dropFirst()).allSatisfy(<), "bounds of a histogram ascend")
    self.bounds = bounds
    state = Mutex(State(counts: Array(repeating: 0, count: bounds.count + 1)))
  }

  /// Counts a value. O(log bounds).
  public func observe(_ value: Double) {
    var low = 0
    var high = bounds.count
    while low < high {
      let middle = (low + high) / 2
      if bounds[middle] < value { low = middle + 1 } else { high = middle }
    }
    state.withLock {
      $0.counts[low] += 1
      $0.sum += value
    }
  }

  public func samples() -> [MetricSample] {
    let now = state.withLock { $0 }
    var below: UInt64 = 0
    var samples: [MetricSample] = []
    for (count, bound) in zip(now.counts, bounds + [Double.infinity]) {
      below += count
      let label = MetricLabel("le", Exposition.text(of: bound))
      samples.append(MetricSample(suffix: "_bucket", labels: [label], value: Double(below)))
    }
    samples.append(MetricSample(suffix: "_sum", value: now.sum))
    samples.append(MetricSample(suffix: "_count", value: Double(below)))
    return samples
  }
}
