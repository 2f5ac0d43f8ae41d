import Columns
import Dataflow
import Testing
import Windows

@testable import Ingest

@Suite struct LaneOutputTests {
  private static let noon: Int64 = 1_700_136_000_000

  private static func event(_ time: Int64, _ more: String = "") -> String {
    #"{"event_type":"page_view","event_ts":\#(time),"session_id":"s\#(time % 7)"\#(more)}"#
  }

  /// Exactly a day after its arrival an event is stored, and a millisecond more is absurd; five minutes are no skew.
  @Test func arrivalDecidesWhatIsAbsurdAndWhatMovesTheWatermark() throws {
    var lane = try TestLane(outOfOrderness: 5_000)
    let noon = Self.noon
    let skews = [0, 300_000, 300_001, EventTime.day, EventTime.day + 1, 3 * EventTime.day, -EventTime.day]
    lane.emit(skews.enumerated().map { (Int64($0), Self.event(noon + $1), noon) })
    #expect(lane.output.newest == noon + 300_000)
    #expect(try lane.accepted().map(\.offset) == [0, 1, 2, 3, 6])
    #expect(
      try lane.accepted().map(\.watermark) == [
        noon - 5_000, noon + 295_000, noon + 295_000, noon + 295_000, noon + 295_000,
      ])
    #expect(try lane.letters().map(\.reason) == ["4 absurd_time event_ts", "5 absurd_time event_ts"])
    #expect(
      try lane.letters().map(\.raw) == [Self.event(noon + EventTime.day + 1), Self.event(noon + 3 * EventTime.day)])
    let counts = try lane.counts()
    #expect(counts.received == 7 && counts.deadLetters == 2 && counts.reasons == ["absurd_time": 2])
  }

  /// The golden vector T2.
  @Test func goldenSkewGuard() throws {
    var lane = try TestLane(outOfOrderness: 5, futureSkew: 60)
    let base = Self.noon
    var watermarks: [Int64] = []
    for (offset, (time, arrival)) in [(1_000, 1_000), (90_000, 1_001), (1_010, 1_010)].enumerated() {
      lane.emit([(Int64(offset), Self.event(base + Int64(time)), base + Int64(arrival))])
      watermarks.append((lane.output.watermark?.watermark ?? 0) - base)
    }
    #expect(watermarks == [995, 995, 1_005])
    #expect(try lane.accepted().map(\.offset) == [0, 1, 2], "a future event is stored")
  }

  @Test func filesHaveNoArrivalAndNoSkewGuard() throws {
    var lane = try TestLane()
    lane.emit([(0, Self.event(Self.noon)), (1, Self.event(Self.noon + 400 * EventTime.day))])
    #expect(lane.output.newest == Self.noon + 400 * EventTime.day)
    #expect(try lane.accepted().map(\.offset) == [0, 1])
  }

  /// Compaction and transactions leave gaps: each dead letter keeps the offset, the reason and the bytes of its own
  /// message, and arrivals belong to messages, not to rows.
  @Test(arguments: [1, 3, 8]) func offsetsWithGapsMeetTheirOwnDeadLetters(keyGroups: Int) throws {
    var lane = try TestLane(keyGroups: keyGroups)
    let noon = Self.noon
    let messages: [(offset: Int64, text: String, arrival: Int64)] = [
      (10, "{", noon), (13, Self.event(noon), noon), (14, "", noon),
      (20, Self.event(noon + 1), noon - 2 * EventTime.day),
      (21, Self.event(noon + 2), noon),
      (40, Self.event(noon + 3, #","price":900000000000000,"quantity":900000"#), noon),
      (41, Self.event(noon + 4).replacing("page_view", with: "dance"), noon), (90, Self.event(noon + 5), noon),
    ]
    lane.emit(messages)
    let letters = try lane.letters().sorted { $0.offset < $1.offset }
    #expect(
      letters.map(\.reason) == [
        "10 malformed_json -", "14 empty_message -", "20 absurd_time event_ts", "40 malformed_json price",
        "41 unknown_event_type event_type",
      ])
    let texts = Dictionary(uniqueKeysWithValues: messages.map { ($0.offset, $0.text) })
    for letter in letters { #expect(letter.raw == texts[letter.offset]) }
    #expect(try lane.accepted().map(\.offset).sorted() == [13, 21, 90])
    let counts = try lane.counts()
    #expect(counts.received == 8 && counts.deadLetters == 5 && counts.reasons["malformed_json"] == 2)
  }

  @Test func theFloorIsRaisedAndNeverLowered() throws {
    var lane = try TestLane(outOfOrderness: 5)
    lane.output.raiseFloor(to: Self.noon)
    lane.output.raiseFloor(to: Self.noon - 10)
    lane.emit([(0, Self.event(Self.noon - 50)), (1, Self.event(Self.noon + 50)), (2, Self.event(Self.noon))])
    #expect(try lane.accepted().map(\.watermark) == [Self.noon, Self.noon + 45, Self.noon + 45])
  }
}
