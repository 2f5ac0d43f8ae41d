import Foundation
import Kafka

/// `benchmarks freshness`: how long it takes from sending an event until HTTP shows it, beside traffic.
enum FreshnessCommand {
  static func run(_ arguments: [String]) throws {
    let options = try FreshnessOptions(arguments)
    try FileManager.default.createDirectory(atPath: options.work, withIntermediateDirectories: true)
    var results: [FreshnessResult] = []
    for rate in options.rates {
      Output.note("\(rate) events/s for \(options.seconds) s")
      let shop =
        try options.brokers.map { try LiveShop(brokers: $0, rate: rate, options) }
        ?? LiveShop(embedded: rate, options)
      results.append(try measure(shop, rate, options))
    }
    print(FreshnessResult.table(results, brokers: options.brokers))
    print(try Output.jsonLine(["freshness": results.map(\.json), "brokers": options.brokers ?? "embedded"]))
    for result in results where result.eventsPerSecond < 0.95 * Double(result.rate) {
      throw BenchmarkError(
        "the answer says nothing: only \(result.eventsPerSecond.text(decimals: 0)) of \(result.rate) events/s came",
        exitCode: 1)
    }
  }

  private static func measure(_ shop: LiveShop, _ rate: Int, _ options: FreshnessOptions) throws -> FreshnessResult {
    let markers = try Markers(brokers: shop.brokers, topic: shop.topic, connection: shop.connection)
    // The first answers are those of a process that is still settling.
    try markers.run(seconds: 3)
    let before = (offset: try shop.offset(), cpu: try shop.cpuSeconds(), time: ContinuousClock.now)
    let delays = try markers.run(seconds: options.seconds)
    let elapsed = (ContinuousClock.now - before.time) / .seconds(1)
    return FreshnessResult(
      rate: rate, delays: delays.sorted(), eventsPerSecond: (try shop.offset() - before.offset) / elapsed,
      cores: (try shop.cpuSeconds() - before.cpu) / elapsed)
  }
}

/// The delays of one measurement.
struct FreshnessResult {
  let rate: Int
  /// Milliseconds, ascending.
  let delays: [Double]
  /// What the engine read meanwhile.
  let eventsPerSecond: Double
  /// CPU time of the engine, with the embedded broker and shoppers where they are in its process.
  let cores: Double

  /// The delay that `share` of all do not exceed.
  func delay(_ share: Double) -> Double {
    delays.isEmpty ? 0 : delays[min(delays.count - 1, Int((Double(delays.count) * share).rounded(.up)) - 1)]
  }

  static func table(_ results: [FreshnessResult], brokers: String?) -> String {
    let rows = results.map { result in
      [
        "\(result.rate)", result.eventsPerSecond.text(decimals: 0), "\(result.delays.count)",
        result.delay(0.5).text(decimals: 1), result.delay(0.95).text(decimals: 1),
        result.delay(0.99).text(decimals: 1), result.delay(1).text(decimals: 1), result.cores.text(decimals: 2),
      ]
    }
    let head = ["events/s asked for", "read", "markers", "p50 ms", "p95 ms", "p99 ms", "most ms", "cores"]
    return "sent until visible over HTTP, \(brokers.map { "Kafka at \($0)" } ?? "embedded broker")\n\n"
      + Output.align([head] + rows)
  }

  var json: [String: Any] {
    [
      "rate": rate, "events_per_second": eventsPerSecond.rounded(decimals: 0), "markers": delays.count,
      "p50_ms": delay(0.5).rounded(decimals: 1), "p95_ms": delay(0.95).rounded(decimals: 1),
      "p99_ms": delay(0.99).rounded(decimals: 1), "max_ms": delay(1).rounded(decimals: 1),
      "cores": cores.rounded(decimals: 2),
    ]
  }
}
