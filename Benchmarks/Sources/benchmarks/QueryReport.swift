import Columns
import Foundation

/// What `benchmarks query` found.
struct QueryReport {
  private let events: Int
  private var names: [String] = []
  private var times: [String: QueryTimes] = [:]
  private var answers: [String: [UInt8]] = [:]
  /// DuckDB's medians by the form of its table and the query.
  private var peers: [String: [String: Double]] = [:]
  private var peerProcessors: [String: [String: Double]] = [:]
  private var version: String?
  private(set) var differences: [String] = []

  init(events: Int) { self.events = events }

  mutating func add(_ name: String, _ times: QueryTimes, _ answer: [UInt8]) {
    names.append(name)
    self.times[name] = times
    answers[name] = answer
  }

  /// Lets DuckDB answer the same, and compares.
  mutating func compare(
    with python: String, _ files: [String], parameters: [String: Any], runs: Int, work: String
  ) throws {
    let path = "\(work)/query-answers.json"
    try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
    var rows: [String: Any] = [:]
    for name in names { rows[name] = try comparable(name) }
    try Output.jsonLine(["parameters": parameters, "rows": rows]).write(
      toFile: path, atomically: true, encoding: .utf8)
    let script = URL(filePath: DuckDB.script).deletingLastPathComponent().appending(path: "duckdb_queries.py").path
    let ended = try ChildProcess.succeed([python, script, "\(runs)", path] + files)
    guard let object = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any],
      let medians = object["median_ms"] as? [String: [String: Double]],
      let processors = object["cpu_ms"] as? [String: [String: Double]], let found = object["differences"] as? [String]
    else { throw BenchmarkError("duckdb_queries.py gave no answer", exitCode: 70) }
    (peers, peerProcessors, differences, version) = (medians, processors, found, object["version"] as? String)
  }

  /// The rows as DuckDB gives them: times in milliseconds, of the funnel only how many got to each step.
  private func comparable(_ name: String) throws -> [[Any]] {
    let answer = answers[name] ?? []
    let rows = try QueriedEvents.rows(answer)
    switch name {
    case "Q1", "Q2": return rows.map { [time($0[0])] + $0.dropFirst() }
    case "Q4": return rows.map { [$0[0], time($0[1]), $0[2]] }
    case "Q5": return [rows.map { $0[2] }]
    case "Q6":
      let object = try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any] ?? [:]
      return (object["rows"] as? [[String: Any]] ?? []).map { row in
        ["event_id", "event_ts", "event_type", "session_id", "product_id", "price"].map { name in
          name == "event_ts" ? time(row[name] ?? NSNull()) : row[name] ?? NSNull()
        }
      }
    default: return rows
    }
  }

  private func time(_ value: Any) -> Any { (value as? String).flatMap { EventTime.parse(dateOrTime: $0) } ?? NSNull() }

  private func median(_ name: String) -> Double { times[name]?.milliseconds.median ?? 0 }
  private func processor(_ name: String) -> Double { times[name]?.processorMilliseconds.median ?? 0 }

  /// The forms of DuckDB's table, in the order of the columns.
  private static let forms = ["parquet", "native", "memory"]

  /// How many times as long as the faster of Parquet and DuckDB's own file it took.
  private func ratio(_ name: String) -> Double? {
    let stored = ["parquet", "native"].compactMap { peers[$0]?[name] }
    return stored.min().map { median(name) / $0 }
  }

  /// How many times as fast as DuckDB on Parquet, over all queries.
  private var speedup: Double? {
    let ratios = names.compactMap { name in peers["parquet"]?[name].map { $0 / median(name) } }
    return ratios.isEmpty ? nil : exp(ratios.map { log($0) }.reduce(0, +) / Double(ratios.count))
  }

  var table: String {
    let heads = peers.isEmpty ? [] : ["Parquet ms", "CPU", "native ms", "CPU", "memory ms", "CPU", "/ faster file"]
    let rows = names.map { name in
      let cells: [Double] = QueryReport.forms.flatMap { form in
        [peers[form]?[name] ?? 0, peerProcessors[form]?[name] ?? 0]
      }
      let peer = ratio(name).map { ratio in cells.map { $0.text(decimals: 1) } + [ratio.text(decimals: 2)] }
      return [name, median(name).text(decimals: 1), processor(name).text(decimals: 1)] + (peer ?? [])
    }
    let last = speedup.map { "\ngeometric mean: \($0.text(decimals: 2)) times as fast as DuckDB on Parquet" } ?? ""
    return Output.align([["query", "ms", "CPU"] + heads] + rows) + last
  }

  var json: [String: Any] {
    func line(_ values: (String) -> Double) -> [String: Double] {
      Dictionary(uniqueKeysWithValues: names.map { ($0, values($0).rounded(decimals: 2)) })
    }
    var json: [String: Any] = [
      "benchmark": "query", "events": events, "median_ms": line(median), "cpu_ms": line(processor),
    ]
    if let version, let speedup {
      json["duckdb"] = version
      json["duckdb_median_ms"] = peers.mapValues { $0.mapValues { $0.rounded(decimals: 2) } }
      json["times_as_fast_as_parquet"] = speedup.rounded(decimals: 2)
      json["is_right"] = differences.isEmpty
    }
    return json
  }
}
