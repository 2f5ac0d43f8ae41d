import Columns
import Testing
import Windows

@testable import Ingest

@Suite struct SourceClockTests {
  private func clock(
    partitions: Int = 3, outOfOrderness: Int64 = 5, idleTimeout: Int64 = 30, liveThreshold: Int64 = 3_600_000,
    drift: Int64 = 60_000
  ) -> SourceClock {
    var source = SourceWatermark(
      outOfOrdernessMilliseconds: outOfOrderness, idleTimeoutMilliseconds: idleTimeout,
      liveThresholdMilliseconds: liveThreshold)
    for partition in 0..<partitions { source.add(partition) }
    return SourceClock(source, maximumDriftMilliseconds: drift)
  }

  /// The golden vector T1: idleness by position in the log, then the wall clock once all are at their end.
  @Test func goldenIdleness() {
    let clock = clock()
    func tick(_ now: Int64) -> Int64? {
      clock.tick(monotonic: now, confirmed: now)
      return clock.watermark
    }
    func record(_ partition: Int, _ time: Int64, at now: Int64) -> Int64? {
      _ = tick(now)
      clock.observe(partition, newest: time, arrival: now)
      return clock.watermark
    }
    #expect(record(0, 100, at: 1000) == nil)
    #expect(record(1, 103, at: 1001) == nil)
    #expect(tick(1002) == nil)
    clock.reachedEnd(2)
    #expect(record(0, 130, at: 1020) == nil)
    #expect(tick(1031) == nil)
    #expect(tick(1032) == 98)
    #expect(record(1, 120, at: 1040) == 115)
    #expect(record(2, 90, at: 1041) == 115)
    #expect(record(2, 140, at: 1042) == 115)
    #expect(tick(1050) == 115)
    for partition in 0..<3 { clock.reachedEnd(partition) }
    #expect(tick(1079) == 115)
    #expect(tick(1080) == 1045)
    #expect(tick(1200) == 1165)
  }

  /// Time in which we did not look, or the broker did not answer, is no idleness.
  @Test func ourOwnPausesAndLostBrokersAreNoIdleness() {
    let clock = clock(partitions: 1)
    clock.tick(monotonic: 0, confirmed: 1000)
    clock.observe(0, newest: 1000, arrival: 1000)
    clock.reachedEnd(0)
    for now in stride(from: 10, through: 5_000, by: 10) as StrideThrough<Int64> {
      clock.tick(monotonic: now, confirmed: nil)
    }
    #expect(clock.source.state(of: 0) == .atEnd, "the broker is lost")
    clock.tick(monotonic: 5_029, confirmed: 6_029)
    #expect(clock.source.state(of: 0) == .atEnd)
    clock.tick(monotonic: 5_030, confirmed: 6_030)
    #expect(clock.source.state(of: 0) == .excluded && clock.watermark == 6_030 - 5 - 30)

    let slow = self.clock(partitions: 1, idleTimeout: 150)
    slow.tick(monotonic: 0, confirmed: 0)
    slow.observe(0, newest: 100, arrival: 100)
    slow.reachedEnd(0)
    slow.tick(monotonic: 60_000, confirmed: 60_000)
    #expect(slow.source.state(of: 0) == .atEnd, "a tick that comes late counts for a tenth of a second")
    slow.tick(monotonic: 60_050, confirmed: 60_050)
    #expect(slow.source.state(of: 0) == .excluded)
  }

  @Test func aReplayHoldsTheWatermark() {
    let clock = clock(partitions: 2, liveThreshold: 100, drift: .max)
    clock.tick(monotonic: 0, confirmed: 500_000)
    clock.observe(0, newest: 1000, arrival: 500_000)
    clock.observe(1, newest: 499_990, arrival: 500_000)
    for partition in 0..<2 { clock.reachedEnd(partition) }
    clock.tick(monotonic: 40, confirmed: 500_040)
    #expect(clock.watermark == 995 && clock.source.isReplaying, "one of them is old")
    clock.observe(0, newest: 500_050, arrival: 500_050)
    #expect(!clock.source.isReplaying)
    clock.reachedEnd(0)
    clock.tick(monotonic: 70, confirmed: 500_070)
    #expect(clock.watermark == 500_045, "the other has been at its end for long and counts no more")
    clock.tick(monotonic: 80, confirmed: 500_180)
    #expect(clock.watermark == 500_145)
  }

  /// Who is ahead waits, counts as active however long that takes, and goes on when the others have come up or ended.
  @Test func whoIsAheadWaitsAndResumes() {
    let clock = clock(partitions: 2, drift: 60)
    clock.tick(monotonic: 0, confirmed: 1000)
    clock.observe(0, newest: 100, arrival: 1000)
    clock.observe(1, newest: 500, arrival: 1000)
    #expect(!clock.isPaused(0) && clock.isPaused(1))
    clock.reachedEnd(1)
    for now in stride(from: 50, through: 400, by: 50) as StrideThrough<Int64> {
      clock.tick(monotonic: now, confirmed: 1000 + now)
    }
    #expect(clock.isPaused(1) && clock.watermark == 95, "a paused partition is never left out")
    clock.observe(0, newest: 439, arrival: 1400)
    #expect(clock.isPaused(1))
    clock.observe(0, newest: 440, arrival: 1400)
    #expect(!clock.isPaused(1))
    clock.observe(1, newest: 900, arrival: 1400)
    #expect(clock.isPaused(1))
    clock.reachedEnd(0)
    clock.tick(monotonic: 430, confirmed: 1430)
    #expect(!clock.isPaused(1), "the slower one is left out")
  }

  @Test func boundedPartitionsEndInTheDistantFuture() {
    let clock = clock(partitions: 2)
    clock.observe(0, newest: 100, arrival: nil)
    clock.end(1)
    #expect(clock.watermark == 95)
    clock.end(0)
    #expect(clock.watermark == EventTime.distantFuture)
  }

  /// A partition that comes back is told what may be sealed already: its rows are judged by that at least.
  @Test func whoComesBackLearnsTheWatermark() {
    let clock = clock(partitions: 2)
    clock.tick(monotonic: 0, confirmed: 100)
    clock.observe(0, newest: 200, arrival: 200)
    clock.reachedEnd(1)
    clock.tick(monotonic: 30, confirmed: 130)
    #expect(clock.source.state(of: 1) == .excluded)
    #expect(clock.resumeReading(1) == 195)
    #expect(clock.source.state(of: 1) == .active)
    clock.observe(1, newest: 50, arrival: 130)
    #expect(clock.watermark == 195)
  }
}
