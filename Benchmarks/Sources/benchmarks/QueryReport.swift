import Columns
import Foundation

/// What `benchmarks query` found.
struct QueryReport {
  private let events: Int
  private var names: [String] = []
  private var milliseconds: [String: [Double]] = [:]
  private var answers: [String: [UInt8]] = [:]
  private var peers: [String: Double] = [:]
  private var version: String?
  private(set) var differences: [String] = []

  init(events: Int) { self.events = events }

  mutating func add(_ name: String, _ milliseconds: [Double], _ answer: [UInt8]) {
    names.append(name)
    self.milliseconds[name] = milliseconds
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
      let medians = object["median_ms"] as? [String: Double], let found = object["differences"] as? [String]
    else { throw BenchmarkError("duckdb_queries.py gave no answer", exitCode: 70) }
    (peers, differences, version) = (medians, found, object["version"] as? String)
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

  private func median(_ name: String) -> Double { (milliseconds[name] ?? []).median }

  var table: String {
    let head = ["query", "ms"] + (peers.isEmpty ? [] : ["DuckDB ms", "ratio"])
    return Output.align(
      [head]
        + names.map { name in
          let peer = peers[name].map { [$0.text(decimals: 1), (median(name) / $0).text(decimals: 2)] }
          return [name, median(name).text(decimals: 1)] + (peer ?? [])
        })
  }

  var json: [String: Any] {
    var json: [String: Any] = [
      "benchmark": "query", "events": events,
      "median_ms": Dictionary(uniqueKeysWithValues: names.map { ($0, median($0).rounded(decimals: 2)) }),
    ]
    if let version {
      json["duckdb"] = version
      json["duckdb_median_ms"] = peers.mapValues { $0.rounded(decimals: 2) }
      json["is_right"] = differences.isEmpty
    }
    return json
  }
}
