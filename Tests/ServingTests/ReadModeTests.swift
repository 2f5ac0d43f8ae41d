import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Serving
import TestSupport
import Testing

/// `read=committed` answers from the newest commit alone; every answer names its epoch.
@Suite struct ReadModeTests {
  private static let noon = FakeEngine.noon
  private static let minute = FakeEngine.minute
  private let place = TemporaryDirectory()

  /// A commit with open sessions and windows, of a run that goes on.
  private func unfinished() throws -> (run: EngineRun, commit: Commit) {
    var settings = JobSettings()
    settings.maximumBatchRecords = 1
    settings.allowedLatenessMilliseconds = Self.minute
    let run = try EngineRun(settings, in: place.file("data"))
    let lines =
      EventLine.views("a", session: "s", minutes: Array(0..<20))
      + EventLine.views("b", session: "t", minutes: Array(20..<40))
    let path = try place.write("a", lines: lines)
    for steps in stride(from: 100, to: 5000, by: 100) {
      try run.simulate([path], seed: 3, checkpointOdds: 4, steps: steps)
      guard let commit = try run.newestCommit() else { continue }
      if !commit.operatorStates.isEmpty, (5..<40).contains(commit.sources[0].accepted) { return (run, commit) }
    }
    throw NoCommit()
  }

  private struct NoCommit: Error {}

  /// An engine that has gone on since its newest commit: memory knows an hour more.
  private func server(_ run: EngineRun) throws -> EngineServer {
    let engine = try FakeEngine(run.job.settings, directory: run.directory)
    engine.publish(
      FakeEngine.views(7, minute: 0), FakeEngine.views(9, minute: 90), watermark: Self.noon + 90 * Self.minute,
      newest: Self.noon + 90 * Self.minute + 1)
    engine.openSession("u", at: [Self.noon + 90 * Self.minute])
    return try EngineServer(engine)
  }

  @Test func committedWindowsAreThoseOfTheCommit() throws {
    let (run, commit) = try unfinished()
    let server = try server(run)
    let accepted = commit.sources[0].accepted
    let epoch = "\(commit.incarnation).\(commit.epoch).0"
    let newest = Self.noon + (accepted - 1) * Self.minute
    let latest = try server.json("/kpis/latest?read=committed")
    #expect(latest["window_start"].text == EventTime.text(newest) && latest["as_of"].text == EventTime.text(newest))
    #expect(latest["metrics"]["page_views"].integer == 1)
    #expect(latest["epoch"].text == epoch && latest["completeness"]["epoch"].text == epoch)
    #expect(latest["completeness"]["status"].text == "open")
    let final = try server.json("/kpis/latest?read=committed&status=final")
    #expect(final["completeness"]["status"].text == "final")
    #expect(final["window_start"].text.map { $0 < EventTime.text(newest) } == true)
    let history = try server.json("/kpis/history?read=committed&fill=zero&from=2023-11-16T11:59:00Z")
    #expect(history["count"].integer == accepted + 1 && history["epoch"].text == epoch)
    #expect(history["windows"].array.dropFirst().allSatisfy { $0["metrics"]["page_views"].integer == 1 })
    // Memory knows more.
    #expect(try server.json("/kpis/latest")["metrics"]["page_views"].integer == 9)
    #expect(try server.json("/kpis/latest?read=latest")["epoch"].text == "2.7.1")
    #expect(
      try server.json("/kpis/history?from=2023-11-16T12:00:00Z")["windows"][0]["metrics"]["page_views"].integer == 7)
  }

  @Test func committedSessionsAreThoseOfTheCommit() throws {
    let (run, commit) = try unfinished()
    let server = try server(run)
    let epoch = "\(commit.incarnation).\(commit.epoch).0"
    let active = try server.json("/sessions/active?read=committed")
    let accepted = commit.sources[0].accepted
    #expect(active["count"].integer == (accepted > 20 ? 2 : 1) && active["epoch"].text == epoch)
    #expect(active["sessions"].array.first?["session_id"].text == (accepted > 20 ? "t" : "s"))
    #expect(active["sessions"].array.last?["events"].integer == min(accepted, 20))
    #expect(try server.json("/sessions/active?read=committed&limit=0")["sessions"].array.isEmpty)
    #expect(try server.json("/sessions/active?read=committed&now=wall")["count"].integer == 0)
    let session = try server.json("/sessions/s?read=committed")
    #expect(session["sessions"][0]["events"].integer == min(accepted, 20) && session["epoch"].text == epoch)
    #expect(try server.refusal("/sessions/u?read=committed", status: 404).contains("'u'"))
    #expect(try server.json("/sessions/u")["sessions"][0]["state"].text == "open")
    let funnel = try server.json("/funnel/current?read=committed")
    #expect(try funnel["epoch"].text == epoch && server.json("/funnel/current")["epoch"].text == epoch)
  }

  private static let routes = ["/kpis/latest", "/kpis/history", "/sessions/active", "/sessions/s", "/funnel/current"]

  @Test(arguments: routes) func aWrongModeIsRefused(_ route: String) throws {
    let server = try server(try unfinished().run)
    let refusal = try server.refusal("\(route)?read=comitted")
    #expect(refusal.contains("'read'") && refusal.contains("latest, committed") && refusal.contains("'committed'"))
  }

  @Test(arguments: routes) func everyAnswerNamesItsEpoch(_ route: String) throws {
    let (run, commit) = try unfinished()
    let server = try server(run)
    for mode in ["latest", "committed"] {
      let answer = try server.json("\(route)?read=\(mode)")
      let isOfCommit = mode == "committed" || route.hasPrefix("/funnel")
      #expect(answer["epoch"].text == (isOfCommit ? "\(commit.incarnation).\(commit.epoch).0" : "2.7.1"), "\(mode)")
      #expect(answer["completeness"]["epoch"].text == answer["epoch"].text)
    }
    for other in ["/health", "/ready", "/sources"] { #expect(try server.json(other)["epoch"].text == "2.7.1") }
  }

  @Test(arguments: routes) func beforeTheFirstCommitThereIsNothingCommitted(_ route: String) throws {
    let server = try EngineServer(FakeEngine(directory: place.file("nothing")))
    #expect(try server.refusal("\(route)?read=committed", status: 503).contains("nothing is committed yet"))
  }
}
