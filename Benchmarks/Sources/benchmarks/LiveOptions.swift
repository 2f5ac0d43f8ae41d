import Foundation

/// What `benchmarks live` is told.
struct LiveOptions {
  static let usage = "benchmarks live BROKERS TOPIC [--runs N] [--work DIR] [--riffle FILE]"

  let brokers: String
  let topic: String
  var runs = 3
  /// Where the data directory is made anew for each run.
  var work = FileManager.default.temporaryDirectory.appending(path: "riffle-benchmarks").path
  var riffle = ".build/release/riffle"

  init(_ arguments: [String]) throws {
    guard arguments.count >= 2, !arguments.prefix(2).contains(where: { $0.hasPrefix("-") }) else {
      throw LiveOptions.usageError("brokers and topic come first")
    }
    (brokers, topic) = (arguments[0], arguments[1])
    var rest = arguments[2...]
    while let flag = rest.popFirst() {
      guard let value = rest.popFirst() else { throw LiveOptions.usageError("\(flag) needs a value") }
      switch flag {
      case "--runs":
        guard let count = Int(value), count > 0 else {
          throw LiveOptions.usageError("--runs takes a count of at least 1, not '\(value)'")
        }
        runs = count
      case "--work": work = value
      case "--riffle": riffle = value
      default: throw LiveOptions.usageError("unknown flag '\(flag)'")
      }
    }
    guard FileManager.default.isExecutableFile(atPath: riffle) else {
      throw BenchmarkError("no executable at \(riffle): run 'make build', or name one with --riffle", exitCode: 66)
    }
  }

  private static func usageError(_ problem: String) -> BenchmarkError {
    BenchmarkError("\(problem)\nusage: \(usage)", exitCode: 64)
  }
}
