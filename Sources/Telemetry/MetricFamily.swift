internal import Synchronization

/// The series of one metric, one for each combination of label values that was asked for.
///
/// Bounded: beyond `seriesCountMax` combinations, all new ones share the series whose labels are `other`, so that no
/// client can fill the memory with names.
public final class MetricFamily<Series: Metric>: Sendable {
  public let labelNames: [String]
  private let seriesCountMax: Int
  private let make: @Sendable () -> Series
  private let table = Mutex<[[String]: Series]>([:])

  init(labelNames: [String], seriesCountMax: Int, make: @escaping @Sendable () -> Series) {
    self.labelNames = labelNames
    self.seriesCountMax = seriesCountMax
    self.make = make
  }

  /// The series with these label values, in the order of `labelNames`. Keep it where the values do not change: finding
  /// it costs a lock and a look-up.
  public func series(_ values: String...) -> Series {
    precondition(values.count == labelNames.count, "a value for each of the labels \(labelNames)")
    return table.withLock { table in
      if let known = table[values] { return known }
      let isFull = table.count >= seriesCountMax
      let key = isFull ? Array(repeating: "other", count: values.count) : values
      if let known = table[key] { return known }
      let series = make()
      table[key] = series
      return series
    }
  }

  func samples() -> [MetricSample] {
    let all = table.withLock { $0 }.sorted { $0.key.lexicographicallyPrecedes($1.key) }
    return all.flatMap { values, series in
      let labels = zip(labelNames, values).map { MetricLabel($0, $1) }
      return series.samples().map { $0.labeled(labels) }
    }
  }
}
