import Foundation

/// What `benchmarks live` is told.
struct LiveOptions {
  static let usage = """
    benchmarks live BROKERS TOPIC [--input FILE] [--partitions N] [--runs N] [--work DIR] [--riffle FILE]
                      [--flink-script FILE [--flink-python FILE]]
           benchmarks live --log-server FILE --input FILE [the same flags]
    """

  /// What comes where on the command line.
  enum Source {
    /// A Kafka that runs.
    case topic(brokers: String, name: String)
    /// A program that is called with a port and a number of partitions, and then holds the topic `events` for clients
    /// that are not idempotent.
    case logServer(path: String)
  }

  let source: Source
  /// Lines to fill the topic with; nil takes it as it is.
  let input: String?
  let partitions: Int
  let runs: Int
  /// Where the data directory is made anew for each run.
  let work: String
  let riffle: String
  let flinkScript: String?
  let flinkPython: String

  init(_ arguments: [String]) throws {
    let known = [
      "--input", "--partitions", "--runs", "--work", "--riffle", "--log-server", "--flink-script", "--flink-python",
    ]
    let flags = try Flags(arguments, known: known, usage: LiveOptions.usage)
    input = flags.text("--input")
    partitions = try flags.count("--partitions", default: 4)
    runs = try flags.count("--runs", default: 3)
    work = flags.work
    riffle = try flags.riffle()
    flinkScript = flags.text("--flink-script")
    flinkPython = flags.text("--flink-python") ?? "python3"
    if let path = flags.text("--log-server") {
      guard flags.operands.isEmpty else { throw flags.error("--log-server is in place of brokers and topic") }
      guard input != nil else { throw flags.error("a log server begins empty: give --input") }
      source = .logServer(path: path)
    } else {
      guard flags.operands.count == 2 else { throw flags.error("brokers and topic are needed") }
      source = .topic(brokers: flags.operands[0], name: flags.operands[1])
    }
    for file in [input, flinkScript].compactMap(\.self) where !FileManager.default.isReadableFile(atPath: file) {
      throw BenchmarkError("cannot read \(file)", exitCode: 66)
    }
  }
}
