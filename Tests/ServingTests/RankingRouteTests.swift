import CommerceTestSupport
import TestSupport
import Testing
import Windows

@testable import Serving

/// `/products/top` and `/geo` say what rollups with those groups say.
@Suite struct RankingRouteTests {
  private static let seeds = [1, 2, 3] as [UInt64]

  @Test(arguments: seeds, [SessionMode.given, .derived])
  func countriesAreThoseOfARollup(_ seed: UInt64, _ mode: SessionMode) throws {
    let shop = try AnsweringShop(seed: seed, currency: seed == 1 ? "EUR" : nil, mode: mode)
    let geo = try shop.server.json("/geo?\(AnsweringShop.range)")
    let rows = try shop.exported("countries")
    #expect(geo["country_count"].integer == 4 && rows.count == 4)
    let sessions = geo["countries"].array.compactMap { $0["sessions"].integer }
    #expect(sessions == sessions.sorted(by: >))
    for country in geo["countries"].array {
      let row = try #require(rows.first { $0["geo_country"].text == country["geo_country"].text })
      for name in ["sessions", "unique_users", "page_views", "add_to_carts", "purchases"] {
        #expect(country[name].integer == row[name].integer, "seed \(seed): \(name)")
      }
      #expect(country["revenue"].amount == row["revenue"].amount)
      let rate = try #require(country["conversion_rate"].number)
      #expect(abs(rate - (row["conversion_rate"].number ?? -1)) <= 0.00005)
      for currency in row["revenue_by_currency"].names {
        #expect(country["revenue_by_currency"][currency].amount == row["revenue_by_currency"][currency].amount)
      }
    }
    #expect(try shop.server.json("/geo?\(AnsweringShop.range)&limit=2")["countries"].array.count == 2)
  }

  @Test(arguments: seeds, ["revenue", "purchases", "units", "add_to_carts", "views"])
  func productsAreThoseOfARollup(_ seed: UInt64, _ rank: String) throws {
    let shop = try AnsweringShop(seed: seed, currency: "EUR")
    let target = "/products/top?\(AnsweringShop.range)&by=\(rank)"
    let top = try shop.server.json(target + "&k=1000")
    let rows = try shop.exported("products")
    let products = top["products"].array
    #expect(products.count == 15 && top["product_count"].integer == 15)
    #expect(products.map { $0["rank"].integer } == (1...15).map { $0 })
    for product in products {
      let row = try #require(rows.first { $0["product_id"].text == product["product_id"].text })
      for name in ["page_views", "add_to_carts", "purchases"] {
        #expect(product[name].integer == row[name].integer, "seed \(seed): \(name)")
      }
      #expect(product["revenue"].amount == row["revenue"].amount)
    }
    let name = rank == "views" ? "page_views" : rank
    let values = products.compactMap { $0[name].amount }
    #expect(values == values.sorted(by: >) && values.count == 15)
    let first = try shop.server.json(target + "&k=3")["products"].array
    #expect(first.map { $0["product_id"].text } == products.prefix(3).map { $0["product_id"].text })
  }

  @Test func unitsCountWhatWasBought() throws {
    let shop = try AnsweringShop(seed: 4)
    var units: [String: Double] = [:]
    for event in try shop.exported("events") where event["event_type"].text == "purchase" {
      units[event["product_id"].text ?? "", default: 0] += event["quantity"].isNull ? 1 : event["quantity"].amount ?? 0
    }
    for product in try shop.server.json("/products/top?\(AnsweringShop.range)&by=units&k=50")["products"].array {
      let expected = units[product["product_id"].text ?? "", default: 0]
      #expect(abs((product["units"].number ?? -1) - expected) < 0.00001)
    }
  }

  @Test func aRangeIsKept() throws {
    let shop = try AnsweringShop(seed: 5)
    let part = try shop.server.json("/geo?from=2023-11-16T12:10:00Z&to=2023-11-16T12:20:00Z")
    let events = try shop.exported("events").filter { event in
      let time = event["event_ts"].text ?? ""
      return time >= "2023-11-16T12:10:00Z" && time < "2023-11-16T12:20:00Z"
    }
    let views = part["countries"].array.reduce(0) { $0 + ($1["page_views"].integer ?? 0) }
    #expect(views == Int64(events.count { $0["event_type"].text == "page_view" }) && views > 0)
    #expect(part["from"].text == "2023-11-16T12:10:00Z" && part["to"].text == "2023-11-16T12:20:00Z")
    // The last day, as of the newest event.
    let all = try shop.server.json("/geo")
    #expect(all["from"].text.map { $0 < "2023-11-16T12:00:00Z" } == true && !all["countries"].array.isEmpty)
    #expect(all["epoch"].text == all["completeness"]["epoch"].text)
  }

  @Test func wrongParametersAreNamed() throws {
    let server = try EngineServer(FakeEngine())
    #expect(try server.refusal("/products/top?by=price").contains("revenue, purchases, units"))
    #expect(try server.refusal("/products/top?k=0").contains("'k'"))
    #expect(try server.refusal("/products/top?from=x").contains("'from'"))
    #expect(try server.refusal("/geo?minutes_back=1&from=0").contains("combined"))
    #expect(try server.refusal("/geo?limit=5000").contains("'limit'"))
    #expect(try server.get("/geo").status == 503)
  }
}
