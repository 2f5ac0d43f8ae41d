import Columns
import Commerce
import CommerceTestSupport
import Landing
import Query
import TestSupport
import Testing

@Suite struct QueryAnswerTests {
  private static func rows(_ answer: QueryAnswer) throws -> [[OutputValue]] {
    var rows: [[OutputValue]] = []
    while let more = try answer.next() { rows += more }
    return rows
  }

  private static func shop(
    _ events: RandomEvents, rowGroupRows: Int, mergedRowGroupRows: Int = 1024
  ) throws -> Shop {
    var settings = JobSettings()
    settings.rowGroupRows = rowGroupRows
    settings.compaction.rowGroupRows = mergedRowGroupRows
    settings.maximumBatchRecords = 16
    let shop = try Shop(settings)
    try shop.read(try shop.place.write(events.messages))
    return shop
  }

  @Test(arguments: [1, 2, 3, 4] as [UInt64])
  func everyQueryAnswersAsAPlainLoopDoes(_ seed: UInt64) throws {
    let events = RandomEvents(seed: seed, count: 400, partitions: 2)
    let shop = try Self.shop(events, rowGroupRows: [16, 50, 64, 1000][Int(seed - 1)])
    try expectPlainAnswers(shop, events, seed: seed, requests: 120)
  }

  /// Merged rows are in another order, and columns of them are dictionaries that determine each other.
  @Test(arguments: [11, 12] as [UInt64])
  func mergedRowsAnswerAsAPlainLoopDoes(_ seed: UInt64) throws {
    let events = RandomEvents(seed: seed, count: 2000, partitions: 2)
    let shop = try Self.shop(events, rowGroupRows: 300, mergedRowGroupRows: [1024, 4000][Int(seed - 11)])
    let outcome = try JobCompaction.run(shop.run.job, shop.run.open())
    #expect(!outcome.isEmpty)
    try expectPlainAnswers(shop, events, seed: seed, requests: 80)
  }

  private func expectPlainAnswers(_ shop: Shop, _ events: RandomEvents, seed: UInt64, requests count: Int) throws {
    let stored = try shop.run.snapshot()
    let present = Snapshot(directory: stored.directory, present: try stored.scattered(seed: seed))
    let plain = PlainQuery(rows: events.plain)
    var requests = RandomRequests(seed: seed)
    var filled = 0
    for number in 0..<count {
      let request = requests.next()
      let answer = try QueryAnswer(
        number % 2 == 0 ? stored : present, job: shop.run.job, request, limits: QueryLimits(workers: 1 + number % 3))
      let (found, expected) = (try Self.rows(answer), plain.answer(request))
      if !found.isEmpty { filled += 1 }
      guard found == expected else {
        Issue.record("seed \(seed), request \(number): \(request)\nfound \(found)\nexpected \(expected)")
        return
      }
    }
    #expect(5 * filled > 2 * count)
  }

