import Checkpoints
import Columns
import CommerceTestSupport
import Query
import TestSupport
import Testing

@Suite struct AsOfTests {
  private static let start = EventTime.parse("2026-01-31T08:00:00Z") ?? 0

  /// A shop that read one file at 08:00, 08:10 and 08:20 each, of two events each.
  private func shop(retention: Int64 = EventTime.hour) throws -> Shop {
    var shop = try Shop()
    for index in Int64(0)..<3 {
      let now = AsOfTests.start + index * 10 * EventTime.minute
      shop.run.history = CommitHistory(retentionMilliseconds: retention) { now }
      let lines = EventLine.views("\(index)", session: "s\(index)", minutes: [5 * index, 5 * index + 1])
      try shop.read("file-\(index).ndjson", lines)
    }
    return shop
  }

  private func count(_ shop: Shop, _ asOf: String, table: String = "events") throws -> String {
    let request = try QueryRequest(
      json: Array(#"{"table":"\#(table)","measures":[{"count":"*"}],"as_of":\#(asOf),"format":"csv"}"#.utf8))
    let snapshot = try Snapshot(directory: shop.run.directory, asOf: request.asOf)
    let printer = QueryPrinter(try QueryAnswer(snapshot, job: shop.run.job, request))
    var bytes: [UInt8] = []
    while let block = try printer.next() { bytes += block }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").dropFirst().joined()
  }

  @Test func aTimeIsAnsweredAsItWasThen() throws {
    let shop = try shop()
    #expect(try count(shop, #""2026-01-31T08:00:00Z""#) == "2")
    #expect(try count(shop, #""2026-01-31T08:19:59.999Z""#) == "4")
    #expect(try count(shop, #""2026-01-31T08:20:00Z""#) == "6")
    #expect(try count(shop, #""2030-01-01""#) == "6")
    let epoch = try #require(try shop.run.newestCommit()).epoch
    #expect(try count(shop, "\(epoch)") == "6")
    // Windows and sessions are merged with the states of then.
    #expect(try count(shop, #""2026-01-31T08:10:00Z""#, table: "sessions") == "2")
    #expect(try count(shop, #""2026-01-31T08:10:00Z""#, table: "kpi_1m") == "4")
  }

  @Test func whatIsNotKeptIsRefusedWithWhatIs() throws {
    let shop = try shop()
    let early = #expect(throws: QueryError.self) { try count(shop, #""2026-01-31T07:59:59Z""#) }
    #expect(
      early?.description.contains(
        "no commit of 2026-01-31T07:59:59Z any more: the oldest that is kept is of 2026-01-31T08:00:00Z")
        == true)
    let unknown = #expect(throws: QueryError.self) { try count(shop, "999") }
    #expect(unknown?.description.contains("commit 999 is not kept") == true)
    let neither = #expect(throws: QueryError.self) { try count(shop, #""yesterday""#) }
    #expect(neither?.description.contains("must be a commit's number or a time such as") == true)
  }

  /// One row for each commit, in their order, also of those that are not kept.
  @Test func everyCommitHasItsRow() throws {
    let shop = try shop(retention: 0)
    let epochs = try #require(try shop.run.newestCommit()).epoch
    let columns = ["epoch", "accepted", "committed_at"]
    let rows = try shop.run.cells(columns, of: "ops_commits")
    #expect(rows.count == Int(epochs))
    #expect(rows.enumerated().allSatisfy { $1.hasPrefix("\($0 + 1) ") })
    #expect(rows.last == "\(epochs) 6 2026-01-31T08:20:00Z")
    #expect(try count(shop, "\(epochs)", table: "ops_commits") == "\(epochs)")
    #expect(try shop.run.cells(["received", "waiting", "segments"], of: "ops_commits").last?.hasPrefix("6 0 ") == true)
  }
}
