import Columns
import Foundation

/// What `benchmarks query` found.
struct QueryReport {
  /// Riffle, then the others' tables.
  private let engines: [(name: String, byteCount: Int?)]
  private let versions: [String]
  private let events: Int
  private var names: [String] = []
  /// By engine and query.
  private var times: [String: [String: QueryTimes]] = [:]
  private(set) var differences: [String] = []

  private static let own = "Riffle"
  private static let parquet = "DuckDB, Parquet"

  init(events: Int, _ peers: QueryPeers) {
    self.events = events
    engines = [(QueryReport.own, nil)] + peers.forms.map { ($0.name, $0.byteCount) }
    versions = peers.forms.map { $0.peer.version }
  }

  /// Asks a query `runs` times, the engines in turn, after each was asked once to warm up and to compare the answers.
  mutating func add(
    _ name: String, _ json: String, _ parameters: [String: Any], _ events: QueriedEvents, _ peers: QueryPeers, runs: Int
  ) throws {
    names.append(name)
    let answer = try events.answer(json)
    let rows = try QueryReport.comparable(name, answer)
    for form in peers.forms {
      let found = try form.peer.ask(form.name, name, parameters, expected: rows)
      if let difference = found.difference { differences.append("\(name), \(form.name): \(difference)") }
    }
    for _ in 0..<runs {
      try events.time(json, expected: answer, &times[QueryReport.own, default: [:]][name, default: QueryTimes()])
      for form in peers.forms {
        let (milliseconds, processor, _) = try form.peer.ask(form.name, name, parameters)
        times[form.name, default: [:]][name, default: QueryTimes()].add(milliseconds, processor)
      }
    }
  }

  /// The rows as others give them: times in milliseconds, of the funnel only how many got to each step, of events
  /// without where they came from and what was no member.
  private static func comparable(_ name: String, _ answer: [UInt8]) throws -> [[Any]] {
    let rows = try QueriedEvents.rows(answer)
    switch name {
    case "Q1", "Q2": return rows.map { [time($0[0])] + $0.dropFirst() }
    case "Q4": return rows.map { [$0[0], time($0[1]), $0[2]] }
    case "Q5": return [rows.map { $0[2] }]
    case "Q6":
      let object = try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any] ?? [:]
      let columns = (object["columns"] as? [String] ?? []).filter { !unshared.contains($0) }
      return (object["rows"] as? [[String: Any]] ?? []).map { row in
        columns.map { $0 == "event_ts" ? time(row[$0] ?? NSNull()) : row[$0] ?? NSNull() }
      }
    default: return rows
    }
  }

  private static let unshared: Set = ["topic", "partition", "offset", "properties"]

  private static func time(_ value: Any) -> Any {
    (value as? String).flatMap { EventTime.parse(dateOrTime: $0) } ?? NSNull()
  }

  private func median(_ engine: String, _ name: String) -> Double {
    times[engine]?[name]?.milliseconds.median ?? 0
  }

  private func processor(_ engine: String, _ name: String) -> Double {
    times[engine]?[name]?.processorMilliseconds.median ?? 0
  }

  private var isAlone: Bool { engines.count == 1 }

  /// How many times as long as the fastest of the others it took.
  private func ratio(_ name: String) -> Double {
    median(QueryReport.own, name) / (engines.dropFirst().map { median($0.name, name) }.min() ?? .infinity)
  }

  /// How many times as fast as DuckDB on Parquet, over all queries.
  private var speedup: Double {
    let logarithms = names.map { log(median(QueryReport.parquet, $0) / median(QueryReport.own, $0)) }
    return exp(logarithms.reduce(0, +) / Double(max(names.count, 1)))
  }

  var table: String {
    let head = ["query"] + engines.flatMap { ["\($0.name) ms", "CPU"] } + (isAlone ? [] : ["/ fastest"])
    let rows = names.map { name in
      [name]
        + engines.flatMap { engine in
          [median(engine.name, name).text(decimals: 1), processor(engine.name, name).text(decimals: 1)]
        } + (isAlone ? [] : [ratio(name).text(decimals: 2)])
    }
    let aligned = Output.align([head] + rows)
    if isAlone { return aligned }
    return "\(aligned)\ngeometric mean: \(speedup.text(decimals: 2)) times as fast as DuckDB on Parquet"
  }

  var json: [String: Any] {
    func line(_ value: (String, String) -> Double, _ engine: String) -> [String: Double] {
      Dictionary(uniqueKeysWithValues: names.map { ($0, value(engine, $0).rounded(decimals: 2)) })
    }
    var json: [String: Any] = [
      "benchmark": "query", "events": events, "median_ms": line(median, QueryReport.own),
      "cpu_ms": line(processor, QueryReport.own),
    ]
    guard !isAlone else { return json }
    json["others"] = zip(engines.dropFirst(), versions).map { engine, version -> [String: Any] in
      [
        "name": engine.name, "version": version, "median_ms": line(median, engine.name),
        "cpu_ms": line(processor, engine.name),
        "bytes_per_event": (Double(engine.byteCount ?? 0) / Double(max(events, 1))).rounded(decimals: 2),
      ]
    }
    json["times_as_long_as_fastest"] = Dictionary(
      uniqueKeysWithValues: names.map { ($0, ratio($0).rounded(decimals: 2)) })
    json["times_as_fast_as_parquet"] = speedup.rounded(decimals: 2)
    json["is_right"] = differences.isEmpty
    return json
  }
}
