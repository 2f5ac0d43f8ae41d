import Foundation

/// `benchmarks recovery`: how long checkpoints hold up an engine with many open sessions, how soon it is back after
/// being killed, and what checkpoints cost.
enum RecoveryCommand {
  static func run(_ arguments: [String]) throws {
    let options = try RecoveryOptions(arguments)
    let traffic = try SessionTraffic(
      brokers: options.brokers, sessions: options.sessions, partitions: options.partitions)
    var report = RecoveryReport(options: options)
    try removeData(options)
    Output.note("Opening \(options.sessions) sessions")
    try traffic.send(options.sessions)
    var engine = try RecoveryEngine(traffic, options)
    try engine.hasCommitted(traffic.sent)
    for rate in options.rates {
      Output.note("\(options.checkpoints) checkpoints beside \(rate) events/s")
      report.stalls.append(try stalls(of: engine, traffic, rate: rate, options))
    }
    for run in 1...options.runs {
      Output.note("Recovery \(run) of \(options.runs)")
      try engine.hasCommitted(traffic.sent)
      try engine.kill()
      try traffic.send(options.backlog)
      engine = try RecoveryEngine(traffic, options)
      report.recoveries.append(try recovery(of: engine, traffic, options))
      try engine.hasCommitted(traffic.sent)
    }
    try engine.kill()
    for run in 1...options.runs {
      Output.note("With and without checkpoints, \(run) of \(options.runs)")
      report.checkpointed.append(try once(traffic, interval: "5s", options))
      report.unchecked.append(try once(traffic, interval: "1h", options))
    }
    try removeData(options)
    print(report.table)
    print(try Output.jsonLine(report.json))
  }

  /// The load of the machine over the last minute: more than its processors, and times say little.
  private static var load: Double {
    var averages = [0.0]
    // The call fills as many numbers as it is told that there are.
    _ = unsafe getloadavg(&averages, 1)
    return averages[0]
  }

  private static func stalls(
    of engine: RecoveryEngine, _ traffic: SessionTraffic, rate: Int, _ options: RecoveryOptions
  ) throws -> RecoveryReport.Stalls {
    let before = try engine.metrics()
    let end = Metrics(before)("commit_epoch") + Double(options.checkpoints)
    try traffic.send(rate: rate) { Metrics(try engine.metrics())("commit_epoch") >= end }
    let reading = StallReading(try engine.metrics()).since(StallReading(before))
    guard reading.count >= Double(options.checkpoints) else {
      throw BenchmarkError("\(options.checkpoints) checkpoints told of only \(reading.count) stalls", exitCode: 1)
    }
    return RecoveryReport.Stalls(rate: rate, reading: reading, load: load)
  }

  private static func recovery(
    of engine: RecoveryEngine, _ traffic: SessionTraffic, _ options: RecoveryOptions
  ) throws -> RecoveryReport.Recovery {
    let answer = try engine.firstAnswer()
    let restored = try engine.hasRead(traffic.sent - options.backlog)
    let restoredCPU = try engine.cpuSeconds()
    let caughtUp = try engine.hasRead(traffic.sent)
    return RecoveryReport.Recovery(
      answerMilliseconds: answer.milliseconds, epoch: answer.epoch, restoredMilliseconds: restored,
      restoredCPUSeconds: restoredCPU, caughtUpMilliseconds: caughtUp, caughtUpCPUSeconds: try engine.cpuSeconds(),
      load: load)
  }

  /// `riffle run --once` on all of the topic, into a fresh directory; every event must be in the summary.
  private static func once(
    _ traffic: SessionTraffic, interval: String, _ options: RecoveryOptions
  ) throws -> ChildProcess {
    try removeData(options)
    let ended = try ChildProcess.succeed(
      [
        options.riffle, "run", "--once", "--brokers", traffic.brokers, "--topic", traffic.topic, "--data", options.data,
        "--set", "checkpoint.interval=\(interval)",
      ], isQuiet: true)
    let summary = try JSONSerialization.jsonObject(with: Data(ended.output.utf8)) as? [String: Any]
    guard summary?["accepted"] as? Int == traffic.sent else {
      throw BenchmarkError("of \(traffic.sent) events the summary has: \(ended.output)", exitCode: 1)
    }
    return ended
  }

  private static func removeData(_ options: RecoveryOptions) throws {
    if FileManager.default.fileExists(atPath: options.data) { try FileManager.default.removeItem(atPath: options.data) }
  }
}
