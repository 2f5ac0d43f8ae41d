import Foundation

/// What `benchmarks freshness` is told.
struct FreshnessOptions {
  static let usage = """
    benchmarks freshness [--brokers LIST] [--rate N]... [--seconds N] [--partitions N] [--merging ROUNDS]
                      [--set KEY=VALUE]... [--listen HOST:PORT] [--work DIR] [--riffle FILE]
    """

  /// Nil for `riffle demo` with its embedded broker.
  let brokers: String?
  /// Events a second of the traffic beside which markers are sent, one measurement each.
  let rates: [Int]
  /// Of each measurement.
  let seconds: Int
  let partitions: Int
  /// So many times each rate is measured without merges and with merges all the time; 0 for once, as it is.
  let mergingRounds: Int
  /// Of the engine.
  var settings: [String]
  let place: String
  let work: String
  let riffle: String

  init(_ arguments: [String]) throws {
    let known = [
      "--brokers", "--rate", "--seconds", "--partitions", "--merging", "--set", "--listen", "--work", "--riffle",
    ]
    let flags = try Flags(arguments, known: known, usage: FreshnessOptions.usage)
    guard flags.operands.isEmpty else { throw flags.error("'\(flags.operands[0])' is no flag") }
    brokers = flags.text("--brokers")
    let rates = try flags.counts("--rate")
    self.rates = rates.isEmpty ? [2000, 15_000] : rates
    seconds = try flags.count("--seconds", default: 60)
    partitions = try flags.count("--partitions", default: 4)
    mergingRounds = try flags.counts("--merging").last ?? 0
    settings = flags.texts("--set").flatMap { ["--set", $0] }
    place = flags.text("--listen") ?? "127.0.0.1:8018"
    work = flags.work
    riffle = try flags.riffle()
  }
}
