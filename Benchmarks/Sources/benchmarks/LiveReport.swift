import Foundation

/// The runs of `benchmarks live`, and what they come to.
struct LiveReport {
  var reads: [TopicRead] = []
  var engines: [ChildProcess] = []
  /// The engine once more on the directory of the run before, with nothing to read.
  var startUps: [ChildProcess] = []
  var flinks: [FlinkPeer.Run] = []

  var messageCount: Int { reads.first?.messageCount ?? 0 }

  /// Whether every read got as many messages, and every run has each in exactly one of its counts.
  func differences(sent: Int?) throws -> [String] {
    var differences: [String] = []
    if let sent, sent != messageCount { differences.append("of \(sent) messages sent, \(messageCount) were read") }
    for read in reads where read.messageCount != messageCount {
      differences.append("a read got \(read.messageCount) messages, not \(messageCount)")
    }
    for run in engines + startUps {
      let object = try JSONSerialization.jsonObject(with: Data(run.output.utf8)) as? [String: Any] ?? [:]
      let number = { (name: String) in object[name] as? Int ?? -1 }
      let sum = number("accepted") + number("duplicates") + number("dead_letters")
      if number("received") != messageCount || sum != messageCount {
        differences.append("of \(messageCount) messages the summary has: \(run.output)")
      }
    }
    return differences
  }

  var table: String {
    let (medians, startUp) = (RunMedians(engines), RunMedians(startUps))
    var rows = [
      ["", "wall s", "CPU s", "events/s", "CPU us/event"],
      row("reading alone", reads.map(\.wallSeconds).median, reads.map(\.cpuSeconds).median),
      row("riffle run --once", medians.wallSeconds, medians.cpuSeconds),
      row(
        "the same without starting and ending", medians.wallSeconds - startUp.wallSeconds,
        medians.cpuSeconds - startUp.cpuSeconds),
    ]
    if let flink = flinks.first {
      // Its JVM is no child of ours, so its CPU time is not known.
      let seconds = flinks.map(\.jobSeconds).median
      let rate = (Double(messageCount) / seconds).text(decimals: 0)
      rows.append(["Flink SQL \(flink.version), its job", seconds.text(decimals: 2), "", rate, ""])
    }
    let sizes = reads[0].partitionCounts.map(String.init).joined(separator: ", ")
    return "\(messageCount) messages, partitions of \(sizes); medians of \(reads.count) run(s)\n\n"
      + Output.align(rows)
      + "\n\npeak \(medians.peakMegabytes.text(decimals: 0)) MB; "
      + "\((medians.wallSeconds / reads.map(\.wallSeconds).median).text(decimals: 2)) times the time of reading alone"
  }

  func json(isRight: Bool) -> [String: Any] {
    let (medians, startUp) = (RunMedians(engines), RunMedians(startUps))
    let count = Double(messageCount)
    var json: [String: Any] = [
      "events": messageCount, "partitions": reads[0].partitionCounts, "runs": engines.count,
      "read_events_per_second": (count / reads.map(\.wallSeconds).median).rounded(decimals: 0),
      "read_cpu_seconds": reads.map(\.cpuSeconds).median.rounded(decimals: 3),
      "events_per_second": (count / medians.wallSeconds).rounded(decimals: 0),
      "events_per_second_without_start_up":
        (count / max(0.001, medians.wallSeconds - startUp.wallSeconds)).rounded(decimals: 0),
      "start_up_seconds": startUp.wallSeconds.rounded(decimals: 3),
      "wall_seconds": medians.wallSeconds.rounded(decimals: 3), "cpu_seconds": medians.cpuSeconds.rounded(decimals: 3),
      "peak_megabytes": medians.peakMegabytes.rounded(decimals: 1), "answer_is_right": isRight,
    ]
    if !flinks.isEmpty {
      json["flink_events_per_second"] = (count / flinks.map(\.jobSeconds).median).rounded(decimals: 0)
      json["flink_counted"] = flinks.map(\.counted)
    }
    return json
  }

  private func row(_ name: String, _ wall: Double, _ cpu: Double) -> [String] {
    [
      name, wall.text(decimals: 2), cpu.text(decimals: 2), (Double(messageCount) / wall).text(decimals: 0),
      (cpu * 1e6 / Double(messageCount)).text(decimals: 2),
    ]
  }
}
