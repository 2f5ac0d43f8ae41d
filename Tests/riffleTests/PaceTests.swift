import Testing

@testable import riffle

@Suite struct PaceTests {
  @Test(arguments: [("2000", 2000.0), ("0.5", 0.5)]) func ratesAreNumbers(_ text: String, _ rate: Double) {
    #expect(PaceText.rate(text) == .some(.some(rate)))
  }

  @Test(arguments: ["max", "0"]) func someRatesAreNoLimit(_ text: String) {
    #expect(PaceText.rate(text) == .some(.none))
  }

  @Test(arguments: ["", "-1", "fast", "1e3", "nan", "inf", "20000000", "0.0000001"])
  func otherRatesAreNone(_ text: String) { #expect(PaceText.rate(text) == nil) }

  @Test func speedsEndWithX() {
    #expect(PaceText.speed("60x") == 60 && PaceText.speed("0.5x") == 0.5)
    for text in ["60", "x", "0x", "-1x", "infx", "1 x"] { #expect(PaceText.speed(text) == nil, "\(text)") }
  }

  @Test func dueTimesFollowThePace() {
    #expect(Pace.fastest.dueMilliseconds(number: 9, elapsedMilliseconds: 9) == 0)
    #expect(Pace.rate(perSecond: 200).dueMilliseconds(number: 50, elapsedMilliseconds: 9) == 250)
    #expect(Pace.eventTime(speed: 60).dueMilliseconds(number: 9, elapsedMilliseconds: 60_000) == 1000)
    #expect(Pace.eventTime(speed: 0.001).dueMilliseconds(number: 0, elapsedMilliseconds: .max) == Int64(1e15))
  }
}
