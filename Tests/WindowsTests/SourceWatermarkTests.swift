import Columns
import TestSupport
import Testing
import Windows

@Suite struct PartitionWatermarkTests {
  /// The golden vector T2: a time too far ahead does not move the watermark.
  @Test func goldenSkewGuard() {
    var partition = PartitionWatermark(outOfOrdernessMilliseconds: 5)
    #expect(partition.watermark == nil)
    partition.observe(1000)
    #expect(partition.watermark == 995)
    partition.observe(90_000, isFuture: true)
    #expect(partition.watermark == 995)
    partition.observe(1010)
    #expect(partition.watermark == 1005)
    partition.observe(900)
    #expect(partition.watermark == 1005)
  }
}

@Suite struct SourceWatermarkTests {
  /// The golden vector T1: three partitions, one without records, then all at their end.
  @Test func goldenIdleness() {
    var source = SourceWatermark(outOfOrdernessMilliseconds: 5, idleTimeoutMilliseconds: 30)
    for partition in 0..<3 { source.add(partition) }
    func record(_ partition: Int, _ time: Int64, at now: Int64) -> Int64 {
      source.observe(partition, time: time, appendTime: now)
      return source.advance(now: now, polled: now)
    }
    let undefined = EventTime.distantPast
    #expect(record(0, 100, at: 1000) == undefined)
    #expect(record(1, 103, at: 1001) == undefined)
    source.reachedEnd(2, polled: 1002)
    #expect(source.advance(now: 1002, polled: 1002) == undefined)
    #expect(record(0, 130, at: 1020) == undefined)
    #expect(source.advance(now: 1031, polled: 1031) == undefined)
    #expect(source.state(of: 2) == .atEnd)
    #expect(source.advance(now: 1032, polled: 1032) == 98)
    #expect(source.state(of: 2) == .excluded)
    #expect(record(1, 120, at: 1040) == 115)
    #expect(record(2, 90, at: 1041) == 115)
    #expect(source.state(of: 2) == .active)
    #expect(record(2, 140, at: 1042) == 115)
    for partition in 0..<3 { source.reachedEnd(partition, polled: 1050) }
    #expect(source.advance(now: 1079, polled: 1079) == 115)
    #expect(source.advance(now: 1080, polled: 1080) == 1045)
    #expect(source.advance(now: 1200, polled: 1200) == 1165)
  }

  @Test func aReplayDoesNotJumpToToday() {
    var source = SourceWatermark(
      outOfOrdernessMilliseconds: 5, idleTimeoutMilliseconds: 30, liveThresholdMilliseconds: 100)
    source.observe(0, time: 1000, appendTime: 500_000)
    source.reachedEnd(0, polled: 0)
    #expect(source.advance(now: 500_000, polled: 100) == EventTime.distantPast)
    #expect(source.isReplaying)
    source.observe(0, time: 500_010, appendTime: 500_020)
    #expect(!source.isReplaying)
    source.reachedEnd(0, polled: 200)
    #expect(source.advance(now: 500_300, polled: 229) == 500_005)
    #expect(source.advance(now: 500_301, polled: 230) == 500_266)
  }

  /// While nobody polls, no idle time passes, however late it gets.
  @Test func idleTimeIsTimeSpentPolling() {
    var source = SourceWatermark(outOfOrdernessMilliseconds: 0, idleTimeoutMilliseconds: 10)
    source.observe(0, time: 100, appendTime: 100)
    source.add(1)
    source.reachedEnd(1, polled: 50)
    #expect(source.advance(now: 9_000, polled: 59) == EventTime.distantPast)
    #expect(source.advance(now: 9_000, polled: 60) == 100)
  }

  @Test func boundedInputEndsInTheDistantFuture() {
    var source = SourceWatermark(outOfOrdernessMilliseconds: 0)
    source.add(0)
    source.add(1)
    source.observe(0, time: 500)
    #expect(source.advance(now: 0, polled: 0) == EventTime.distantPast)
    source.end(1)
    #expect(source.advance(now: 0, polled: 0) == 500)
    source.end(0)
    #expect(source.state(of: 0) == .ended)
    #expect(source.advance(now: 0, polled: 0) == EventTime.distantFuture)
  }

