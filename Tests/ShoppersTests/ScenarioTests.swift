import Columns
import Foundation
import Shoppers
import Testing

/// Steady rates and what happens beside ordinary days.
@Suite struct ScenarioTests {
  private func options(_ scenario: Scenario = .normal, perSecond: Double = 50, minutes: Int = 12) -> TrafficOptions {
    var options = TrafficOptions()
    options.scenario = scenario
    options.linesPerSecond = perSecond
    options.eventCount = Int(perSecond * 60) * minutes
    options.users = 2000
    options.products = 2000
    return options
  }

  /// Lines made in each minute of event time, duplicates and malformed ones left out.
  private func perMinute(_ options: TrafficOptions, where belongs: (TrafficLine) -> Bool = { _ in true }) throws
    -> [Int]
  {
    var counts: [Int: Int] = [:]
    for line in try Traffic(options) where line.kind == .event && belongs(line) {
      counts[Int((line.eventTime - options.start) / EventTime.minute), default: 0] += 1
    }
    return (0..<(counts.keys.max() ?? 0)).map { counts[$0, default: 0] }
  }

  @Test func aSteadyRateHoldsFromTheFirstMinuteOn() throws {
    let counts = try perMinute(options())
    #expect(counts.count >= 10)
    for count in counts { #expect((2900...3100).contains(count), "\(counts)") }
  }

  @Test func peopleBuyFromTheFirstMinuteOn() throws {
    func isPurchase(_ line: TrafficLine) -> Bool {
      String(decoding: line.bytes, as: UTF8.self).contains("\"event_type\":\"purchase\"")
    }
    let counts = try perMinute(options(), where: isPurchase)
    try #require(counts.count > 8)
    #expect(counts[0] > counts[8] / 3 && counts[0] < counts[8] * 3, "\(counts)")
  }

  @Test(arguments: Scenario.allCases) func theSeedDecidesEverything(_ scenario: Scenario) throws {
    let first = Array(try Traffic(options(scenario, minutes: 4)))
    #expect(first.count == 12_000)
    #expect(first == Array(try Traffic(options(scenario, minutes: 4))))
    for (line, next) in zip(first, first.dropFirst()) { #expect(line.arrivalTime <= next.arrivalTime) }
  }

  @Test func peakTrafficRisesToTheMiddle() throws {
    let counts = try perMinute(options(.peakTraffic, perSecond: 20, minutes: 30))
    try #require(counts.count > 9, "\(counts)")
    #expect(2 * counts[4] > 5 * counts[0] && counts[4] > 2 * counts[9], "\(counts)")
  }

  @Test func aFlashSaleIsForFewProducts() throws {
    let sale = Set((0..<5).map { "\"product_id\":\"sku_0000\($0)\"" })
    func isSale(_ line: TrafficLine) -> Bool {
      let text = String(decoding: line.bytes, as: UTF8.self)
      return sale.contains { text.contains($0) }
    }
    let options = options(.flashSale, perSecond: 20, minutes: 16)
    let (all, ofSale) = (try perMinute(options), try perMinute(options, where: isSale))
    try #require(ofSale.count > 3)
    #expect(all[3] > 3 * all[1], "\(all)")
    #expect(ofSale[3] > all[3] / 2 && ofSale[1] < all[1] / 4, "\(ofSale) of \(all)")
  }

  @Test func fraudstersBuyALot() throws {
    func isFraudulentPurchase(_ line: TrafficLine) -> Bool {
      let text = String(decoding: line.bytes, as: UTF8.self)
      return text.contains("\"event_type\":\"purchase\"") && text.contains("\"user_id\":\"u_9000")
    }
    let counts = try perMinute(options(.fraudWave, perSecond: 20), where: isFraudulentPurchase)
    try #require(counts.count > 3)
    #expect(
      counts[0] == 0 && counts[1] == 0 && counts[3] > 40 && counts.dropFirst(7).allSatisfy { $0 == 0 }, "\(counts)")
  }

  @Test func anOutageSilencesAThirdOfThePartitionsAndThenAllComes() throws {
    var options = options(.outage, minutes: 3)
    options.partitions = 6
    let silence = options.start + 30_000..<options.start + 90_000
    let lines = Array(try Traffic(options))
    #expect(!lines.contains { $0.partition < 2 && silence.contains($0.arrivalTime) })
    let burst = lines.filter { $0.partition < 2 && $0.arrivalTime == silence.upperBound }
    #expect(burst.count > 600 && burst.allSatisfy { $0.eventTime <= silence.upperBound })
    #expect(lines.contains { $0.partition >= 2 && silence.contains($0.arrivalTime) })
  }

  @Test func whatIsPostponedHappensLater() throws {
    var lines = try Traffic(options()).makeIterator()
    func next() throws -> TrafficLine {
      let line = lines.next()
      return try #require(line)
    }
    for _ in 0..<1000 { _ = try next() }
    let before = try next()
    lines.postpone(byMilliseconds: 60_000)
    lines.postpone(byMilliseconds: -5)
    #expect(try next().arrivalTime >= before.arrivalTime + 60_000)
    var newest = before.eventTime
    for _ in 0..<1000 { newest = max(newest, try next().eventTime) }
    #expect(newest >= before.eventTime + 60_000)
  }

  @Test func aLineKnowsItsKey() throws {
    for line in try Traffic(options(minutes: 1)) where line.kind == .event {
      let event = try JSONSerialization.jsonObject(with: Data(line.bytes)) as? [String: Any]
      #expect(event?["session_id"] as? String == String(decoding: line.key, as: UTF8.self))
    }
  }

  @Test func anImpossibleRateIsRefused() {
    #expect(throws: TrafficOptionsError.self) { try Traffic(options(perSecond: 0)) }
  }
}
