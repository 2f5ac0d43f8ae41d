import Foundation

/// `benchmarks live`: `riffle run --once` on a topic that is there, beside only reading it, and whether both got as
/// many messages.
enum LiveCommand {
  static func run(_ arguments: [String]) throws {
    let options = try LiveOptions(arguments)
    try FileManager.default.createDirectory(atPath: options.work, withIntermediateDirectories: true)
    var reads: [TopicRead] = []
    var engines: [ChildProcess] = []
    // Alternating, so that both see the same machine.
    for run in 1...options.runs {
      Output.note("Run \(run) of \(options.runs)")
      reads.append(try TopicRead.run(brokers: options.brokers, topic: options.topic))
      engines.append(try engine(options))
    }
    guard let count = reads.first?.messageCount, count > 0 else {
      throw BenchmarkError("\(options.topic) is empty: fill it, for instance with 'riffle produce'", exitCode: 65)
    }
    let differences = try differences(count, reads, engines)
    print(table(count, reads, engines))
    print(try Output.jsonLine(json(count, reads, engines, isRight: differences.isEmpty)))
    if !differences.isEmpty {
      throw BenchmarkError("The answer is wrong:\n" + differences.joined(separator: "\n"), exitCode: 1)
    }
  }

  /// One run on a fresh data directory.
  private static func engine(_ options: LiveOptions) throws -> ChildProcess {
    let directory = "\(options.work)/live"
    if FileManager.default.fileExists(atPath: directory) { try FileManager.default.removeItem(atPath: directory) }
    return try ChildProcess.succeed(
      [
        options.riffle, "run", "--once", "--brokers", options.brokers, "--topic", options.topic, "--data", directory,
      ], isQuiet: true)
  }

  /// Whether every read got as many messages, and every run has each in exactly one of its counts.
  private static func differences(_ count: Int, _ reads: [TopicRead], _ engines: [ChildProcess]) throws -> [String] {
    let read = reads.filter { $0.messageCount != count }.map { "a read got \($0.messageCount) messages, not \(count)" }
    return try read
      + engines.compactMap { run in
        let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any] ?? [:]
        let number = { (name: String) in object[name] as? Int ?? -1 }
        let sum = number("accepted") + number("duplicates") + number("dead_letters")
        return number("received") == count && sum == count
          ? nil : "of \(count) messages the summary has: \(run.output)"
      }
  }

  private static func table(_ count: Int, _ reads: [TopicRead], _ engines: [ChildProcess]) -> String {
    let medians = RunMedians(engines)
    func row(_ name: String, _ wall: Double, _ cpu: Double) -> [String] {
      [
        name, wall.text(decimals: 2), cpu.text(decimals: 2), (Double(count) / wall).text(decimals: 0),
        (cpu * 1e6 / Double(count)).text(decimals: 2),
      ]
    }
    let rows = [
      ["", "wall s", "CPU s", "events/s", "CPU us/event"],
      row("reading alone", reads.map(\.wallSeconds).median, reads.map(\.cpuSeconds).median),
      row("riffle run --once", medians.wallSeconds, medians.cpuSeconds),
    ]
    return "\(count) messages, \(reads[0].partitionCount) partition(s), medians of \(reads.count) run(s)\n\n"
      + Output.align(rows) + "\n\npeak \(medians.peakMegabytes.text(decimals: 0)) MB"
  }

  private static func json(
    _ count: Int, _ reads: [TopicRead], _ engines: [ChildProcess], isRight: Bool
  ) -> [String: Any] {
    let medians = RunMedians(engines)
    let readSeconds = reads.map(\.wallSeconds).median
    return [
      "events": count, "partitions": reads[0].partitionCount, "runs": engines.count,
      "read_events_per_second": (Double(count) / readSeconds).rounded(decimals: 0),
      "read_cpu_seconds": reads.map(\.cpuSeconds).median.rounded(decimals: 3),
      "events_per_second": (Double(count) / medians.wallSeconds).rounded(decimals: 0),
      "wall_seconds": medians.wallSeconds.rounded(decimals: 3), "cpu_seconds": medians.cpuSeconds.rounded(decimals: 3),
      "peak_megabytes": medians.peakMegabytes.rounded(decimals: 1), "answer_is_right": isRight,
    ]
  }
}
