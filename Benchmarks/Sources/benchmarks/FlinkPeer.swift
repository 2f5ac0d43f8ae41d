import Foundation

/// A script that runs KPIs a minute on Flink from a topic to its end: it is called as `SCRIPT BROKERS TOPIC w1`, and
/// ends with a line `JOB {"job_s": seconds, "startup_s": seconds, "version": "...", "events": counted}`.
struct FlinkPeer {
  struct Run {
    let version: String
    /// From the job's submission to its end; a cluster in the same process has been started before.
    let jobSeconds: Double
    /// Events in its windows, of three types only.
    let counted: Int
  }

  let python: String
  let script: String
  /// Where it is run, since it may write files to where it is.
  let folder: String

  func run(brokers: String, topic: String) throws -> Run {
    let program = python.contains("/") ? absolute(python) : python
    let ended = try ChildProcess.run(
      ["sh", "-c", "cd \"$0\" && exec \"$@\"", folder, program, absolute(script), brokers, topic, "w1"], isQuiet: true)
    let line = ended.output.split(whereSeparator: \.isNewline).last { $0.hasPrefix("JOB ") }
    guard let line, let job = try JSONSerialization.jsonObject(with: Data(line.dropFirst(4).utf8)) as? [String: Any],
      let seconds = job["job_s"] as? Double
    else {
      throw BenchmarkError("'\(python) \(script) \(brokers) \(topic) w1' ended without a line JOB", exitCode: 69)
    }
    return Run(
      version: job["version"] as? String ?? "?", jobSeconds: seconds,
      counted: job["events"] as? Int ?? 0)
  }

  private func absolute(_ path: String) -> String {
    path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
  }
}
