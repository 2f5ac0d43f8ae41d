import Columns
import Commerce
import Foundation
import Query

/// `benchmarks query`: Q1 to Q7 on a data directory, in this process, in turn with other engines.
enum QueryCommand {
  static let usage = """
    benchmarks query --input FILE... [--data DIR] [--runs N] [--work DIR] [--riffle FILE] [--set KEY=VALUE...] \
    [--query NAME...] [--duckdb-python FILE [--clickhouse-python FILE]]
    """

  static func run(_ arguments: [String]) throws {
    let flags = try Flags(
      arguments,
      known: [
        "--input", "--data", "--runs", "--work", "--riffle", "--set", "--query", "--duckdb-python",
        "--clickhouse-python",
      ],
      usage: usage)
    let files = flags.texts("--input")
    let runs = try flags.count("--runs", default: 5)
    guard !files.isEmpty || flags.text("--data") != nil else { throw flags.error("--input or --data is needed") }
    let directory = try flags.text("--data") ?? compacted(files, flags)
    let events = try QueriedEvents(directory: directory)
    let queries = try BenchmarkQueries(events)
    let peers = try QueryPeers(flags, files)
    var report = QueryReport(events: events.count, peers)
    let wanted = flags.texts("--query")
    for query in queries.all where wanted.isEmpty || wanted.contains(query.name) {
      try report.add(query.name, query.json, queries.parameters, events, peers, runs: runs)
    }
    print(report.table)
    print(try Output.jsonLine(report.json))
    if !report.differences.isEmpty {
      throw BenchmarkError("The answer is wrong:\n" + report.differences.joined(separator: "\n"), exitCode: 1)
    }
  }

  /// A fresh data directory of `files`, as a run leaves it after a while.
  private static func compacted(_ files: [String], _ flags: Flags) throws -> String {
    let directory = try backfill(files, flags)
    Output.note("Compacting it")
    let settings = flags.texts("--set").flatMap { ["--set", $0] }
    _ = try ChildProcess.succeed([try flags.riffle(), "compact", "--data", directory] + settings, isQuiet: true)
    return directory
  }

  /// A fresh data directory of `files`.
  static func backfill(_ files: [String], _ flags: Flags) throws -> String {
    try FileManager.default.createDirectory(atPath: flags.work, withIntermediateDirectories: true)
    let directory = "\(flags.work)/query-data"
    if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
    Output.note("Backfilling \(files.joined(separator: ", "))")
    _ = try ChildProcess.succeed([try flags.riffle(), "backfill"] + files + ["--data", directory], isQuiet: true)
    return directory
  }
}

/// A data directory that is asked, as its newest commit has it.
struct QueriedEvents {
  let snapshot: Snapshot
  private let job: Job
  private(set) var count = 0

  init(directory: String) throws {
    job = try Job(JobSettings())
    snapshot = try Snapshot(directory: directory)
    count = try rows(#"{"table":"events","measures":[{"count":"*"}]}"#).first?.first as? Int ?? 0
  }

  /// The printed answer.
  func answer(_ json: String) throws -> [UInt8] {
    let printer = QueryPrinter(try QueryAnswer(snapshot, job: job, try QueryRequest(json: Array(json.utf8))))
    var bytes: [UInt8] = []
    while let block = try printer.next() { bytes += block }
    return bytes
  }

  /// What an answer reads.
  func statistics(_ json: String) throws -> ScanStatistics {
    try QueryAnswer(snapshot, job: job, try QueryRequest(json: Array(json.utf8))).statistics
  }

  /// The answer's rows, each its values in the order of the columns.
  func rows(_ json: String) throws -> [[Any]] { try QueriedEvents.rows(answer(json)) }

  static func rows(_ answer: [UInt8]) throws -> [[Any]] {
    let object = try JSONSerialization.jsonObject(with: Data(answer)) as? [String: Any] ?? [:]
    let columns = object["columns"] as? [String] ?? []
    return (object["rows"] as? [[String: Any]] ?? []).map { row in columns.map { row[$0] ?? NSNull() } }
  }

  /// The times of `runs` runs behind a first one, from the text of the query to that of the answer.
  func time(_ json: String, runs: Int) throws -> (times: QueryTimes, answer: [UInt8]) {
    let first = try answer(json)
    var times = QueryTimes()
    for _ in 0..<runs { try time(json, expected: first, &times) }
    return (times, first)
  }

  /// Adds the time of one run, which must have the same answer.
  func time(_ json: String, expected: [UInt8], _ times: inout QueryTimes) throws {
    let (start, used) = (ContinuousClock.now, processMilliseconds())
    let again = try answer(json)
    times.add((ContinuousClock.now - start) / .milliseconds(1), processMilliseconds() - used)
    guard again == expected else { throw BenchmarkError("the same query has two answers: \(json)", exitCode: 1) }
  }
}

/// What the runs of a query took: on the clock, and of all processors together.
struct QueryTimes {
  private(set) var milliseconds: [Double] = []
  private(set) var processorMilliseconds: [Double] = []