  @Test func restoredWatermarkNeverDecreases() {
    var source = SourceWatermark(outOfOrdernessMilliseconds: 0, watermark: 1000)
    source.add(0, newest: 900)
    #expect(source.newest(of: 0) == 900)
    #expect(source.advance(now: 0, polled: 0) == 1000)
  }

  @Test func alignmentPausesTheFastAndNeverTheSlowest() {
    var source = SourceWatermark(outOfOrdernessMilliseconds: 0, idleTimeoutMilliseconds: 10)
    source.add(2)
    source.observe(0, time: 100)
    source.observe(1, time: 200)
    source.advance(now: 0, polled: 0)
    #expect(source.align(maximumDriftMilliseconds: 60) == .init(pause: [1], resume: []))
    source.reachedEnd(1, polled: 0)
    #expect(source.state(of: 1) == .paused && source.pausedPartitions == [1])
    source.end(0)
    source.advance(now: 0, polled: 0)
    #expect(source.align(maximumDriftMilliseconds: 60) == .init(pause: [], resume: [1]))
  }

  /// Sim2: whatever arrives when, alignment never stops a source for longer than the idle timeout after the partition
  /// that holds the watermark fell silent.
  @Test func alignmentIsLive() {
    for seed in 1...500 as ClosedRange<UInt64> {
      var random = SeededRandom(seed: seed)
      let simulation = AlignmentSimulation(&random)
      let (finished, waited) = simulation.run()
      #expect(finished, "seed \(seed) never finished")
      #expect(waited <= simulation.idleTimeout + 30, "seed \(seed) waited \(waited)")
    }
  }
}

/// Partitions with random logs, read one record a tick each unless paused.
private struct AlignmentSimulation {
  let idleTimeout: Int64
  private let outOfOrderness: Int64
  private let drift: Int64
  private let logs: [[(arrival: Int64, time: Int64)]]

  init(_ random: inout SeededRandom) {
    outOfOrderness = .random(in: 0...5, using: &random)
    drift = .random(in: 0...20, using: &random)
    idleTimeout = .random(in: 1...15, using: &random)
    logs = (0..<Int.random(in: 1...6, using: &random)).map { _ in
      var time = Int64.random(in: 0...300, using: &random)
      var arrival: Int64 = 0
      return (0..<[0, 1, 5, 40].randomElement(using: &random)!).map { _ in
        time += [0, 1, 1, 2, 30].randomElement(using: &random)!
        arrival += [0, 0, 1, 3, 25].randomElement(using: &random)!
        return (arrival, max(0, time - Int64.random(in: 0...3, using: &random)))
      }
    }
  }

  /// Whether all was read within 4,000 ticks, and the longest time in which records waited and none was read.
  func run() -> (finished: Bool, waited: Int64) {
    var source = SourceWatermark(outOfOrdernessMilliseconds: outOfOrderness, idleTimeoutMilliseconds: idleTimeout)
    for partition in logs.indices { source.add(partition) }
    var positions = logs.map { _ in 0 }
    var (stuck, longest): (Int64, Int64) = (0, 0)
    for now in 0..<Int64(4000) {
      let ready = logs.indices.filter { positions[$0] < logs[$0].count && logs[$0][positions[$0]].arrival <= now }
      for partition in logs.indices where !ready.contains(partition) { source.reachedEnd(partition, polled: now) }
      source.advance(now: now, polled: now)
      _ = source.align(maximumDriftMilliseconds: drift)
      let paused = source.pausedPartitions
      let readable = ready.filter { !paused.contains($0) }
      for partition in readable {
        source.observe(partition, time: logs[partition][positions[partition]].time)
        positions[partition] += 1
      }
      stuck = readable.isEmpty && !ready.isEmpty ? stuck + 1 : 0
      longest = max(longest, stuck)
      if logs.indices.allSatisfy({ positions[$0] == logs[$0].count }) { return (true, longest) }
    }
    return (false, longest)
  }
}
