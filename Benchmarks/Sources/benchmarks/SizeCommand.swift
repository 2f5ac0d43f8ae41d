import Foundation

/// `benchmarks size`: what stored events take, beside other stores of the same rows.
enum SizeCommand {
  static let usage = """
    benchmarks size --input FILE... [--set KEY=VALUE...] [--work DIR] [--riffle FILE] [--python FILE]
    """

  static func run(_ arguments: [String]) throws {
    let flags = try Flags(
      arguments, known: ["--input", "--set", "--work", "--riffle", "--python"], usage: usage)
    let files = flags.texts("--input")
    guard !files.isEmpty else { throw flags.error("--input is needed") }
    let riffle = try flags.riffle()
    let directory = try QueryCommand.backfill(files, flags)
    let fresh = try StoredSize(riffle, directory)
    let rows = "\(flags.work)/size-rows.parquet"
    defer { try? FileManager.default.removeItem(atPath: rows) }
    _ = try ChildProcess.succeed(
      [riffle, "export", "--data", directory, "--table", "events", "--format", "parquet", "--output", rows],
      isQuiet: true)
    let settings = flags.texts("--set").flatMap { ["--set", $0] }
    _ = try ChildProcess.succeed([riffle, "compact", "--data", directory] + settings, isQuiet: true)
    let merged = try StoredSize(riffle, directory)
    let peers = try PeerSizes(try python(flags), rows: rows, work: flags.work)
    guard fresh.rowCount == merged.rowCount, merged.rowCount == peers.rowCount else {
      throw BenchmarkError(
        "\(fresh.rowCount) rows became \(merged.rowCount), and others have \(peers.rowCount)", exitCode: 1)
    }
    let report = SizeReport(fresh: fresh, merged: merged, peers: peers)
    print(report.table)
    print(try Output.jsonLine(report.json))
  }

  /// The Python that was named, or one of the work folder with what is needed.
  private static func python(_ flags: Flags) throws -> String {
    if let given = flags.text("--python") { return given }
    let environment = flags.work + "/size-environment"
    let python = environment + "/bin/python"
    if !FileManager.default.isExecutableFile(atPath: python) {
      Output.note("Installing pyarrow, DuckDB and chdb into \(environment)")
      _ = try ChildProcess.succeed(["python3", "-m", "venv", environment])
      _ = try ChildProcess.succeed([python, "-m", "pip", "install", "--quiet", "pyarrow", "duckdb", "chdb"])
    }
    return python
  }
}

/// What the table `events` of a data directory takes, as `riffle inspect` says.
struct StoredSize {
  let rowCount: Int
  /// All of its files.
  let byteCount: Int
  /// Bytes of the pages, and their encodings, in the order of the columns.
  let columns: [(name: String, byteCount: Int, encodings: String)]

  init(_ riffle: String, _ directory: String) throws {
    let text = try ChildProcess.succeed([riffle, "inspect", "--data", directory, "--table", "events", "--json"]).output
    guard let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
      let table = (object["tables"] as? [[String: Any]])?.first, let rows = table["rows"] as? Int,
      let segments = table["segments"] as? [[String: Any]], let found = table["columns"] as? [[String: Any]]
    else { throw BenchmarkError("'riffle inspect' did not describe the events of \(directory)", exitCode: 70) }
    rowCount = rows
    byteCount = segments.reduce(table["tail_bytes"] as? Int ?? 0) { $0 + ($1["byte_count"] as? Int ?? 0) }
    columns = found.map { column in
      let encodings = column["encodings"] as? [String: Int] ?? [:]
      return (
        column["name"] as? String ?? "", column["stored_bytes"] as? Int ?? 0,
        encodings.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key).joined(separator: ", ")
      )
    }
  }
}

/// What other stores take, as `size_peers.py` says.
struct PeerSizes {
  let rowCount: Int
  let byteCounts: [String: Int]
  /// Of the tuned Parquet file, by column.
  let columns: [String: Int]
  let versions: [String: String]

