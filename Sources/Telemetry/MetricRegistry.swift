internal import Synchronization

/// Every metric of a process, registered once by name, exposed in Prometheus' text format.
///
/// Names follow Prometheus' conventions, without the prefix, which the registry adds: base units (`_seconds`,
/// `_bytes`), and `_total` behind counters. Help is one sentence. A wrong or repeated name is a mistake in our code
/// and traps.
///
///     let answers = registry.counters("http_requests_total", "Requests answered.", labels: ["route", "status"])
///     answers.series("/health", "200").add()
public final class MetricRegistry: Sendable {
  private struct Entry: Sendable {
    let name: String
    let help: String
    let kind: MetricKind
    let samples: @Sendable () -> [MetricSample]
  }

  private let prefix: String
  private let seriesCountMax: Int
  private let entries = Mutex<[Entry]>([])
  /// Forget what was read for one scrape.
  private let forgetting = Mutex<[@Sendable () -> Void]>([])

  /// `seriesCountMax` bounds the series of each metric; see `MetricFamily`.
  public init(prefix: String = "riffle_", seriesCountMax: Int = 1000) {
    self.prefix = prefix
    self.seriesCountMax = seriesCountMax
  }

  public func counter(_ name: String, _ help: String) -> Counter {
    let counter = Counter()
    register(name, help, .counter) { counter.samples() }
    return counter
  }

  public func counters(_ name: String, _ help: String, labels: [String]) -> MetricFamily<Counter> {
    family(name, help, .counter, labels) { Counter() }
  }

  public func gauge(_ name: String, _ help: String) -> Gauge {
    let gauge = Gauge()
    register(name, help, .gauge) { gauge.samples() }
    return gauge
  }

  public func histogram(_ name: String, _ help: String, bounds: [Double] = Histogram.latencySeconds) -> Histogram {
    let histogram = Histogram(bounds: bounds)
    register(name, help, .histogram) { histogram.samples() }
    return histogram
  }

  /// A histogram that somebody else keeps.
  public func histogram(_ name: String, _ help: String, _ histogram: Histogram) {
    register(name, help, .histogram) { histogram.samples() }
  }

  public func histograms(
    _ name: String, _ help: String, labels: [String], bounds: [Double] = Histogram.latencySeconds
  ) -> MetricFamily<Histogram> {
    family(name, help, .histogram, labels) { Histogram(bounds: bounds) }
  }

  /// A counter or gauge whose number is kept elsewhere: `read` is called at each scrape, from any thread.
  public func reading(
    _ name: String, _ help: String, _ kind: MetricKind = .gauge, _ read: @escaping @Sendable () -> Double
  ) {
    register(name, help, kind) { [MetricSample(value: read())] }
  }

  /// The same with labels: `read` gives every series of the moment.
  public func readings(
    _ name: String, _ help: String, _ kind: MetricKind = .gauge,
    _ read: @escaping @Sendable () -> [(labels: [MetricLabel], value: Double)]
  ) {
    register(name, help, kind) { read().map { MetricSample(labels: $0.labels, value: $0.value) } }
  }

  /// A constant that is told by labels alone: a gauge of 1.
  public func information(_ name: String, _ help: String, _ labels: [MetricLabel]) {
    register(name, help, .gauge) { [MetricSample(labels: labels, value: 1)] }
  }

  /// A metric that has a name of its own in Prometheus' world, and so not our prefix; left out while `read` knows
  /// nothing.
  func standard(
    _ name: String, _ help: String, _ kind: MetricKind = .gauge, _ read: @escaping @Sendable () -> Double?
  ) {
    register(name, help, kind, prefix: "") { read().map { [MetricSample(value: $0)] } ?? [] }
  }

  /// What several metrics are made of: `read` is called at most once for each scrape, so that their numbers belong
  /// together and are worked out once.
  public func oncePerScrape<Value: Sendable>(_ read: @escaping @Sendable () -> Value) -> @Sendable () -> Value {
    let kept = Kept<Value>()
    forgetting.withLock { $0.append { kept.value.withLock { $0 = nil } } }
    return {
      kept.value.withLock { value in
        if let value { return value }
        let new = read()
        value = new
        return new
      }
    }
  }

  private final class Kept<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
  }

  /// All metrics, in the order of their names.
  public func exposition() -> String {
    var text = ""
    let forgetting = forgetting.withLock { $0 }
    forgetting.forEach { $0() }
    // What was read is not kept from one scrape to the next.
    defer { forgetting.forEach { $0() } }
    for entry in entries.withLock({ $0 }) {
      Exposition.append(name: entry.name, help: entry.help, kind: entry.kind, samples: entry.samples(), to: &text)
    }
    return text
  }

  private func family<Series: Metric>(
    _ name: String, _ help: String, _ kind: MetricKind, _ labels: [String], _ make: @escaping @Sendable () -> Series
  ) -> MetricFamily<Series> {
    precondition(labels.allSatisfy(Exposition.isName), "labels of \(name) are names: \(labels)")
    let family = MetricFamily(labelNames: labels, seriesCountMax: seriesCountMax, make: make)
    register(name, help, kind) { family.samples() }
    return family
  }

  private func register(
    _ name: String, _ help: String, _ kind: MetricKind, prefix: String? = nil,
    _ samples: @escaping @Sendable () -> [MetricSample]
  ) {
    precondition(Exposition.isName(name), "'\(name)' is no name of a metric")
    precondition((kind == .counter) == name.hasSuffix("_total"), "counters end in _total, others do not: '\(name)'")
    let entry = Entry(name: (prefix ?? self.prefix) + name, help: help, kind: kind, samples: samples)
    entries.withLock { entries in
      let at = entries.firstIndex { $0.name >= entry.name } ?? entries.endIndex
      precondition(at == entries.endIndex || entries[at].name != entry.name, "'\(entry.name)' is registered twice")
      entries.insert(entry, at: at)
    }
  }
}
