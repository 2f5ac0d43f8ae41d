import HotIndex
import Query
import Testing
import Windows

@Suite struct KpiMetricsTests {
  private static let measures = [
    Measure("purchases", .count, of: .all), Measure("sessions", .distinct(.session), of: .all),
    Measure("orders", .distinct(.order), of: .all), Measure("revenue", .amount, of: .all),
  ]

  private func metrics(
    purchases: Int64, sessions: Int64, orders: Int64, _ sums: [String: Int128], currency: String? = nil
  ) -> KpiMetrics {
    let amounts = sums.sorted { $0.key < $1.key }.map { HotAmount(currency: Array($0.key.utf8), amount: $0.value) }
    let window = HotWindow(
      window: 0..<60_000, group: [], eventCount: 1, counts: [purchases], distincts: [sessions, orders],
      amounts: [amounts], isApproximate: false, status: .open, corrections: 0, deltas: 0, updatedMilliseconds: nil)
    return KpiMetrics(window, measures: Self.measures, currency: currency.map { Array($0.utf8) })
  }

  private func rounded(_ value: KpiValue?, digits: Int) -> Int128? {
    switch value {
    case .ratio(let ratio), .average(let ratio): ratio.rounded(digits: digits)
    default: nil
    }
  }

  @Test func theSampleComesOut() {
    let metrics = metrics(purchases: 310, sessions: 1820, orders: 310, ["EUR": 91_234_000])
    #expect(rounded(metrics["conversion_rate"], digits: 4) == 1703)
    #expect(rounded(metrics["aov"], digits: 2) == 2943)
    #expect(metrics["revenue"] == .money(91_234_000))
    #expect(metrics["revenue_by_currency"] == .sums([]))
    #expect(metrics["page_views"] == .count(0), "a measure that is not there counts nothing")
    #expect(metrics.values.map(\.name) == KpiMetrics.names)
  }

  @Test(arguments: [(["EUR": 50_000], 40_000), (["USD": 50_000], nil), ([:], 90_000)] as [([String: Int128], Int128?)])
  func refundsInAnotherCurrencyAreNotSubtracted(_ refunds: [String: Int128], _ net: Int128?) {
    let window = HotWindow(
      window: 0..<60_000, group: [], eventCount: 2, counts: [], distincts: [],
      amounts: [["EUR": 90_000], refunds].map { sums in
        sums.map { HotAmount(currency: Array($0.key.utf8), amount: $0.value) }
      },
      isApproximate: false, status: .open, corrections: 0, deltas: 0, updatedMilliseconds: nil)
    let measures = [Measure("revenue", .amount, of: .all), Measure("refunds", .amount, of: .all)]
    #expect(KpiMetrics(window, measures: measures, currency: nil)["net_revenue"] == .money(net))
    let inEuros = KpiMetrics(window, measures: measures, currency: Array("EUR".utf8))
    #expect(inEuros["net_revenue"] == .money(90_000 - (refunds["EUR"] ?? 0)))
  }

  @Test func nothingIsDividedByZero() {
    let metrics = metrics(purchases: 0, sessions: 0, orders: 0, [:])
    for name in ["conversion_rate", "order_conversion_rate", "aov"] {
      #expect(metrics[name] != nil && rounded(metrics[name], digits: 4) == nil, "\(name)")
    }
    #expect(metrics["revenue"] == .money(0))
  }

  @Test func severalCurrenciesAreListed() {
    let sums: [String: Int128] = ["EUR": 10_000, "JPY": 20_000]
    let open = metrics(purchases: 2, sessions: 1, orders: 2, sums)
    #expect(open["revenue"] == .money(nil) && open["net_revenue"] == .money(nil))
    #expect(rounded(open["aov"], digits: 2) == nil)
    guard case .sums(let listed) = open["revenue_by_currency"] else {
      Issue.record("no sums")
      return
    }
    #expect(listed.map(\.amount) == [10_000, 20_000])
    #expect(metrics(purchases: 2, sessions: 1, orders: 2, sums, currency: "JPY")["revenue"] == .money(20_000))
    #expect(metrics(purchases: 2, sessions: 1, orders: 2, sums, currency: "USD")["revenue"] == .money(0))
  }

  @Test func quotientsRoundHalfToEven() {
    #expect(KpiRatio(1, 8).rounded(digits: 2) == 12)
    #expect(KpiRatio(3, 8).rounded(digits: 2) == 38)
    #expect(KpiRatio(-1, 8).rounded(digits: 2) == -12)
  }

  /// SEMANTICS §8: 310 of 1820.
  @Test func theIntervalIsWilsons() throws {
    let interval = try #require(KpiRatio(310, 1820).interval95)
    #expect(abs(interval.lowerBound - 0.15376) < 0.000005 && abs(interval.upperBound - 0.18829) < 0.000005)
    #expect(KpiRatio(0, 0).interval95 == nil && KpiRatio(2, 1).interval95 == nil)
    #expect(KpiRatio(0, 5).interval95?.lowerBound == 0)
  }
}
