import Foundation

/// `benchmarks backfill`: the release executable over a file of events beside DuckDB, and whether the answers agree.
enum BackfillCommand {
  /// Bytes of the input that the decoder is measured with.
  static let decodeBytes = 128 << 20

  static func run(_ arguments: [String]) throws {
    let options = try BackfillOptions(arguments)
    try FileManager.default.createDirectory(atPath: options.work, withIntermediateDirectories: true)
    let files = try options.input.isEmpty ? [generated(options)] : options.input
    let lines = try Lines.count(inFilesAt: files)
    let duckdb = peer(options)
    var report = BackfillReport(files: files, lines: lines, duckdbVersion: duckdb?.version)
    // Alternating, so that both see the same machine.
    for run in 1...options.runs {
      Output.note("Run \(run) of \(options.runs)")
      report.backfills.append(try backfill(files, options))
      if let duckdb { report.add(try duckdb.runQuery(files)) }
    }
    var differences = try conservation(report, lines)
    if let duckdb {
      let answer = try exportedAnswer(report, options)
      report.comparedWindows = answer.windowCount
      differences += try answer.differences(from: duckdb.answer(files))
    }
    // Last, since a child's memory is counted from that of this process.
    report.decodes = try DecodeBenchmark.run(Lines(path: files[0], byteLimit: decodeBytes))
    print(report.table)
    print(try Output.jsonLine(report.json(isRight: differences.isEmpty)))
    if !differences.isEmpty {
      throw BenchmarkError("The answer is wrong:\n" + differences.joined(separator: "\n"), exitCode: 1)
    }
  }

  /// The file of made-up events, written once for each count: a single partition in the order of time.
  private static func generated(_ options: BackfillOptions) throws -> String {
    let path = "\(options.work)/events-\(options.events).ndjson"
    if FileManager.default.fileExists(atPath: path) { return path }
    Output.note("Generating \(options.events) lines into \(path)")
    let partial = path + ".partial"
    _ = try ChildProcess.succeed(
      [
        options.riffle, "produce", "--to", partial, "--events", "\(options.events)", "--seed", "42", "--anonymous", "0",
        "--late", "0", "--far-duplicates", "0",
      ], isQuiet: true)
    try FileManager.default.moveItem(atPath: partial, toPath: path)
    return path
  }

  private static func peer(_ options: BackfillOptions) -> DuckDB? {
    do {
      return try DuckDB(python: options.duckdbPython, work: options.work)
    } catch {
      Output.note("Without DuckDB, so answers are not compared: \(error)")
      return nil
    }
  }

  private static func dataDirectory(_ options: BackfillOptions) -> String { "\(options.work)/data" }

  /// One run on a fresh data directory.
  private static func backfill(_ files: [String], _ options: BackfillOptions) throws -> ChildProcess {
    let directory = dataDirectory(options)
    if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
    return try ChildProcess.succeed([options.riffle, "backfill"] + files + ["--data", directory], isQuiet: true)
  }

  private static func exportedAnswer(_ report: BackfillReport, _ options: BackfillOptions) throws -> KpiAnswer {
    let export = try ChildProcess.succeed(
      [options.riffle, "export", "--table", "kpi_1m", "--data", dataDirectory(options)])
    return try KpiAnswer(totals: report.backfills.last?.output ?? "", windows: export.output)
  }

  /// Whether every line of every run is exactly one of accepted, duplicate and dead letter.
  private static func conservation(_ report: BackfillReport, _ lines: Int) throws -> [String] {
    try report.backfills.compactMap { run in
      let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any] ?? [:]
      let count = { (name: String) in object[name] as? Int ?? -1 }
      let sum = count("accepted") + count("duplicates") + count("dead_letters")
      return count("received") == lines && sum == lines ? nil : "of \(lines) lines the summary has: \(run.output)"
    }
  }
}
