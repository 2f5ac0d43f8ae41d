import Testing

@testable import riffle

@Suite struct ProgressBarTests {
  @Test func aLineTellsShareRateAndTimeLeft() {
    let bar = ProgressBar(bytesTotal: 4096, nowMilliseconds: 1000, isVisible: true)
    #expect(
      bar.line(bytesDone: 1024, events: 500, nowMilliseconds: 3000)
        == "[=====>              ] 25%  1.0 KiB of 4.0 KiB  250 events/s  6 s left")
    #expect(
      bar.line(bytesDone: 4096, events: 500, nowMilliseconds: 6000)
        == "[====================] 100%  4.0 KiB of 4.0 KiB  100 events/s")
  }

  @Test func anUnknownTotalHasNoBar() {
    let bar = ProgressBar(bytesTotal: 0, nowMilliseconds: 0, isVisible: true)
    #expect(bar.line(bytesDone: 10, events: 0, nowMilliseconds: 0) == "10 B  0 events/s")
  }

  @Test func eventsTellTheShareWhereBytesDoNot() {
    let bar = ProgressBar(bytesTotal: 0, eventsTotal: 1000, nowMilliseconds: 0, isVisible: true)
    #expect(
      bar.line(bytesDone: 1024, events: 500, nowMilliseconds: 2000)
        == "[==========>         ] 50%  1.0 KiB  250 events/s  2 s left")
  }

  @Test func itIsDrawnAtMostTenTimesASecond() {
    var bar = ProgressBar(bytesTotal: 1000, nowMilliseconds: 0, isVisible: true)
    var draws = 0
    for now in Int64(0)..<1000 {
      draws += bar.redraw(bytesDone: now, events: now, nowMilliseconds: now) == nil ? 0 : 1
    }
    #expect(draws == 10)
  }

  @Test func aShorterLineCoversTheLongerOne() {
    var bar = ProgressBar(bytesTotal: 1000, nowMilliseconds: 0, isVisible: true)
    let long = bar.redraw(bytesDone: 1, events: 0, nowMilliseconds: 1000)
    let short = bar.redraw(bytesDone: 1000, events: 0, nowMilliseconds: 2000)
    #expect(long != nil)
    #expect(short?.count == long?.count)
  }

  @Test func withoutATerminalItIsSilent() {
    var bar = ProgressBar(bytesTotal: 1000, nowMilliseconds: 0, isVisible: false)
    #expect(bar.redraw(bytesDone: 1, events: 0, nowMilliseconds: 1000) == nil)
  }
}
