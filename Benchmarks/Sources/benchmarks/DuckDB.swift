import Foundation

/// DuckDB as a Python package, by way of `duckdb_w1.py`.
struct DuckDB {
  static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appending(path: "duckdb_w1.py").path

  let python: String
  let version: String

  /// The given Python, or one of a virtual environment in `work`, which is made where it is not there. Throws what is
  /// missing.
  init(python given: String?, work: String) throws {
    let environment = work + "/duckdb-environment"
    python = given ?? environment + "/bin/python"
    if given == nil, !FileManager.default.isExecutableFile(atPath: python) || !DuckDB.isInstalled(python) {
      Output.note("Installing DuckDB into \(environment)")
      _ = try ChildProcess.succeed(["python3", "-m", "venv", environment])
      _ = try ChildProcess.succeed([python, "-m", "pip", "install", "--quiet", "duckdb"])
    }
    let asked = try ChildProcess.succeed([python, "-c", "import duckdb; print(duckdb.__version__)"])
    version = asked.output.trimmingCharacters(in: .whitespacesAndNewlines)
  }

  private static func isInstalled(_ python: String) -> Bool {
    (try? ChildProcess.run([python, "-c", "import duckdb"], isQuiet: true))?.exitCode == 0
  }

  /// One run of the plain query, and the seconds of the query alone.
  func runQuery(_ files: [String]) throws -> (process: ChildProcess, jobSeconds: Double) {
    let ended = try ChildProcess.succeed([python, DuckDB.script, "time"] + files)
    guard let object = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any],
      let seconds = object["job_seconds"] as? Double
    else { throw BenchmarkError("duckdb_w1.py did not say how long it took", exitCode: 70) }
    return (ended, seconds)
  }

  /// What Riffle must answer.
  func answer(_ files: [String]) throws -> KpiAnswer {
    let lines = try ChildProcess.succeed([python, DuckDB.script, "answer"] + files).output
    guard let totals = lines.firstIndex(of: "\n") else {
      throw BenchmarkError("duckdb_w1.py gave no answer", exitCode: 70)
    }
    return try KpiAnswer(totals: String(lines[..<totals]), windows: String(lines[totals...]))
  }
}