  mutating func add(_ clock: Double, _ processors: Double) {
    milliseconds.append(clock)
    processorMilliseconds.append(processors)
  }
}

/// The seven questions.
struct BenchmarkQueries {
  let all: [(name: String, json: String)]
  /// What other engines are told.
  let parameters: [String: Any]

  init(_ events: QueriedEvents) throws {
    let bounds = try events.rows(#"{"table":"events","measures":[{"min":"event_ts"},{"max":"event_ts"}]}"#)
    let times = (bounds.first ?? []).compactMap { ($0 as? String).flatMap { EventTime.parse(dateOrTime: $0) } }
    guard times.count == 2 else { throw BenchmarkError("the data directory has no events", exitCode: 65) }
    // Ten minutes in the middle; a user with more events than nine of ten.
    let low = (times[0] + times[1]) / 2 / EventTime.minute * EventTime.minute
    let high = low + 10 * EventTime.minute
    let users = try events.rows(
      #"{"table":"events","filters":[{"column":"user_id","op":"is_null","value":false}],"group_by":["user_id"],"#
        + #""measures":[{"count":"*"}],"order":["-count"]}"#)
    let user = users.isEmpty ? "" : users[users.count / 10][0] as? String ?? ""
    parameters = ["low": low, "high": high, "user": user]
    all = BenchmarkQueries.list(low, high, user)
  }

  private static func list(_ low: Int64, _ high: Int64, _ user: String) -> [(String, String)] {
    func type(_ name: String) -> String { #"[{"column":"event_type","value":"\#(name)"}]"# }
    let kpis = """
      "group_by":[{"time":"minute"}],"measures":[{"count":"*","as":"page_views","where":\(type("page_view"))},\
      {"count":"*","as":"add_to_carts","where":\(type("add_to_cart"))},\
      {"count":"*","as":"purchases","where":\(type("purchase"))},\
      {"count_distinct":"session_id"},{"count_distinct":"user_id"},\
      {"sum":"price","as":"revenue","where":\(type("purchase"))}]
      """
    return [
      ("Q1", #"{"table":"events",\#(kpis)}"#),
      ("Q2", #"{"table":"events","from":\#(low),"to":\#(high),\#(kpis)}"#),
      (
        "Q3",
        #"{"table":"events","filters":\#(type("purchase")),"group_by":["product_id"],"#
          + #""measures":[{"sum":"price","as":"revenue"}],"order":["-revenue"],"limit":20}"#
      ),
      (
        "Q4",
        #"{"table":"events","group_by":["geo_country",{"time":"hour"}],"measures":[{"count_distinct":"user_id"}]}"#
      ),
      (
        "Q5",
        #"{"table":"events","funnel":{"steps":["page_view","add_to_cart","purchase"],"unit":"session","#
          + #""strict_increase":true}}"#
      ),
      (
        "Q6",
        #"{"table":"events","filters":[{"column":"user_id","value":"\#(user)"}],"select":"*","#
          + #""order":["event_ts","event_id"]}"#
      ),
      (
        "Q7",
        #"{"table":"events","filters":[{"column":"price","op":"is_null","value":false}],"group_by":["geo_country"],"#
          + #""measures":[{"p50":"price"},{"p95":"price"},{"p99":"price"}]}"#
      ),
    ]
  }
}
