import Foundation

/// `benchmarks demo-day`: a day of a shop's events in an hour of `riffle demo`, and whether it stays as it began:
/// memory flat, the engine close behind, nothing lost, no dead letter but those that were made.
enum DemoDayCommand {
  static let usage = """
    benchmarks demo-day [--minutes N] [--rate N] [--speed N] [--work DIR] [--riffle FILE] [--listen HOST:PORT] \
    [--brokers LIST] [--set KEY=VALUE]...
    """

  private struct Options {
    let minutes: Int
    /// Events per second of the shop's clock, and how fast it runs.
    let rate: Int
    let speed: Int
    let data: String
    let riffle: String
    let place: String
    /// A Kafka in place of the embedded broker.
    let brokers: String?
    /// Settings of the demo, `key=value`.
    let settings: [String]

    init(_ arguments: [String]) throws {
      let known = ["--minutes", "--rate", "--speed", "--work", "--riffle", "--listen", "--brokers", "--set"]
      let flags = try Flags(arguments, known: known, usage: usage)
      minutes = try flags.count("--minutes", default: 60)
      rate = try flags.count("--rate", default: 2000)
      speed = try flags.count("--speed", default: 24)
      try FileManager.default.createDirectory(atPath: flags.work, withIntermediateDirectories: true)
      data = "\(flags.work)/demo-day"
      riffle = try flags.riffle()
      place = flags.text("--listen") ?? "127.0.0.1:8017"
      brokers = flags.text("--brokers")
      settings = flags.texts("--set")
    }

    var command: [String] {
      let flags = [
        "--rate", "\(rate)", "--speed", "\(speed)x", "--duration", "\(minutes) min", "--data", data, "--listen", place,
      ]
      return [riffle, "demo"] + flags + (brokers.map { ["--brokers", $0] } ?? []) + settings.flatMap { ["--set", $0] }
    }

    var eventsPerSecond: Double { Double(rate) * Double(speed) }
  }

  private static let sampleSeconds = 10.0
  /// How long the engine may take for the rest when no shopper comes any more.
  private static let drainSeconds = 180.0

  static func run(_ arguments: [String]) throws {
    let options = try Options(arguments)
    let demo = try RunningProcess(options.command)
    _ = try HTTPConnection.whenAnswering(options.place, path: "/ready", seconds: 30)
    let probe = DemoProbe(process: demo.identifier, place: options.place, directory: options.data)
    Output.note(DemoSample.header)
    let samples = try follow(probe, options)
    let drained = try drain(probe)
    demo.stop()
    let ended = try demo.wait()
    guard ended.exitCode == 0 else {
      throw BenchmarkError("the demo ended with exit code \(ended.exitCode)", exitCode: 69)
    }
    try report(DemoDayReport(samples, drained, sent: ended.output, eventsPerSecond: options.eventsPerSecond))
  }

  /// Samples until no shopper comes any more.
  private static func follow(_ probe: DemoProbe, _ options: Options) throws -> [DemoSample] {
    var samples = [try probe.sample()]
    while samples[samples.count - 1].seconds + sampleSeconds <= Double(options.minutes) * 60 {
      let next = Double(samples.count) * sampleSeconds
      Thread.sleep(forTimeInterval: max(0, next - probe.seconds))
      samples.append(try probe.sample())
      Output.note(samples[samples.count - 1].line(since: samples[samples.count - 2]))
    }
    return samples
  }

  /// Waits until all that was sent is counted: nothing is left to read, and two commits have the same counts.
  private static func drain(_ probe: DemoProbe) throws -> DemoSample {
    let deadline = probe.seconds + drainSeconds
    var last = try probe.sample()
    while probe.seconds < deadline {
      Thread.sleep(forTimeInterval: sampleSeconds)
      let sample = try probe.sample()
      if sample.lag == 0, sample.received == last.received, sample.commitEpoch > last.commitEpoch { return sample }
      last = sample
    }
    return last
  }

  private static func report(_ report: DemoDayReport) throws {
    print(report.table)
    print(try Output.jsonLine(report.json))
    if !report.faults.isEmpty {
      throw BenchmarkError("Not as promised:\n" + report.faults.joined(separator: "\n"), exitCode: 1)
    }
  }
}

/// Looks at a running demo.
struct DemoProbe {
  private static let attempts = 10
  let process: pid_t
  let place: String
  let directory: String
  private let start = ContinuousClock.now

  init(process: pid_t, place: String, directory: String) {
    self.process = process
    self.place = place
    self.directory = directory
  }

  /// Since the demo answered first.
  var seconds: Double { (ContinuousClock.now - start) / .seconds(1) }

  func sample() throws -> DemoSample {
    DemoSample(
      seconds: seconds, metrics: Metrics(try metrics()), use: try ProcessUse(process),
      diskMegabytes: DiskUse.megabytes(of: directory))
  }

  /// Asks over a new connection each time, and again where the machine let an answer wait for too long.
  private func metrics() throws -> String {
    for _ in 1..<DemoProbe.attempts {
      if let text = try? HTTPConnection(place).body(of: "/metrics") { return text }
      Thread.sleep(forTimeInterval: 1)
    }
    guard let text = try HTTPConnection(place).body(of: "/metrics") else {
      throw BenchmarkError("\(place) has no /metrics", exitCode: 69)
    }
    return text
  }
}
