import Foundation
import Kafka

/// `benchmarks freshness`: how long it takes from sending an event until HTTP shows it, beside traffic.
enum FreshnessCommand {
  static func run(_ arguments: [String]) throws {
    let options = try FreshnessOptions(arguments)
    try FileManager.default.createDirectory(atPath: options.work, withIntermediateDirectories: true)
    var results: [FreshnessResult] = []
    for rate in options.rates {
      for (name, options) in modes(options) {
        Output.note("\(rate) events/s for \(options.seconds) s\(name.isEmpty ? "" : ", \(name)")")
        let shop =
          try options.brokers.map { try LiveShop(brokers: $0, rate: rate, options) }
          ?? LiveShop(embedded: rate, options)
        results.append(try measure(shop, rate, name, options))
      }
    }
    print(FreshnessResult.table(results, brokers: options.brokers))
    for rate in options.rates where options.mergingRounds > 0 { print(MergingCost(results, rate).text) }
    print(try Output.jsonLine(["freshness": results.map(\.json), "brokers": options.brokers ?? "embedded"]))
    for result in results where result.eventsPerSecond < 0.95 * Double(result.rate) {
      throw BenchmarkError(
        "the answer says nothing: only \(result.eventsPerSecond.text(decimals: 0)) of \(result.rate) events/s came",
        exitCode: 1)
    }
  }

  /// Settings under which all that is stored is merged again as soon as there is more of it. How much a merge rests is
  /// left as it is.
  private static let alwaysMerging = [
    "checkpoint.interval=1s", "compaction.interval=100ms", "compaction.fan_in=2", "compaction.tail_row_groups=2",
    "compaction.smallest_bytes=1GiB",
  ]
  private static let neverMerging = ["checkpoint.interval=1s", "compaction.enabled=false"]

  /// What is measured at each rate: a name and the engine's settings.
  private static func modes(_ options: FreshnessOptions) -> [(String, FreshnessOptions)] {
    if options.mergingRounds == 0 { return [("", options)] }
    return (0..<options.mergingRounds).flatMap { _ in
      [("without merges", neverMerging), ("merging", alwaysMerging)].map { name, settings in
        var changed = options
        changed.settings += settings.flatMap { ["--set", $0] }
        return (name, changed)
      }
    }
  }

  private static func measure(
    _ shop: LiveShop, _ rate: Int, _ name: String, _ options: FreshnessOptions
  ) throws -> FreshnessResult {
    let markers = try Markers(brokers: shop.brokers, topic: shop.topic, connection: shop.connection)
    // The first answers are those of a process that is still settling.
    try markers.run(seconds: 3)
    let before = (offset: try shop.offset(), cpu: try shop.cpuSeconds(), time: ContinuousClock.now)
    let delays = try markers.run(seconds: options.seconds)
    let elapsed = (ContinuousClock.now - before.time) / .seconds(1)
    return FreshnessResult(
      rate: rate, mode: name, delays: delays.map(\.visible).sorted(),
      brokerDelays: delays.map(\.acknowledged).sorted(), eventsPerSecond: (try shop.offset() - before.offset) / elapsed,
      cores: (try shop.cpuSeconds() - before.cpu) / elapsed)
  }
}

/// The delays of one measurement.
struct FreshnessResult {
  let rate: Int
  /// Whether segments were merged meanwhile; empty where nobody asked.
  let mode: String
  /// Milliseconds until markers were visible, ascending.
  let delays: [Double]
  /// Milliseconds until the broker had them, ascending.
  let brokerDelays: [Double]
  /// What the engine read meanwhile.
  let eventsPerSecond: Double
  /// CPU time of the engine, with the embedded broker and shoppers where they are in its process.
  let cores: Double

  /// The delay that `share` of all do not exceed.
  func delay(_ share: Double, of delays: [Double]? = nil) -> Double {
    let delays = delays ?? self.delays
    return delays.isEmpty ? 0 : delays[min(delays.count - 1, Int((Double(delays.count) * share).rounded(.up)) - 1)]
  }

  static func table(_ results: [FreshnessResult], brokers: String?) -> String {
    let rows = results.map { result in
      [
        "\(result.rate) \(result.mode)", result.eventsPerSecond.text(decimals: 0), "\(result.delays.count)",
        result.delay(0.5).text(decimals: 1), result.delay(0.95).text(decimals: 1),
        result.delay(0.99).text(decimals: 1), result.delay(1).text(decimals: 1),
        result.delay(0.99, of: result.brokerDelays).text(decimals: 1),
        result.delay(1, of: result.brokerDelays).text(decimals: 1), result.cores.text(decimals: 2),
      ]
    }
    let head = [
      "events/s asked for", "read", "markers", "p50 ms", "p95 ms", "p99 ms", "most ms", "acked p99", "most", "cores",
    ]
    return "sent until visible over HTTP, \(brokers.map { "Kafka at \($0)" } ?? "embedded broker")\n\n"
      + Output.align([head] + rows)
  }

  var json: [String: Any] {
    [
      "rate": rate, "mode": mode, "events_per_second": eventsPerSecond.rounded(decimals: 0), "markers": delays.count,
      "p50_ms": delay(0.5).rounded(decimals: 1), "p95_ms": delay(0.95).rounded(decimals: 1),
      "p99_ms": delay(0.99).rounded(decimals: 1), "max_ms": delay(1).rounded(decimals: 1),
      "acknowledged_p99_ms": delay(0.99, of: brokerDelays).rounded(decimals: 1),
      "acknowledged_max_ms": delay(1, of: brokerDelays).rounded(decimals: 1),
      "cores": cores.rounded(decimals: 2),
    ]
  }
}

/// How much later events are seen while segments are merged.
struct MergingCost {
  private let rate: Int
  private let ratios: [Double]

  init(_ results: [FreshnessResult], _ rate: Int) {
    func delays(_ mode: String) -> [Double] {
      results.filter { $0.rate == rate && $0.mode == mode }.map { $0.delay(0.99) }
    }
    self.rate = rate
    ratios = zip(delays("merging"), delays("without merges")).map { $0 / max($1, 0.001) }
  }

  var text: String {
    "\(rate) events/s: p99 while merging is \(ratios.median.text(decimals: 2)) times that without"
      + " (\(ratios.map { $0.text(decimals: 2) }.joined(separator: ", ")))"
  }
}
