import Commerce
import CommerceTestSupport
import Foundation
import Query
import Testing

@Suite struct InspectionTests {
  private func object(_ text: String) throws -> [String: Any] {
    try #require(JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  private func make() throws -> Shop {
    try Shop(
      JobSettings(), EventLine.views("a", session: "s", minutes: [0, 1, 2000]) + [[]],
      EventLine.views("b", session: "say 't'", minutes: [1]))
  }

  @Test func jsonNamesPartitionsTablesAndStates() throws {
    let shop = try make()
    let found = try object(Inspection.json(shop.run.snapshot(), table: nil))
    #expect(
      found.keys.sorted() == [
        "epoch", "incarnation", "operator_states", "skipped_commits", "sources", "tables", "watermark",
      ])
    let sources = try #require(found["sources"] as? [[String: Any]])
    #expect(sources.map { $0["topic"] as? String } == ["part-0.ndjson", "part-1.ndjson"])
    #expect(sources.map { $0["received"] as? Int } == [4, 1])
    #expect(sources.map { $0["next_offset"] as? Int } == [4, 1])
    #expect(sources.map { $0["dead_letters"] as? Int } == [1, 0])
    #expect(sources.allSatisfy { $0["done"] as? Bool == true && $0["byte_offset"] as? Int == $0["byte_count"] as? Int })
    let tables = try #require(found["tables"] as? [[String: Any]])
    #expect(
      tables.map { $0["name"] as? String } == ["dead_letters", "events", "kpi_1m", "sessions", "waiting"])
    #expect(tables.map { $0["rows"] as? Int } == [1, 4, 3, 3, 0])
    #expect(tables.allSatisfy { $0["tail_bytes"] as? Int == 0 })
    let states = try #require(found["operator_states"] as? [[String: Any]])
    #expect(
      states.map { $0["name"] as? String }
        == (0..<4).map { "identities-\($0)" } + (0..<4).map { "key-group-\($0)" } + ["merger"])
    #expect((found["skipped_commits"] as? [Any])?.isEmpty == true)
  }

  @Test func oneTableShowsItsSegmentsAndColumns() throws {
    let shop = try make()
    let found = try object(Inspection.json(shop.run.snapshot(), table: "events"))
    let tables = try #require(found["tables"] as? [[String: Any]])
    #expect(tables.count == 1)
    let segments = try #require(tables[0]["segments"] as? [[String: Any]])
    #expect(segments.map { $0["day"] as? String } == ["2023-11-16", "2023-11-17"])
    #expect(segments.map { $0["rows"] as? Int } == [3, 1])
    #expect(segments[0]["minimum_time"] as? String == "2023-11-16T12:00:00Z")
    #expect(segments[0]["maximum_time"] as? String == "2023-11-16T12:01:00Z")
    for segment in segments {
      let path = try #require(segment["path"] as? String)
      let size = try FileManager.default.attributesOfItem(atPath: "\(shop.run.directory)/\(path)")[.size] as? Int
      #expect(segment["byte_count"] as? Int == size)
    }
    let columns = try #require(tables[0]["columns"] as? [[String: Any]])
    #expect(columns.first?["name"] as? String == "source")
    let price = try #require(columns.first { $0["name"] as? String == "price" })
    #expect(price["nulls"] as? Int == 4 && price["type"] as? String == "decimal")
    let text = try Inspection.text(shop.run.snapshot(), table: "events")
    #expect(text.hasPrefix("table events: 4 rows\n") && text.contains("price decimal: "))
  }

  @Test func textIsForPeople() throws {
    let shop = try make()
    let text = try Inspection.text(shop.run.snapshot(), table: nil)
    #expect(text.contains("  0  part-0.ndjson  done: 4 received = 3 accepted + 0 duplicates + 1 dead letters\n"))
    #expect(text.contains("  events: 4 rows, 2 segments of "))
  }

  @Test func anUnknownTableIsNamed() throws {
    let shop = try make()
    let error = #expect(throws: (any Error).self) { try Inspection.text(shop.run.snapshot(), table: "orders") }
    #expect(error.map { "\($0)".contains("has no table 'orders'; it has dead_letters, events") } == true)
  }
}