  @Test func rowsWithoutOrderStreamWhole() throws {
    let events = RandomEvents(seed: 9, count: 300, partitions: 3)
    let shop = try Self.shop(events, rowGroupRows: 32)
    var request = QueryRequest(table: "events")
    request.select = ["event_id"]
    let found = try Self.rows(try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request)).map { $0[0].text }
    #expect(found.sorted() == events.plain.map { $0["event_id"]?.text ?? "" }.sorted())
    request.limit = 7
    #expect(try Self.rows(try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request)).count == 7)
    request.limit = nil
    request.select = []
    let answer = try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request)
    #expect(answer.columns.prefix(5) == ["topic", "partition", "offset", "event_id", "event_type"])
    #expect(try Self.rows(answer).count == 300)
  }

  /// An empty table has one group of everything, and none of anything else.
  @Test func nothingIsCounted() throws {
    let shop = try Shop(JobSettings(), [EventLine.make("a", "click", at: EventLine.noon, session: "s")])
    var request = QueryRequest(table: "events")
    request.filters = [QueryFilter("event_type", .equal, .text("purchase"))]
    request.measures = [
      QueryMeasure(.count, nil, name: "n"), QueryMeasure(.sum, "price", name: "s"),
      QueryMeasure(.quantile(thousandths: 500), "price", name: "p"), QueryMeasure(.countDistinct, "user_id", name: "d"),
      QueryMeasure(.approximateCountDistinct, "user_id", name: "a"), QueryMeasure(.minimum, "geo_city", name: "m"),
    ]
    let snapshot = try shop.run.snapshot()
    let found = try Self.rows(try QueryAnswer(snapshot, job: shop.run.job, request))
    #expect(found == [[.integer(0), .null, .null, .integer(0), .integer(0), .null]])
    request.groupBy = [.column("geo_country")]
    #expect(try Self.rows(try QueryAnswer(snapshot, job: shop.run.job, request)).isEmpty)
  }

  @Test func realNumbersAreAddedUp() throws {
    let events = RandomEvents(seed: 5, count: 200, partitions: 1)
    let shop = try Self.shop(events, rowGroupRows: 20)
    var request = QueryRequest(table: "events")
    request.measures = [QueryMeasure(.sum, "geo_lat", name: "s"), QueryMeasure(.average, "geo_lat", name: "a")]
    let lats = events.plain.compactMap { row in if case .real(let lat)? = row["geo_lat"] { lat } else { nil } }
    let sum = lats.reduce(0, +)
    let found = try Self.rows(try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request))
    #expect(found == [[.real(sum), .real(sum / Double(lats.count))]])
  }

  @Test func whatIsTooMuchIsRefused() throws {
    let events = RandomEvents(seed: 6, count: 200, partitions: 1)
    let shop = try Self.shop(events, rowGroupRows: 20)
    func refusal(_ limits: QueryLimits, _ change: (inout QueryRequest) -> Void) throws -> String {
      var request = QueryRequest(table: "events")
      change(&request)
      let error = #expect(throws: QueryError.self) {
        _ = try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request, limits: limits)
      }
      #expect(error?.kind == .limit)
      return error?.description ?? ""
    }
    var limits = QueryLimits(workers: 2)
    (limits.groupsMax, limits.heldValuesMax, limits.orderedRowsMax, limits.approximateGroupsMax) = (9, 9, 9, 9)
    #expect(
      try refusal(limits) { $0.groupBy = [.column("event_id")] }
        == "query: the query needs more than 9 groups at once; group by fewer columns or longer times, or filter more")
    let distinct = QueryMeasure(.countDistinct, "event_id", name: "d")
    #expect(try refusal(limits) { $0.measures = [distinct] }.contains("distinct values"))
    let median = QueryMeasure(.quantile(thousandths: 500), "price", name: "p")
    #expect(try refusal(limits) { $0.measures = [median] }.contains("percentiles"))
    let ordered = try refusal(limits) { request in
      request.select = []
      request.order = [QueryOrder("price")]
    }
    #expect(ordered.contains("set a 'limit'"))
  }

  @Test func whatTimeRulesOutIsNotRead() throws {
    let events = RandomEvents(seed: 7, count: 400, partitions: 1)
    let shop = try Self.shop(events, rowGroupRows: 16)
    var request = QueryRequest(table: "events")
    request.measures = [QueryMeasure(.count, nil, name: "n")]
    let all = try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request)
    #expect(all.statistics.rowGroupsPruned == 0 && all.statistics.rows == 400)
    request.from = EventLine.noon + EventTime.day
    let late = try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request)
    #expect(try Self.rows(late) == [[.integer(8)]])
    #expect(late.statistics.rowGroups < all.statistics.rowGroups)
    #expect(late.statistics.segmentsPruned + late.statistics.rowGroupsPruned > 0)
    request.filters = [QueryFilter("user_id", .equal, .text("zz"))]
    #expect(try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request).statistics.bytes == 0)
  }

  /// A filter tells of nearly all row groups without a user that nothing of them need be read.
  @Test func whatFiltersRuleOutIsNotRead() throws {
    let shop = try Self.shop(RandomEvents(seed: 8, count: 400, partitions: 1), rowGroupRows: 16)
    var request = QueryRequest(table: "events")
    request.select = ["event_id"]
    request.filters = [QueryFilter("event_id", .equal, .text("nobody"))]
    let answer = try QueryAnswer(shop.run.snapshot(), job: shop.run.job, request)
    #expect(try Self.rows(answer) == [])
    let read = answer.statistics
    #expect(read.rowGroupsPruned > 10 && read.rowGroupsPruned > 4 * read.rowGroups)
  }
}
