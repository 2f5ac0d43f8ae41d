import Foundation

/// `benchmarks live`: `riffle run --once` on a topic, beside only reading it and, where there is one, a peer; and
/// whether every message is in the counts.
enum LiveCommand {
  static func run(_ arguments: [String]) throws {
    let options = try LiveOptions(arguments)
    try FileManager.default.createDirectory(atPath: options.work, withIntermediateDirectories: true)
    let topic = try LiveTopic(options)
    var report = LiveReport()
    // Alternating, so that all see the same machine.
    for run in 1...options.runs {
      Output.note("Run \(run) of \(options.runs)")
      report.reads.append(try TopicRead.run(brokers: topic.brokers, topic: topic.name))
      guard report.messageCount > 0 else {
        throw BenchmarkError("\(topic.name) is empty: fill it, for instance with --input", exitCode: 65)
      }
      try remove(directory(options))
      report.engines.append(try engine(topic, options))
      report.startUps.append(try engine(topic, options))
      if let script = options.flinkScript {
        let flink = FlinkPeer(python: options.flinkPython, script: script, folder: options.work)
        report.flinks.append(try flink.run(brokers: topic.brokers, topic: topic.name))
      }
    }
    let differences = try report.differences(sent: topic.parts?.lineCount) + filesDiffer(topic, options)
    print(report.table)
    print(try Output.jsonLine(report.json(isRight: differences.isEmpty)))
    if !differences.isEmpty {
      throw BenchmarkError("The answer is wrong:\n" + differences.joined(separator: "\n"), exitCode: 1)
    }
  }

  private static func directory(_ options: LiveOptions) -> String { "\(options.work)/live" }

  private static func remove(_ directory: String) throws {
    if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
  }

  /// To the end of the topic; a second time there is nothing left to read, and what it takes is starting and ending.
  private static func engine(_ topic: LiveTopic, _ options: LiveOptions) throws -> ChildProcess {
    try ChildProcess.succeed(
      [
        options.riffle, "run", "--once", "--brokers", topic.brokers, "--topic", topic.name, "--data",
        directory(options),
      ], isQuiet: true)
  }

  /// Whether the engine made other KPIs of the topic than of the files that were sent to it.
  private static func filesDiffer(_ topic: LiveTopic, _ options: LiveOptions) throws -> [String] {
    guard let parts = topic.parts else { return [] }
    let files = "\(options.work)/live-files"
    try remove(files)
    _ = try ChildProcess.succeed([options.riffle, "backfill"] + parts.paths + ["--data", files], isQuiet: true)
    let answers = try [files, directory(options)].map { directory in
      try ChildProcess.succeed([options.riffle, "export", "--table", "kpi_1m", "--data", directory]).output
    }
    try remove(files)
    return answers[0] == answers[1] && !answers[0].isEmpty ? [] : ["the KPIs of the topic are not those of its files"]
  }
}
