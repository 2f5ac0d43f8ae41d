import Commerce
import CommerceTestSupport
import Landing
import TestSupport
import Testing

@testable import Serving

@Suite struct JourneyRouteTests {
  /// Events as places, and the next cursor.
  private func page(_ answer: JSON) -> (places: [String], next: String?) {
    (answer["events"].array.map(place), answer["next_cursor"].text)
  }

  private func place(_ event: JSON) -> String {
    "\(event["event_ts"].text ?? "") \(event["topic"].text ?? "") \(event["offset"].integer ?? -1)"
  }

  @Test(arguments: [1, 2, 3, 1000], [7, 12] as [UInt64])
  func pagesAreAllOfAUserInOrder(_ limit: Int, _ seed: UInt64) throws {
    let shop = try AnsweringShop(seed: seed)
    let events = try shop.exported("events")
    for user in ["u0", "u5", "u11"] {
      let expected = events.filter { $0["user_id"].text == user }.map(place).sorted()
      var (found, cursor) = ([String](), String?.none)
      repeat {
        let target = "/users/\(user)/journey?limit=\(limit)" + (cursor.map { "&cursor=\($0)" } ?? "")
        let answer = page(try shop.server.json(target))
        #expect(answer.places.count == limit || answer.next == nil)
        found += answer.places
        cursor = answer.next
      } while cursor != nil && found.count < 1000
      // Times of one length sort as text, offsets do not.
      #expect(found.sorted() == expected && !found.isEmpty && found.count == expected.count)
      let times = found.map { $0.prefix(20) }
      #expect(times == times.sorted())
    }
  }

  @Test func anEventHasTheColumnsOfTheExport() throws {
    let shop = try AnsweringShop(seed: 8)
    let answer = try shop.server.json("/users/u1/journey?limit=1000")
    let exported = try shop.exported("events")
    for event in answer["events"].array {
      let row = try #require(exported.first { place($0) == place(event) })
      #expect(event.names == row.names && event["event_id"].text == row["event_id"].text)
      #expect(event["price"].amount == row["price"].amount)
    }
    #expect(answer["user_id"].text == "u1" && answer["count"].integer == Int64(answer["events"].array.count))
    let part = try shop.server.json("/users/u1/journey?from=2023-11-16T12:10:00Z&to=2023-11-16T12:20:00Z")
    let times = part["events"].array.compactMap { $0["event_ts"].text }
    #expect(!times.isEmpty && times.allSatisfy { $0 >= "2023-11-16T12:10" && $0 < "2023-11-16T12:20" })
  }

  /// Before the first commit, and before the first file.
  @Test func whatHasJustComeIsThere() throws {
    let shop = try AnsweringShop(seed: 7)
    let engine = try FakeEngine(shop.run.job.settings)
    engine.messages = try shop.run.snapshot().scattered(seed: 7, keepsFiles: false)
    engine.messages?.revision = 31
    let server = try EngineServer(engine)
    for user in ["u0", "u5"] {
      let (journey, stored) = (
        try server.json("/users/\(user)/journey?limit=1000"), try shop.server.json("/users/\(user)/journey?limit=1000")
      )
      #expect(page(journey).places == page(stored).places && !page(journey).places.isEmpty)
      #expect(journey["as_of"].text == stored["as_of"].text)
      #expect(journey["epoch"].text?.hasSuffix(".31") == true && stored["epoch"].text?.hasSuffix(".0") == true)
    }
    #expect(try server.refusal("/users/nobody/journey", status: 404).contains("'nobody'"))
    #expect(try server.refusal("/users/u0/journey?read=committed", status: 503).contains("committed"))
    for target in ["/products/top", "/geo", "/funnel/current?steps=page_view,purchase", "/dlq?limit=500"] {
      let (found, stored) = (try server.json(target), try shop.server.json(target))
      for name in ["product_count", "country_count", "count", "total"] {
        #expect(found[name].integer == stored[name].integer, "\(target) \(name)")
      }
      for name in ["users", "converted"] {
        #expect(found["steps"].array.map { $0[name].integer } == stored["steps"].array.map { $0[name].integer })
      }
    }
  }

  @Test func wrongParametersAreNamed() throws {
    let shop = try AnsweringShop(seed: 9)
    #expect(try shop.server.refusal("/users/nobody/journey", status: 404).contains("'nobody'"))
    #expect(try shop.server.refusal("/users/u1/journey?limit=1001").contains("'limit'"))
    for cursor in ["5", "zz", "", "31"] {
      #expect(try shop.server.refusal("/users/u1/journey?cursor=\(cursor)").contains("next_cursor"))
    }
  }

  @Test func cursorsAreReadBack() throws {
    let cursor = PlaceCursor(key: -5, sameKeyCount: 2, topic: "a|b", partition: 3, offset: 4)
    let query = try HTTPQuery(encoded: "cursor=\(cursor.text)")
    #expect(try PlaceCursor(query) == cursor)
    #expect(cursor.isBefore(topic: "a|b", partition: 3, offset: 5))
    #expect(!cursor.isBefore(topic: "a|b", partition: 3, offset: 4))
    #expect(cursor.isBefore(topic: "b", partition: 0, offset: 0))
    #expect(!cursor.isBefore(topic: "a", partition: 9, offset: 9))
  }
}
