import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Serving
import TestSupport
import Testing

@Suite struct SessionRoutesTests {
  private static let noon = FakeEngine.noon
  private static let minute = FakeEngine.minute

  /// Three open sessions, of which the oldest ended exactly a gap ago.
  private func server() throws -> EngineServer {
    let engine = try FakeEngine()
    engine.openSession("old", at: [Self.noon])
    engine.openSession("a", at: [Self.noon, Self.noon + 10 * Self.minute])
    engine.openSession("b", at: [Self.noon + Self.minute, Self.noon + 30 * Self.minute])
    engine.publish(newest: Self.noon + 30 * Self.minute)
    return try EngineServer(engine)
  }

  @Test func activeSessionsAreYoungerThanTheGap() throws {
    let active = try server().json("/sessions/active")
    #expect(active["count"].integer == 2)
    #expect(active["sessions"].array.map { $0["session_id"].text } == ["b", "a"])
    let first = active["sessions"][0]
    #expect(first["start"].text == "2023-11-16T12:01:00Z" && first["end"].text == "2023-11-16T12:30:00Z")
    #expect(first["duration_ms"].integer == 29 * Self.minute && first["state"].text == "open")
    #expect(first["events"].integer == 2 && first["page_views"].integer == 2)
    #expect(first["revenue"].number == 0 && first["converted"].flag == false)
    #expect(active["as_of"].text == "2023-11-16T12:30:00Z" && active["gap_ms"].integer == 30 * Self.minute)
    #expect(active["completeness"]["epoch"].text == "2.7.1")
  }

  @Test func theListIsBoundedTheCountIsNot() throws {
    let server = try server()
    let active = try server.json("/sessions/active?limit=1")
    #expect(active["count"].integer == 2 && active["sessions"].array.count == 1)
    #expect(try server.json("/sessions/active?limit=0")["sessions"].array.isEmpty)
    #expect(try server.refusal("/sessions/active?limit=1001").contains("1000"))
    // By the wall clock, which is at 13:00, even the newest is over.
    #expect(try server.json("/sessions/active?now=wall")["count"].integer == 0)
  }

  @Test func beforeTheFirstEventNobodyIsThere() throws {
    let active = try EngineServer(FakeEngine()).json("/sessions/active")
    #expect(active["count"].integer == 0 && active["sessions"].array.isEmpty && active["as_of"].isNull)
  }

  @Test func anOpenSessionIsFoundWithoutAStore() throws {
    let session = try server().json("/sessions/a")
    #expect(session["count"].integer == 1)
    #expect(session["sessions"][0]["end"].text == "2023-11-16T12:10:00Z")
    #expect(session["completeness"]["provisional"].flag == true)
  }

  @Test func anUnknownSessionIsAProblem() throws {
    #expect(try server().refusal("/sessions/nobody", status: 404).contains("'nobody'"))
    #expect(try server().refusal("/sessions/a?limit=1").contains("'limit'"))
  }

  /// Two visits of one key are in the store, the third is open: one answer, by their start.
  @Test func sealedAndOpenSessionsAreOneList() throws {
    let place = TemporaryDirectory()
    let run = try EngineRun(JobSettings(), in: place.file("data"))
    let lines =
      EventLine.views("a", session: "s/1 é", minutes: [0, 5, 60]) + EventLine.views("b", session: "t", minutes: [1])
    try run.simulate([try place.write("a", lines: lines)], seed: 1, checkpointOdds: 10)
    let engine = try FakeEngine(directory: run.directory)
    engine.openSession("s/1 é", at: [Self.noon + 120 * Self.minute])
    let server = try EngineServer(engine)
    let found = try server.json("/sessions/s%2F1%20%C3%A9")
    #expect(found["session_id"].text == "s/1 é" && found["count"].integer == 3)
    #expect(found["sessions"].array.map { $0["state"].text } == ["sealed", "sealed", "open"])
    #expect(found["sessions"].array.map { $0["events"].integer } == [2, 1, 1])
    let sealed = try server.json("/sessions/t")
    #expect(sealed["sessions"][0]["start"].text == "2023-11-16T12:01:00Z")
    #expect(sealed["completeness"]["provisional"].flag == false)
    // Sealed between the two looks: the store's row counts.
    engine.openSession("t", at: [Self.noon + Self.minute])
    #expect(try server.json("/sessions/t")["sessions"].array.map { $0["state"].text } == ["sealed"])
  }

  /// A session that memory has sealed already and the commit has not yet.
  @Test func aSessionIsNotLostBetweenMemoryAndTable() throws {
    let place = TemporaryDirectory()
    var settings = JobSettings()
    settings.maximumBatchRecords = 1
    let run = try EngineRun(settings, in: place.file("data"))
    let path = try place.write("a", lines: EventLine.views("a", session: "s", minutes: Array(0..<40)))
    var isOpen = false
    for steps in stride(from: 50, to: 2000, by: 50) where !isOpen {
      try run.simulate([path], seed: 3, checkpointOdds: 4, steps: steps)
      guard let commit = try run.newestCommit() else { continue }
      isOpen = !commit.operatorStates.isEmpty && commit.sources[0].accepted > 0
    }
    try #require(isOpen, "no commit in the middle of the run")
    let found = try EngineServer(FakeEngine(settings, directory: run.directory)).json("/sessions/s")
    #expect(found["sessions"].array.map { $0["state"].text } == ["open"])
  }
}
