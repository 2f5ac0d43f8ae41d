/// The stalls that `/metrics` told of until some moment, as a histogram.
struct StallReading {
  /// Upper bounds in seconds with the number of stalls that they hold, ascending.
  private var buckets: [(bound: Double, below: Double)] = []

  /// - Parameter exposition: of `/metrics`.
  init(_ exposition: String) {
    let start = "riffle_checkpoint_stall_seconds_bucket{le=\""
    for line in exposition.split(separator: "\n") where line.hasPrefix(start) {
      let rest = line.dropFirst(start.count)
      guard let quote = rest.firstIndex(of: "\""), let space = rest.lastIndex(of: " "),
        let below = Double(rest[rest.index(after: space)...])
      else { continue }
      buckets.append((Double(rest[..<quote]) ?? .infinity, below))
    }
  }

  /// What came since `earlier`.
  func since(_ earlier: StallReading) -> StallReading {
    var change = self
    for index in buckets.indices where index < earlier.buckets.count {
      change.buckets[index].below -= earlier.buckets[index].below
    }
    return change
  }

  var count: Double { buckets.last?.below ?? 0 }

  /// The least bound, in milliseconds, that holds `share` of all stalls.
  func milliseconds(_ share: Double) -> Double {
    (buckets.first { $0.below >= (count * share).rounded(.up) }?.bound ?? 0) * 1000
  }
}
