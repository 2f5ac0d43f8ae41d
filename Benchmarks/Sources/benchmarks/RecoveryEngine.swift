import Foundation

/// `riffle run` on a topic, which can be killed and started again on its directory.
final class RecoveryEngine {
  private static let lookSeconds = 0.01
  private static let patience = Duration.seconds(240)

  private let process: RunningProcess
  private let start = ContinuousClock.now
  private let place: String

  init(_ traffic: SessionTraffic, _ options: RecoveryOptions) throws {
    place = options.place
    process = try RunningProcess(
      [
        options.riffle, "run", "--brokers", traffic.brokers, "--topic", traffic.topic, "--data", options.data,
        "--listen",
        options.place, "--set", "checkpoint.interval=\(options.interval)s",
      ], errors: "/dev/null")
  }

  /// Since it was started.
  var milliseconds: Double { (ContinuousClock.now - start) / .milliseconds(1) }

  func cpuSeconds() throws -> Double { try ProcessUse(process.identifier).cpuSeconds }

  func residentMegabytes() throws -> Double { try ProcessUse(process.identifier).residentMegabytes }

  func kill() throws {
    Foundation.kill(process.identifier, SIGKILL)
    _ = try process.wait()
  }

  func metrics() throws -> String {
    guard let text = try HTTPConnection(place).body(of: "/metrics") else {
      throw BenchmarkError("\(place) has no /metrics", exitCode: 69)
    }
    return text
  }

  /// The milliseconds from the start until `/kpis/latest` answers, and the epoch that it names.
  func firstAnswer() throws -> (milliseconds: Double, epoch: String) {
    var epoch = ""
    try wait(for: "an answer") {
      guard let body = try? HTTPConnection(place).body(of: "/kpis/latest"),
        let mark = body.firstRange(of: #""epoch":""#)
      else { return false }
      epoch = String(body[mark.upperBound...].prefix { $0 != "\"" })
      return true
    }
    return (milliseconds, epoch)
  }

  /// The milliseconds from the start until messages up to more than `count` in all partitions are read.
  func hasRead(_ count: Int) throws -> Double {
    try wait(for: "\(count) messages read") {
      guard let text = try? metrics() else { return false }
      return Int(Metrics(text)("partition_offset")) >= count
    }
    return milliseconds
  }

  /// Waits for a commit that holds `count` messages; checks that each is an event.
  func hasCommitted(_ count: Int) throws {
    var metrics = Metrics("")
    try wait(for: "\(count) messages committed") {
      // It may not listen yet.
      guard let text = try? self.metrics() else { return false }
      metrics = Metrics(text)
      return Int(metrics("messages_received_total")) >= count
    }
    let (received, accepted) = (Int(metrics("messages_received_total")), Int(metrics("messages_accepted_total")))
    guard received == count, accepted == count else {
      throw BenchmarkError("of \(count) events sent, \(received) were counted and \(accepted) accepted", exitCode: 1)
    }
  }

  private func wait(for what: String, _ isDone: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + RecoveryEngine.patience
    while try !isDone() {
      guard ContinuousClock.now < deadline else {
        throw BenchmarkError("\(place): no \(what) within \(RecoveryEngine.patience)", exitCode: 1)
      }
      Thread.sleep(forTimeInterval: RecoveryEngine.lookSeconds)
    }
  }
}
