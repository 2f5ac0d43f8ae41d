import Foundation
import Query

/// `benchmarks lookup`: all events of one user, among many days.
enum LookupCommand {
  static let usage = """
    benchmarks lookup [--input FILE...] [--data DIR] [--events N] [--users N | --user NAME...] [--runs N] \
    [--set KEY=VALUE...] [--work DIR] [--riffle FILE]
    """

  static func run(_ arguments: [String]) throws {
    let flags = try Flags(
      arguments,
      known: ["--input", "--data", "--events", "--users", "--user", "--runs", "--set", "--work", "--riffle"],
      usage: usage)
    let files = flags.texts("--input")
    let runs = try flags.count("--runs", default: 5)
    let directory = try flags.text("--data") ?? (files.isEmpty ? month(flags) : QueryCommand.backfill(files, flags))
    let events = try QueriedEvents(directory: directory)
    let named = flags.texts("--user")
    let users = try named.isEmpty ? users(try flags.count("--users", default: 20), of: events) : counted(named, events)
    let lookups = try users.map { name, count in try Lookup(of: name, eventCount: count, events, runs: runs) }
    guard !lookups.isEmpty else { throw BenchmarkError("the data directory has no users", exitCode: 65) }
    let head = ["user", "events", "ms", "CPU", "row groups", "of", "%"]
    print(Output.align([head] + lookups.map(\.cells)))
    let worst = lookups.map(\.milliseconds).max() ?? 0
    print(
      try Output.jsonLine([
        "benchmark": "lookup", "events": events.count, "users": lookups.count,
        "median_ms": lookups.map(\.milliseconds).median.rounded(decimals: 2), "worst_ms": worst.rounded(decimals: 2),
        "median_share": lookups.map(\.share).median.rounded(decimals: 5),
        "worst_share": (lookups.map(\.share).max() ?? 0).rounded(decimals: 5),
      ]))
  }

  /// A fresh data directory of thirty days, compacted. The file of its events is made anew and does not stay.
  private static func month(_ flags: Flags) throws -> String {
    let (riffle, count) = (try flags.riffle(), try flags.count("--events", default: 20_200_000))
    try FileManager.default.createDirectory(atPath: flags.work, withIntermediateDirectories: true)
    let (file, directory) = ("\(flags.work)/month.ndjson", "\(flags.work)/month-data")
    if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
    defer { try? FileManager.default.removeItem(atPath: file) }
    Output.note("Making \(count) events of thirty days")
    _ = try ChildProcess.succeed(
      [riffle, "produce", "--to", file, "--events", "\(count)", "--span", "30d"], isQuiet: true)
    Output.note("Backfilling them")
    _ = try ChildProcess.succeed([riffle, "backfill", file, "--data", directory], isQuiet: true)
    Output.note("Compacting them")
    let settings = flags.texts("--set").flatMap { ["--set", $0] }
    _ = try ChildProcess.succeed([riffle, "compact", "--data", directory] + settings, isQuiet: true)
    return directory
  }

  private static func counted(_ names: [String], _ events: QueriedEvents) throws -> [(name: String, count: Int)] {
    try names.map { name in
      let query =
        #"{"table":"events","filters":[{"column":"user_id","value":"\#(name)"}],"measures":[{"count":"*"}]}"#
      return (name, try events.rows(query).first?.first as? Int ?? 0)
    }
  }

  /// `count` users from those with the most events to those with the fewest, evenly spaced, without either end.
  private static func users(_ count: Int, of events: QueriedEvents) throws -> [(name: String, count: Int)] {
    let rows = try events.rows(
      #"{"table":"events","filters":[{"column":"user_id","op":"is_null","value":false}],"group_by":["user_id"],"#
        + #""measures":[{"count":"*"}],"order":["-count"]}"#)
    return (1...count).compactMap { place in
      guard let row = rows.isEmpty ? nil : rows[rows.count * place / (count + 1)], let name = row[0] as? String,
        let events = row[1] as? Int
      else { return nil }
      return (name, events)
    }
  }
}

/// One user's events, looked up.
private struct Lookup {
  let user: String
  let eventCount: Int
  let milliseconds: Double
  let processorMilliseconds: Double
  let read: ScanStatistics

  /// The share of row groups of which more than a filter was read.
  var share: Double { Double(read.rowGroups) / Double(max(read.rowGroups + read.rowGroupsPruned, 1)) }

  var cells: [String] {
    [
      user, "\(eventCount)", milliseconds.text(decimals: 2), processorMilliseconds.text(decimals: 2),
      "\(read.rowGroups)", "\(read.rowGroups + read.rowGroupsPruned)", (share * 100).text(decimals: 2),
    ]
  }

  init(of user: String, eventCount: Int, _ events: QueriedEvents, runs: Int) throws {
    let query =
      #"{"table":"events","filters":[{"column":"user_id","value":"\#(user)"}],"select":"*","order":["event_ts"]}"#
    let (times, answer) = try events.time(query, runs: runs)
    let found = try QueriedEvents.rows(answer).count
    guard found == eventCount else {
      throw BenchmarkError("\(found) events of \(user) were found instead of \(eventCount)", exitCode: 1)
    }
    self.user = user
    self.eventCount = eventCount
    milliseconds = times.milliseconds.median
    processorMilliseconds = times.processorMilliseconds.median
    read = try events.statistics(query)
  }
}
