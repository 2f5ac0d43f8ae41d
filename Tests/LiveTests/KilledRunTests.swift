import Checkpoints
import CommerceTestSupport
import Foundation
import Glibc
import Kafka
import KafkaTestSupport
import TestSupport
import Testing

/// `riffle run` as a process, killed at any moment.
@Suite(.serialized) struct KilledRunTests {
  /// The executable lies beside the tests.
  private static let executable = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "riffle")
  private static let isBuilt = FileManager.default.isExecutableFile(atPath: executable.path)

  private func start(_ trial: LiveTrial, _ words: [String] = []) throws -> Process {
    let process = Process()
    process.executableURL = Self.executable
    process.arguments =
      [
        "run", "--data", trial.run.directory, "--brokers", trial.configuration.brokers, "--topic", trial.topic,
        "--config", trial.place.file("riffle.yaml"), "--listen", "127.0.0.1:0",
      ] + words
    // Variables of the tests are none of its settings.
    process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("RIFFLE_") }
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  @Test(.enabled(if: isBuilt, "needs the executable: build all, then test"), arguments: [31] as [UInt64])
  func killsLeaveNoTrace(seed: UInt64) throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("shop", partitionCount: 3)
    let trial = try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
    try Self.configuration.write(toFile: trial.place.file("riffle.yaml"), atomically: true, encoding: .utf8)
    let lines = try LiveTrial.lines(seed: seed, count: 4_000, partitions: 3)
    var random = SeededRandom(seed: seed)
    for part in 0..<8 {
      let process = try start(trial)
      try trial.produce(lines[part * 400..<(part + 1) * 400])
      let wanted = try (trial.run.newestCommit()?.epoch ?? 0) + UInt64.random(in: 0...2, using: &random)
      let odd = Deadline(seconds: Double.random(in: 0.05...0.3, using: &random))
      let isThere = try Deadline.wait { try trial.run.newestCommit()?.epoch ?? 0 >= wanted && odd.hasPassed }
      #expect(isThere, "seed \(seed), part \(part)")
      #expect(process.isRunning, "it runs until it is killed")
      _ = Glibc.kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
    }
    try trial.produce(lines[3_200...])
    let last = try start(trial, ["--once"])
    last.waitUntilExit()
    #expect(last.terminationStatus == 0)
    try trial.expectSameAsFiles(lines, partitions: 3, "seed \(seed)")
  }

  /// The definitions of `LiveTrial.settings`.
  private static let configuration = """
    checkpoint.interval: 100 ms
    rollups:
      - {name: kpi_1m, window: tumbling 1 min}
      - {name: kpi_hop, window: hopping 15 min every 5 min, group_by: [geo_country]}

    """
}
