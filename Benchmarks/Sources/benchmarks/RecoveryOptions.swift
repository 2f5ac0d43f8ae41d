import Foundation

/// What `benchmarks recovery` is told.
struct RecoveryOptions {
  static let usage = """
    benchmarks recovery --brokers LIST [--sessions N] [--backlog N] [--runs N] [--checkpoints N] [--interval SECONDS]
                        [--rate N]... [--partitions N] [--listen HOST:PORT] [--work DIR] [--riffle FILE]
    """

  let brokers: String
  /// Sessions that are kept open.
  let sessions: Int
  /// Events that arrive while the engine is down.
  let backlog: Int
  /// Recoveries, and pairs of runs with and without checkpoints.
  let runs: Int
  /// At each rate.
  let checkpoints: Int
  /// Seconds from one checkpoint to the next.
  let interval: Int
  /// Events a second while stalls are measured.
  let rates: [Int]
  let partitions: Int
  let place: String
  let data: String
  let riffle: String

  init(_ arguments: [String]) throws {
    let known = [
      "--brokers", "--sessions", "--backlog", "--runs", "--checkpoints", "--interval", "--rate", "--partitions",
      "--listen", "--work",
      "--riffle",
    ]
    let flags = try Flags(arguments, known: known, usage: RecoveryOptions.usage)
    guard flags.operands.isEmpty else { throw flags.error("'\(flags.operands[0])' is no flag") }
    guard let brokers = flags.text("--brokers") else { throw flags.error("--brokers is needed") }
    self.brokers = brokers
    sessions = try flags.count("--sessions", default: 1_000_000)
    backlog = try flags.count("--backlog", default: 1_000_000)
    runs = try flags.count("--runs", default: 3)
    checkpoints = try flags.count("--checkpoints", default: 60)
    interval = try flags.count("--interval", default: 5)
    let rates = try flags.counts("--rate")
    self.rates = rates.isEmpty ? [2000, 15_000] : rates
    partitions = try flags.count("--partitions", default: 4)
    place = flags.text("--listen") ?? "127.0.0.1:8019"
    try FileManager.default.createDirectory(atPath: flags.work, withIntermediateDirectories: true)
    data = "\(flags.work)/recovery"
    riffle = try flags.riffle()
  }
}
