import Foundation

/// What `benchmarks backfill` is told.
struct BackfillOptions {
  static let usage = """
    benchmarks backfill [--events N] [--runs N] [--input FILE]... [--work DIR] [--riffle FILE] [--duckdb-python FILE]
    """

  /// Lines to generate where no input is given.
  var events = 2_000_000
  var runs = 3
  /// NDJSON files, each a partition.
  var input: [String] = []
  /// Where generated events, DuckDB's environment and the data directory are; all but the last are kept.
  var work = FileManager.default.temporaryDirectory.appending(path: "riffle-benchmarks").path
  var riffle = ".build/release/riffle"
  /// A Python that has the package `duckdb`; without it one is made.
  var duckdbPython: String?

  init(_ arguments: [String]) throws {
    var rest = arguments[...]
    while let flag = rest.popFirst() {
      guard let value = rest.popFirst() else {
        throw BenchmarkError("\(flag) needs a value\nusage: \(BackfillOptions.usage)", exitCode: 64)
      }
      switch flag {
      case "--events": events = try BackfillOptions.count(flag, value)
      case "--runs": runs = try BackfillOptions.count(flag, value)
      case "--input": input.append(value)
      case "--work": work = value
      case "--riffle": riffle = value
      case "--duckdb-python": duckdbPython = value
      default: throw BenchmarkError("unknown flag '\(flag)'\nusage: \(BackfillOptions.usage)", exitCode: 64)
      }
    }
    for file in input where !FileManager.default.isReadableFile(atPath: file) {
      throw BenchmarkError("--input: cannot read \(file)", exitCode: 66)
    }
    guard FileManager.default.isExecutableFile(atPath: riffle) else {
      throw BenchmarkError("no executable at \(riffle): run 'make build', or name one with --riffle", exitCode: 66)
    }
  }

  private static func count(_ flag: String, _ text: String) throws -> Int {
    guard let value = Int(text), value > 0 else {
      throw BenchmarkError("\(flag) takes a count of at least 1, not '\(text)'", exitCode: 64)
    }
    return value
  }
}
