import Commerce
import HotIndex
import Testing
import Windows

@testable import Serving

@Suite struct KpiChannelTests {
  private static let noon = FakeEngine.noon
  private let engine: FakeEngine
  private var channel: KpiChannel

  init() throws {
    engine = try FakeEngine()
    channel = KpiChannel(engine.job.rollupTables[0].rollup, engine.job.settings)
  }

  /// The data of what the channel has to say now.
  private mutating func advance() throws -> JSON? { try channel.advance(engine.status, engine.hot).map(data) }

  private mutating func said() throws -> ServerSentEvent {
    let event = channel.advance(engine.status, engine.hot)
    return try #require(event)
  }

  private mutating func snapshot() throws -> ServerSentEvent {
    let event = channel.snapshot()
    return try #require(event)
  }

  private func data(_ event: ServerSentEvent) throws -> JSON {
    let text = String(decoding: event.bytes, as: UTF8.self)
    let line = try #require(text.split(separator: "\n").first { $0.hasPrefix("data: ") })
    return try JSON(Array(line.dropFirst(6).utf8))
  }

  private func starts(_ data: JSON?) -> [String?] { data?["windows"].array.map { $0["window_start"].text } ?? [] }

  @Test mutating func oneBeginsWithASnapshotOfWhatCanChange() throws {
    let event = channel.snapshot()
    #expect(event == nil)
    // Noon's window is final, those from 12:10 on are not.
    for minute in [0, 10, 11, 12] as [Int64] { engine.publish(FakeEngine.views(minute + 1, minute: minute)) }
    engine.publish(watermark: Self.noon + 12 * FakeEngine.minute, newest: Self.noon + 12 * FakeEngine.minute + 500)
    #expect(try advance() == nil, "who joins gets the snapshot")
    let snapshot = try data(snapshot())
    #expect(snapshot["kind"].text == "snapshot" && snapshot["rollup"].text == "kpi_1m")
    #expect(starts(snapshot) == ["2023-11-16T12:10:00Z", "2023-11-16T12:11:00Z", "2023-11-16T12:12:00Z"])
    #expect(snapshot["completeness"]["watermark"].text == "2023-11-16T12:12:00Z")
    #expect(snapshot["as_of"].text == "2023-11-16T12:12:00.500Z")
    #expect(snapshot["windows"][2]["metrics"]["page_views"].integer == 13)
  }

  @Test mutating func onlyWhatChangedIsSaid() throws {
    engine.addPartition(0)
    engine.publish(FakeEngine.views(1, minute: 0), newest: Self.noon)
    #expect(try advance() == nil)
    #expect(try advance() == nil, "nothing is new")
    engine.publish(newest: Self.noon + 2)
    #expect(try advance() == nil, "no window has changed")
    engine.publish(FakeEngine.views(2, minute: 0), FakeEngine.views(5, minute: 1), newest: Self.noon + 60_000)
    let both = try #require(try advance())
    #expect(both["kind"].text == "change" && both["sequence"].integer == 2)
    #expect(starts(both) == ["2023-11-16T12:00:00Z", "2023-11-16T12:01:00Z"])
    #expect(both["totals"]["lag"].integer == 5 && both["totals"]["dead_letters"].integer == 2)
    engine.publish(FakeEngine.views(6, minute: 1))
    #expect(starts(try advance()) == ["2023-11-16T12:01:00Z"])
  }

  @Test mutating func theEndOfAWindowIsSaid() throws {
    engine.publish(FakeEngine.views(1, minute: 0), watermark: Self.noon, newest: Self.noon)
    #expect(try advance() == nil)
    var statuses: [String?] = []
    for minute in [1, 12, 13] as [Int64] {
      engine.publish(FakeEngine.views(1, minute: minute), watermark: Self.noon + minute * FakeEngine.minute)
      let windows = try advance()?["windows"].array ?? []
      let first = windows.first { $0["window_start"].text == "2023-11-16T12:00:00Z" }
      statuses.append(first?["completeness"]["status"].text)
    }
    #expect(statuses == ["on_time", "final", nil])
  }

  @Test mutating func whoComesBackMissesNothing() throws {
    engine.publish(FakeEngine.views(1, minute: 0), newest: Self.noon)
    #expect(try advance() == nil)
    let first = try snapshot()
    var events: [ServerSentEvent] = []
    for count in 2...5 as ClosedRange<Int64> {
      engine.publish(FakeEngine.views(count, minute: 0))
      events.append(try said())
    }
    #expect(channel.events(after: first.id) == events)
    #expect(channel.events(after: events[1].id) == Array(events[2...]))
    #expect(channel.events(after: events[3].id) == [])
    #expect(channel.events(after: "1.1.1-1") == nil)
    #expect(channel.events(after: "") == nil)
    #expect(events[3].id == "2.7.5-5")
    #expect(channel.snapshot()?.id == events[3].id)
  }

  @Test mutating func whatIsKeptIsBounded() throws {
    engine.publish(FakeEngine.views(1, minute: 0), newest: Self.noon)
    #expect(try advance() == nil)
    let first = try snapshot()
    var last = first
    for count in 2...1100 as ClosedRange<Int64> {
      engine.publish(FakeEngine.views(count, minute: 0))
      last = try said()
    }
    #expect(channel.events(after: first.id) == nil)
    #expect(channel.events(after: last.id) == [])
  }

  @Test mutating func nothingYetIsSaidToo() throws {
    #expect(try advance() == nil)
    let snapshot = try data(snapshot())
    #expect(snapshot["count"].integer == 0 && snapshot["completeness"]["watermark"].isNull)
    #expect(snapshot["totals"]["lag"].integer == 0)
  }
}
