import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Landing
import Query
import TestSupport
import Testing
import Windows

/// The repair step through the engine: files that come in a later run are judged by what is stored.
@Suite struct RepairTests {
  private let place = TemporaryDirectory()
  private let run: EngineRun

  init() throws {
    var settings = JobSettings()
    settings.keyGroupCount = 2
    run = try EngineRun(settings, in: place.file("data"))
  }

  /// Runs one file more.
  private func read(_ name: String, _ lines: [[UInt8]], seed: UInt64 = 1) throws {
    try run.simulate([try place.write(name, lines: lines)], seed: seed, checkpointOdds: 10)
    let report = try run.verify()
    #expect(report.isGood, "\(report.text)")
  }

  /// Key, start and end of every session.
  private func sessions() throws -> [String] {
    try run.cells(["session_id", "start", "end"], of: "sessions").map { row in
      row.replacing("2023-11-16T", with: "").replacing(":00Z", with: "")
    }
  }

  /// Whether each stored partial is sealed or a delta.
  private func kinds() throws -> [String] {
    try run.cells(["kind"], of: "kpi_1m", isRaw: true).sorted()
  }

  @Test func aDuplicateThatWaitedIsDropped() throws {
    try read("a", EventLine.views("e", session: "s", minutes: [0, 10, 20]))
    let before = try run.exportAll()
    try read("b", EventLine.views("e", session: "s", minutes: [10]))
    #expect(try run.exportAll() == before)
    let source = try #require(try run.newestCommit()).sources[1]
    #expect(source.received == 1 && source.duplicates == 1 && source.accepted == 0 && source.waiting == 0)
    #expect(source.counters[SourceState.identifierConflicts] == 0)
    #expect(try !kinds().contains("delta"))
  }

  @Test func anIdentifierWithOtherContentIsAConflict() throws {
    try read("a", EventLine.views("e", session: "s", minutes: [0, 10]))
    let before = try run.exportAll()
    try read(
      "b", [EventLine.make("e10", "click", at: EventLine.noon + 10 * EventTime.minute, session: "s")])
    #expect(try run.exportAll() == before)
    let source = try #require(try run.newestCommit()).sources[1]
    #expect(source.duplicates == 1 && source.counters[SourceState.identifierConflicts] == 1)
  }

  @Test func aLateEventIsStoredAndItsWindowGetsADelta() throws {
    try read("a", EventLine.views("e", session: "s", minutes: [0, 20]))
    #expect(try kinds() == ["sealed", "sealed"])
    try read("b", EventLine.views("late", session: "s", minutes: [20, 10]))
    #expect(try run.rows(of: "events").count == 4)
    #expect(try kinds() == ["delta", "delta", "sealed", "sealed"])
    // A window is one row again for the reader: both views of minute 20, of one session.
    let windows = try run.rows(of: "kpi_1m")
    #expect(windows.count == 3)
    #expect(windows[2].contains(#""window_start":"2023-11-16T12:20:00Z""#))
    #expect(windows[2].contains(#""sessions":1,"page_views":2,"#))
    #expect(try sessions() == ["s 12:00 12:20"])
  }

  /// Late events join sessions, part by part, and what was joined once is joined again.
  @Test func sessionsAreSplitAgainAndAgain() throws {
    try read(
      "a",
      EventLine.views("e", session: "s", minutes: [0, 50, 100, 200]) + EventLine.views("x", session: "t", minutes: [0]))
    #expect(try sessions() == ["s 12:00 12:00", "s 12:50 12:50", "s 13:40 13:40", "s 15:20 15:20", "t 12:00 12:00"])
    try read("b", EventLine.views("late", session: "s", minutes: [25]))
    #expect(try sessions() == ["s 12:00 12:50", "s 13:40 13:40", "s 15:20 15:20", "t 12:00 12:00"])
    try read("c", EventLine.views("later", session: "s", minutes: [75]))
    #expect(try sessions() == ["s 12:00 13:40", "s 15:20 15:20", "t 12:00 12:00"])
    // Before everything and exactly a gap away: a session of its own, the others stay.
    try read("d", EventLine.views("last", session: "s", minutes: [-30, 170]))
    #expect(try sessions() == ["s 11:30 11:30", "s 12:00 13:40", "s 14:50 14:50", "s 15:20 15:20", "t 12:00 12:00"])
    #expect(try #require(try run.newestCommit()).tables.first { $0.name == "sessions" }?.deletions.isEmpty == false)
  }

