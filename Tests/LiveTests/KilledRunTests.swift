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
  @Test(.enabled(if: RiffleProcess.isBuilt, "needs the executable: build all, then test"), arguments: [31] as [UInt64])
  func killsLeaveNoTrace(seed: UInt64) throws {
    let broker = try EmbeddedBroker()
    try broker.createTopic("shop", partitionCount: 3)
    let trial = try LiveTrial(KafkaConfiguration(brokers: broker.brokers), topic: "shop")
    try RiffleProcess.configuration.write(toFile: trial.place.file("riffle.yaml"), atomically: true, encoding: .utf8)
    let lines = try LiveTrial.lines(seed: seed, count: 4_000, partitions: 3)
    var random = SeededRandom(seed: seed)
    for part in 0..<8 {
      let process = try RiffleProcess.run(trial)
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
    let last = try RiffleProcess.run(trial, ["--once"])
    last.waitUntilExit()
    #expect(last.terminationStatus == 0)
    try trial.expectSameAsFiles(lines, partitions: 3, "seed \(seed)")
  }
}
