import Foundation

/// What the runs of `benchmarks backfill` gave, as a table for people and a line of JSON for machines.
struct BackfillReport {
  let files: [String]
  let lines: Int
  let duckdbVersion: String?
  var backfills: [ChildProcess] = []
  var queries: [ChildProcess] = []
  var querySeconds: [Double] = []
  var decodes: [DecodeBenchmark.Result] = []
  /// Minutes whose KPIs were compared; nil where there was nothing to compare with.
  var comparedWindows: Int?

  init(files: [String], lines: Int, duckdbVersion: String?) {
    self.files = files
    self.lines = lines
    self.duckdbVersion = duckdbVersion
  }

  mutating func add(_ query: (process: ChildProcess, jobSeconds: Double)) {
    queries.append(query.process)
    querySeconds.append(query.jobSeconds)
  }

  private var backfill: RunMedians { RunMedians(backfills) }
  /// How many times as long as DuckDB's query alone; nil without DuckDB.
  private var jobRatio: Double? {
    duckdbVersion.map { _ in backfill.wallSeconds / max(querySeconds.median, 0.001) }
  }

  var table: String {
    var rows = [["", "wall s", "CPU s", "peak MB", "events/s", "CPU us/event"]]
    rows.append(row("riffle backfill", backfill, wallSeconds: backfill.wallSeconds))
    if let duckdbVersion {
      let query = RunMedians(queries)
      rows.append(row("DuckDB \(duckdbVersion) W1", query, wallSeconds: query.wallSeconds))
      rows.append(["  its query alone", querySeconds.median.text(decimals: 2), "", "", rate(querySeconds.median), ""])
    }
    var text =
      "\(lines) lines, \(files.count) file(s), medians of \(backfills.count) run(s)\n\n" + Output.align(rows)
    if let jobRatio { text += "\n\nbackfill takes \(jobRatio.text(decimals: 2)) times as long as DuckDB's query alone" }
    text += "\n" + (comparedWindows.map { "answers compared: \($0) minutes" } ?? "answers not compared")
    return text + "\n\ndecode, one core\n" + decodes.map(\.row).joined(separator: "\n")
  }

  private func row(_ name: String, _ run: RunMedians, wallSeconds: Double) -> [String] {
    [
      name, wallSeconds.text(decimals: 2), run.cpuSeconds.text(decimals: 2), run.peakMegabytes.text(decimals: 0),
      rate(wallSeconds), (run.cpuSeconds * 1e6 / Double(lines)).text(decimals: 2),
    ]
  }

  private func rate(_ seconds: Double) -> String { (Double(lines) / seconds).text(decimals: 0) }

  func json(isRight: Bool) -> [String: Any] {
    var decode: [String: Any] = [:]
    for result in decodes { decode[result.name] = result.json }
    return [
      "events": lines, "runs": backfills.count, "decode": decode,
      "backfill": BackfillReport.json(backfill, lines: lines, seconds: backfill.wallSeconds),
      "duckdb_w1": duckdbVersion.map { version -> Any in
        var object = BackfillReport.json(RunMedians(queries), lines: lines, seconds: querySeconds.median)
        object["version"] = version
        object["query_seconds"] = querySeconds.median.rounded(decimals: 3)
        return object
      } ?? NSNull(),
      "seconds_over_duckdb_w1": jobRatio.map { $0.rounded(decimals: 3) as Any } ?? NSNull(),
      "answers_compared": comparedWindows != nil, "answer_is_right": isRight,
    ]
  }

  private static func json(_ run: RunMedians, lines: Int, seconds: Double) -> [String: Any] {
    [
      "wall_seconds": run.wallSeconds.rounded(decimals: 3), "cpu_seconds": run.cpuSeconds.rounded(decimals: 3),
      "peak_megabytes": run.peakMegabytes.rounded(decimals: 1),
      "events_per_second": (Double(lines) / seconds).rounded(decimals: 0),
    ]
  }
}
