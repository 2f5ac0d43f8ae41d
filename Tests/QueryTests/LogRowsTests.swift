import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Query
import TestSupport
import Testing

@Suite struct LogRowsTests {
  @Test func eventsAreSortedByPartitionAndOffset() throws {
    var settings = JobSettings()
    settings.maximumBatchRecords = 3
    settings.rowGroupRows = 4
    // Across days and out of order in time: stored apart, printed together.
    let minutes: [Int64] = [0, 2000, 1, 2001, 2, 2002, 3, 2003, 4, 2004]
    let shop = try Shop(
      settings, EventLine.views("a", session: "s", minutes: minutes),
      EventLine.views("b", session: "t", minutes: minutes.reversed()))
    let rows = try shop.run.cells(["topic", "partition", "offset", "event_id"], of: "events")
    #expect(
      rows == minutes.enumerated().map { "part-0.ndjson 0 \($0) a\($1)" }
        + minutes.reversed().enumerated().map { "part-1.ndjson 1 \($0) b\($1)" })
  }

  @Test func deadLettersHaveTheirBytes() throws {
    let broken: [UInt8] = [0x7B, 0xFF, 0x00]
    let shop = try Shop(
      JobSettings(),
      [
        Array(#"{"a": "\"}"#.utf8), EventLine.make("e", "page_view", at: EventLine.noon, session: "s"), broken, [],
        EventLine.make("f", "unheard_of", at: EventLine.noon, session: "s"),
      ])
    #expect(
      try shop.run.cells(["offset", "reason"], of: "dead_letters") == [
        "0 malformed_json", "2 invalid_utf8", "3 empty_message", "4 unknown_event_type",
      ])
    let rows = try shop.run.rows(of: "dead_letters")
    #expect(rows[0].contains(#""raw":"{\"a\": \"\\\"}","raw_base64":null"#))
    #expect(rows[1].contains(#""raw":null,"raw_base64":"e/8A""#))
    #expect(rows[2].contains(#""raw":"","raw_base64":null"#))
  }

  /// An event that another copy has displaced is hidden.
  @Test func deletedRowsAreNotShown() throws {
    var settings = JobSettings()
    settings.maximumBatchRecords = 1
    let copies = EventLine.views("a", session: "s", minutes: [0, 1, 2])
    let low = [EventLine.make("x", "click", at: EventLine.noon, session: "t")] + copies
    var displacing = 0
    for seed in 1...8 as ClosedRange<UInt64> {
      let shop = try Shop(settings)
      // Where the higher partition is read first, its copies are stored and then displaced.
      try shop.read(try shop.place.write([low, copies]), seed: seed)
      #expect(try shop.run.cells(["partition", "event_id"], of: "events") == ["0 x", "0 a0", "0 a1", "0 a2"])
      let events = try #require(try shop.run.newestCommit()).tables.first { $0.name == "events" }
      if events?.deletions.isEmpty == false { displacing += 1 }
    }
    #expect(displacing > 0)
  }
}