  @Test func keysThatWereNeverSeenGetTheirSessions() throws {
    try read("a", EventLine.views("e", session: "s", minutes: [0, 100]))
    try read("b", EventLine.views("n", session: "new", minutes: [40, 5, 20, 5]))
    #expect(try sessions() == ["new 12:05 12:40", "s 12:00 12:00", "s 13:40 13:40"])
    #expect(try #require(try run.newestCommit()).sources[1].duplicates == 1)
  }

  /// Of equal events in two partitions that of the lower partition stays, whichever is read first.
  @Test(arguments: 1...12 as ClosedRange<UInt64>)
  func theLowestPartitionKeepsAnEqualCopy(seed: UInt64) throws {
    var settings = JobSettings()
    settings.maximumBatchRecords = 1
    let run = try EngineRun(settings, in: place.file("copies-\(seed)"))
    let copy = EventLine.make("copy", "purchase", at: EventLine.noon, session: "s", #""price":10,"currency":"EUR""#)
    let before = EventLine.views("e", session: "t", minutes: [0, 0, 0, 0]).enumerated().map { index, _ in
      EventLine.make("t\(index)", "page_view", at: EventLine.noon, session: "t")
    }
    let paths = [
      try place.write("low-\(seed)", lines: before + [copy]), try place.write("high-\(seed)", lines: [copy] + before),
    ]
    try run.simulate(paths, seed: seed, checkpointOdds: 20)
    let events = try run.rows(of: "events")
    #expect(events.count == 5)
    #expect(events.allSatisfy { $0.contains(#""topic":"low-\#(seed)","partition":0,"#) }, "\(events)")
    let commit = try #require(try run.newestCommit())
    #expect(commit.sources.map(\.accepted) == [5, 0])
    #expect(commit.sources.map(\.duplicates) == [0, 5])
    #expect(try run.rows(of: "kpi_1m")[0].contains(#""revenue":"10.0000""#))
    let report = try run.verify()
    #expect(report.isGood, "\(report.text)")
  }

  /// Of equal events in one partition the first stays, though it waited and the second was judged from memory: by the
  /// next run, which grants more disorder.
  @Test func theFirstCopyOfAPartitionStays() throws {
    var settings = JobSettings()
    (settings.maximumBatchRecords, settings.keyGroupCount) = (1, 1)
    (settings.allowedLatenessMilliseconds, settings.outOfOrdernessMilliseconds) = (0, 0)
    settings.maximumDriftMilliseconds = EventTime.day
    let copy = EventLine.views("copy", session: "s", minutes: [50])
    let paths = [
      try place.write("first", lines: EventLine.views("ahead", session: "t", minutes: [60]) + copy + copy),
      try place.write("slow", lines: EventLine.views("slow", session: "u", minutes: [0, 1, 2])),
    ]
    var stopped: String?
    for seed in 1...200 as ClosedRange<UInt64> where stopped == nil {
      let run = try EngineRun(settings, in: place.file("stopped-\(seed)"))
      try run.simulate(paths, seed: seed, checkpointOdds: 5, steps: 40)
      let sources = try run.newestCommit()?.sources ?? []
      let isBetweenTheCopies = sources.first?.nextOffset == 2 && sources.first?.waiting == 1
      if isBetweenTheCopies, sources.last?.isDone == false { stopped = run.directory }
    }
    settings.outOfOrdernessMilliseconds = 20 * EventTime.minute
    let run = try EngineRun(settings, in: try #require(stopped))
    try run.simulate(paths, seed: 1, checkpointOdds: 1_000)
    let events = try run.cells(["session_id", "offset"], of: "events")
    #expect(events.filter { $0.hasPrefix("s") } == ["s 1"] && events.count == 5)
    let report = try run.verify()
    #expect(report.isGood, "\(report.text)")
  }
}
