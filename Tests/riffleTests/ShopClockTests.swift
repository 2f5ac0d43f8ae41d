import Columns
import Testing

@testable import riffle

@Suite struct ShopClockTests {
  private let now: Int64 = 1_800_000_000_000

  @Test func withoutASpeedItIsTheWallClock() {
    let clock = ShopClock(wallStart: now)
    #expect(clock.start == now && clock.time(afterMilliseconds: 1234) == now + 1234)
    #expect(clock.milliseconds(until: now + 1234) == 1234)
  }

  @Test func aDayInAnHourEndsNow() {
    let hour = EventTime.hour
    let clock = ShopClock(wallStart: now, speed: 24, catchUpMilliseconds: hour)
    #expect(clock.start == now - 23 * hour)
    #expect(clock.time(afterMilliseconds: 1000) == clock.start + 24_000)
    #expect(clock.time(afterMilliseconds: hour) == now + hour)
    #expect(clock.milliseconds(until: clock.start + 48_000) == 2000)
    #expect(clock.milliseconds(until: now + hour) == hour)
  }

  @Test func onceItHasCaughtUpItKeepsToTheWallClock() {
    let clock = ShopClock(wallStart: now, speed: 60, catchUpMilliseconds: 10_000)
    for elapsed in [10_000, 10_001, 500_000] as [Int64] {
      #expect(clock.time(afterMilliseconds: elapsed) == now + elapsed)
      #expect(clock.milliseconds(until: now + elapsed) == elapsed)
    }
  }

  @Test func neverAhead() {
    for speed in [0.5, 1, 7, 1000] {
      let clock = ShopClock(wallStart: now, speed: speed, catchUpMilliseconds: 60_000)
      for elapsed in stride(from: Int64(0), through: 120_000, by: 777) {
        let time = clock.time(afterMilliseconds: elapsed)
        #expect(time <= now + elapsed, "\(speed)x after \(elapsed) ms")
        #expect(abs(clock.milliseconds(until: time) - elapsed) <= Int64(1 / speed) + 1, "\(speed)x after \(elapsed) ms")
      }
    }
  }
}
