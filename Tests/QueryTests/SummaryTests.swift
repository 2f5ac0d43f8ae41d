import Columns
import Commerce
import CommerceTestSupport
import Foundation
import Query
import Testing

@Suite struct SummaryTests {
  private func summary(_ shop: Shop) throws -> [String: Any] {
    let text = try Summary.json(shop.run.snapshot(), job: shop.run.job)
    #expect(!text.contains("\n"), "it is one line")
    return try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private static let lines: [[UInt8]] = [
    EventLine.make("a", "page_view", at: EventLine.noon, session: "s"),
    EventLine.make("a", "page_view", at: EventLine.noon, session: "s"),
    EventLine.make("b", "add_to_cart", at: EventLine.noon + 1, session: "s"),
    EventLine.make(
      "c", "purchase", at: EventLine.noon + 2, session: "s", #""price":0.5,"quantity":3,"currency":"EUR""#),
    EventLine.make("d", "page_view", at: EventLine.noon + EventTime.minute, session: "t"),
    EventLine.make("e", "order.paid", at: EventLine.noon + EventTime.minute, session: "t"), [], Array("{".utf8),
    Array("}".utf8),
  ]

  @Test func everyMessageIsInIt() throws {
    let found = try summary(Shop(JobSettings(), Self.lines))
    #expect(
      found.keys.sorted() == [
        "accepted", "dead_letters", "duplicates", "reasons", "received", "revenue", "session_funnel", "sessions",
        "types", "windows",
      ])
    #expect(found["received"] as? Int == 9 && found["accepted"] as? Int == 5 && found["duplicates"] as? Int == 1)
    #expect(found["dead_letters"] as? Int == 3)
    #expect(found["reasons"] as? [String: Int] == ["empty_message": 1, "malformed_json": 2])
    #expect(
      found["types"] as? [String: Int] == ["page_view": 2, "add_to_cart": 1, "purchase": 1, "order.*": 1])
    #expect(found["windows"] as? Int == 2 && found["sessions"] as? Int == 2)
    #expect(found["revenue"] as? String == "1.5000")
    #expect(found["session_funnel"] as? [String: Int] == ["page_view": 2, "add_to_cart": 1, "purchase": 1])
  }

  @Test func sumsOfSeveralCurrenciesAreListed() throws {
    let yen = EventLine.make("y", "purchase", at: EventLine.noon, session: "s", #""price":7,"currency":"JPY""#)
    let found = try summary(Shop(JobSettings(), Self.lines, [yen]))
    #expect(found["revenue"] is NSNull)
    #expect(found["revenue_by_currency"] as? [String: String] == ["EUR": "1.5000", "JPY": "7.0000"])
  }

  @Test func nothingIsZero() throws {
    let found = try summary(Shop(JobSettings(), []))
    #expect(found["received"] as? Int == 0 && found["windows"] as? Int == 0 && found["revenue"] as? String == "0.0000")
    #expect((found["reasons"] as? [String: Int])?.isEmpty == true)
  }
}