  init(_ python: String, rows: String, work: String) throws {
    Output.note("Storing the same rows in Parquet, DuckDB and ClickHouse")
    let script = URL(filePath: DuckDB.script).deletingLastPathComponent().appending(path: "size_peers.py").path
    let output = try ChildProcess.succeed([python, script, rows, work]).output
    guard let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any],
      let rowCount = object["rows"] as? Int, let bytes = object["bytes"] as? [String: Int],
      let columns = object["columns"] as? [String: Int], let versions = object["versions"] as? [String: String]
    else { throw BenchmarkError("size_peers.py gave no answer", exitCode: 70) }
    (self.rowCount, byteCounts, self.columns, self.versions) = (rowCount, bytes, columns, versions)
  }
}

/// What `benchmarks size` found.
struct SizeReport {
  let fresh: StoredSize
  let merged: StoredSize
  let peers: PeerSizes

  /// Stores that merged segments are measured by: what people use, tuned by hand or not.
  private static let measures = ["parquet zstd-19", "parquet tuned zstd-3", "duckdb", "clickhouse"]

  private func perEvent(_ byteCount: Int) -> Double { Double(byteCount) / Double(max(1, merged.rowCount)) }

  /// Merged segments over the smallest of what they are measured by.
  private var mergedRatio: Double {
    let best = SizeReport.measures.compactMap { peers.byteCounts[$0] }.min() ?? 0
    return Double(merged.byteCount) / Double(max(1, best))
  }

  /// Segments as they were written first over Parquet as it is written mostly.
  private var freshRatio: Double {
    Double(fresh.byteCount) / Double(max(1, peers.byteCounts["parquet zstd-3"] ?? 0))
  }

  var table: String {
    let stores = peers.byteCounts.sorted { $0.value < $1.value }.map { name, bytes in
      [
        name, perEvent(bytes).text(decimals: 3), (Double(merged.byteCount) / Double(bytes)).text(decimals: 3),
        (Double(fresh.byteCount) / Double(bytes)).text(decimals: 3),
      ]
    }
    let own = [
      ["riffle, merged", perEvent(merged.byteCount).text(decimals: 3), "", ""],
      ["riffle, fresh", perEvent(fresh.byteCount).text(decimals: 3), "", ""],
    ]
    let columns = zip(merged.columns, fresh.columns).filter { $0.0.byteCount + $0.1.byteCount > 0 }.map {
      column, fresh in
      [
        column.name, perEvent(column.byteCount).text(decimals: 3), perEvent(fresh.byteCount).text(decimals: 3),
        peers.columns[column.name].map { perEvent($0).text(decimals: 3) } ?? "", column.encodings,
      ]
    }
    let pages = [merged, fresh].map { $0.columns.reduce(0) { $0 + $1.byteCount } }
    let rest = [
      "headers, filters", perEvent(merged.byteCount - pages[0]).text(decimals: 3),
      perEvent(fresh.byteCount - pages[1]).text(decimals: 3), "", "",
    ]
    return Output.align([["store", "bytes/event", "merged / it", "fresh / it"]] + own + stores) + "\n\n"
      + Output.align([["column", "merged", "fresh", "Parquet tuned", "encodings"]] + columns + [rest])
  }

  var json: [String: Any] {
    var bytes = peers.byteCounts.mapValues { perEvent($0).rounded(decimals: 3) }
    bytes["riffle merged"] = perEvent(merged.byteCount).rounded(decimals: 3)
    bytes["riffle fresh"] = perEvent(fresh.byteCount).rounded(decimals: 3)
    return [
      "benchmark": "size", "events": merged.rowCount, "bytes_per_event": bytes, "versions": peers.versions,
      "merged_over_best": mergedRatio.rounded(decimals: 3), "fresh_over_zstd_3": freshRatio.rounded(decimals: 3),
    ]
  }
}
