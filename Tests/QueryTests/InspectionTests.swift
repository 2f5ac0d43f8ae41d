import Checkpoints
import ColdStore
import Columns
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
      tables.map { $0["name"] as? String } == [
        "dead_letters", "events", "kpi_1m", "ops_commits", "orders", "sessions", "waiting",
      ])
    let epoch = try #require(found["epoch"] as? Int)
    #expect(tables.map { $0["rows"] as? Int } == [1, 4, 3, epoch, 0, 3, 0])
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
    #expect(price["rows"] as? Int == 4 && price["minimum"] is NSNull)
    #expect(price["encodings"] as? [String: Int] == ["constant": 3])
    #expect(price["codecs"] as? [String: Int] == ["none": 3])
    let time = try #require(columns.first { $0["name"] as? String == "event_ts" })
    #expect(time["minimum"] as? String == "2023-11-16T12:00:00Z" && time["nulls"] as? Int == 0)
    #expect(time["maximum"] as? String == "2023-11-17T21:20:00Z")
    let text = try Inspection.text(shop.run.snapshot(), table: "events")
    #expect(text.hasPrefix("table events: 4 rows\nfile ") && text.contains("\nprice    "))
  }

  @Test func oneSegmentShowsItsRowGroupsAndEncodings() throws {
    let shop = try make()
    let snapshot = try shop.run.snapshot()
    let state = try #require(snapshot.commit.tables.first { $0.name == "events" })
    let path = state.segments[0].path
    let found = try object(Inspection.json(snapshot, segment: path))
    #expect(found["table"] as? String == "events" && found["path"] as? String == path && found["rows"] as? Int == 3)
    let groups = try #require(found["row_groups"] as? [[String: Any]])
    #expect(groups.reduce(0) { $0 + ($1["rows"] as? Int ?? 0) } == 3 && groups[0]["offset"] as? Int == 8)
    let columns = try #require(found["columns"] as? [[String: Any]])
    #expect(columns.map { $0["name"] as? String } == state.schema.fields.map(\.name))
    let type = try #require(columns.first { $0["name"] as? String == "event_type" })
    #expect(type["minimum"] as? String == "page_vie" && type["maximum"] as? String == "page_vie")
    let session = try #require(columns.first { $0["name"] as? String == "session_id" })
    #expect(session["minimum"] as? String == "s" && session["maximum"] as? String == "say 't'")
    let text = try Inspection.text(snapshot, table: "events", segment: path)
    #expect(text.hasPrefix("file \(path) of table events: 3 rows, 0 of them deleted\nrow group  at byte"))
    #expect(text.contains("event_type  ") && text.contains("page_vie"))
    #expect(throws: (any Error).self) { try Inspection.text(snapshot, table: "sessions", segment: path) }
    #expect(throws: (any Error).self) { try Inspection.json(snapshot, segment: "events/none") }
  }

  @Test func textIsForPeople() throws {
    let shop = try make()
    let text = try Inspection.text(shop.run.snapshot(), table: nil)
    #expect(text.contains("  0  part-0.ndjson  done: 4 received = 3 accepted + 0 duplicates + 1 dead letters\n"))
    #expect(text.contains("  events: 4 rows, 2 segments of "))
  }

  @Test func anUnknownTableIsNamed() throws {
    let shop = try make()
    let error = #expect(throws: (any Error).self) { try Inspection.text(shop.run.snapshot(), table: "carts") }
    #expect(error.map { "\($0)".contains("has no table 'carts'; it has dead_letters, events") } == true)
  }
}
