/// A name and a value that tell series of one metric apart.
public struct MetricLabel: Sendable, Hashable {
  public let name: String
  public let value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// One number of a metric at the time of a scrape.
public struct MetricSample: Sendable, Equatable {
  /// What follows the metric's name: `_bucket`, or nothing.
  public let suffix: String
  public let labels: [MetricLabel]
  public let value: Double

  public init(suffix: String = "", labels: [MetricLabel] = [], value: Double) {
    self.suffix = suffix
    self.labels = labels
    self.value = value
  }

  /// The same sample with labels in front of its own.
  func labeled(_ more: [MetricLabel]) -> MetricSample {
    more.isEmpty ? self : MetricSample(suffix: suffix, labels: more + labels, value: value)
  }
}

/// One series: something that counts, and can be asked while others count.
public protocol Metric: AnyObject, Sendable {
  func samples() -> [MetricSample]
}

/// The word that Prometheus has for a metric.
public enum MetricKind: String, Sendable {
  case counter
  case gauge
  case histogram
}
