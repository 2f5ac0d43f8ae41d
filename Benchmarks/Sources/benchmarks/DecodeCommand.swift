/// `benchmarks decode FILE`: what decoding one event costs, on one core.
enum DecodeCommand {
  static func run(_ arguments: [String]) throws {
    guard arguments.count == 1, !arguments[0].hasPrefix("-") else {
      throw BenchmarkError("usage: benchmarks decode FILE.ndjson", exitCode: 64)
    }
    for result in try DecodeBenchmark.run(Lines(path: arguments[0], byteLimit: 1 << 30)) { print(result.row) }
  }
}
