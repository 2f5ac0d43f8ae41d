import Checkpoints
import Columns
import Commerce
import CommerceTestSupport
import Query
import Synchronization
import TestSupport
import Testing

@Suite struct SessionRowsTests {
  /// By the bytes of the key, then by start; not by the order of files, key groups or sealing.
  @Test func sessionsAreSortedByKeyAndStart() throws {
    let shop = try Shop(
      JobSettings(),
      EventLine.views("a", session: "b", minutes: [0, 100]) + EventLine.views("a", session: "é", minutes: [101]),
      EventLine.views("b", session: "a", minutes: [90]) + EventLine.views("c", session: "B", minutes: [91])
        + EventLine.views("d", session: "b", minutes: [50]) + EventLine.views("e", session: "aa", minutes: [91]))
    #expect(
      try shop.run.cells(["session_id", "start"], of: "sessions").map { $0.replacing("2023-11-16T", with: "") } == [
        "B 13:31:00Z", "a 13:30:00Z", "aa 13:31:00Z", "b 12:00:00Z", "b 12:50:00Z", "b 13:40:00Z", "é 13:41:00Z",
      ])
  }

  @Test func aSessionSaysWhatHappenedInIt() throws {
    func line(_ number: Int64, _ type: String, _ more: String = "") -> [UInt8] {
      EventLine.make("e\(number)", type, at: EventLine.noon + number * 1000, session: "s", user: "u", more)
    }
    let shop = try Shop(
      JobSettings(),
      [
        line(0, "page_view", #""page":"/in","utm":{"campaign":"fall"}"#), line(2, "search"),
        line(3, "add_to_cart"), line(4, "click"),
        line(5, "purchase", #""price":1.5,"quantity":3,"currency":"EUR""#),
        line(6, "page_view", #""page":"/out""#),
      ])
    let columns = [
      "session_id", "start", "end", "events", "page_views", "clicks", "searches", "add_to_carts", "purchases",
      "revenue", "converted", "funnel_step", "user_id", "campaign", "entry_page", "exit_page",
    ]
    #expect(
      try shop.run.cells(columns, of: "sessions") == [
        "s 2023-11-16T12:00:00Z 2023-11-16T12:00:06Z 6 2 1 1 1 1 4.5000 true 3 u fall /in /out"
      ])
  }

  /// A commit in the middle shows the sessions that are still open.
  @Test func openSessionsAreRowsToo() throws {
    var settings = JobSettings()
    settings.maximumBatchRecords = 1
    var shop = try Shop(settings)
    let observer = shop.run
    let seen = Mutex<[(accepted: Int64, rows: [String])]>([])
    shop.run.onCommit = { commit in
      let rows = (try? observer.cells(["session_id", "events"], of: "sessions")) ?? ["unreadable"]
      seen.withLock { $0.append((commit.sources[0].accepted, rows)) }
    }
    let path = try shop.place.write(
      "a", lines: (0..<30).map { EventLine.make("e\($0)", "click", at: EventLine.noon + $0, session: "s") })
    try shop.run.simulate([path], seed: 4, checkpointOdds: 8)
    let commits = seen.withLock { $0 }
    #expect(commits.contains { $0.accepted > 0 && $0.accepted < 30 })
    for commit in commits { #expect(commit.rows == (commit.accepted == 0 ? [] : ["s \(commit.accepted)"])) }
  }
}
