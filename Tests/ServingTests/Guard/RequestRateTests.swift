import Testing

@testable import Serving

@Suite struct RequestRateTests {
  private static let second: UInt64 = 1_000_000_000

  @Test func aBucketHoldsASecondsRequests() {
    let rate = RequestRate(perSecond: 10)
    var even: UInt64 = 0
    for _ in 0..<10 { #expect(rate.take(&even, at: 5 * Self.second) == nil) }
    #expect(rate.take(&even, at: 5 * Self.second) == Self.second / 10)
    #expect(rate.take(&even, at: 5 * Self.second + Self.second / 10) == nil)
    #expect(rate.take(&even, at: 5 * Self.second + Self.second / 10) != nil, "what is refused costs nothing")
    #expect((0..<10).allSatisfy { _ in rate.take(&even, at: 60 * Self.second) == nil }, "it fills up again")
    #expect(rate.take(&even, at: 60 * Self.second) != nil, "and not further")
  }

  @Test func oneRequestPerSecondIsOne() {
    let rate = RequestRate(perSecond: 1)
    var even: UInt64 = 0
    #expect(rate.take(&even, at: 7) == nil)
    #expect(rate.take(&even, at: 7) == Self.second)
    #expect(rate.take(&even, at: 7 + Self.second) == nil)
  }

  @Test func callersAreApart() {
    var rates = RequestRates<Int>(RequestRate(perSecond: 1))
    #expect(rates.take(1, at: 0) == nil)
    #expect(rates.take(1, at: 1) != nil)
    #expect(rates.take(2, at: 1) == nil)
  }

  @Test func callersBeyondTheTableShareABucketUntilOthersAreEven() {
    var rates = RequestRates<Int>(RequestRate(perSecond: 1), callersMax: 2)
    #expect(rates.take(1, at: 0) == nil && rates.take(2, at: 0) == nil)
    #expect(rates.take(3, at: 1) == nil)
    #expect(rates.take(4, at: 1) != nil)
    #expect(rates.take(4, at: 3 * Self.second) == nil)
    #expect(rates.take(3, at: 3 * Self.second) == nil)
    #expect(rates.take(3, at: 3 * Self.second) != nil)
  }
}
