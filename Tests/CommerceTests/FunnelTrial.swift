import Checkpoints
import ColdStore
import Columns
import Commerce
import PlainReference
import Query
import Shoppers
import TestSupport
import Testing

/// A random request, and what must come of it.
struct FunnelTrial {
  let request: FunnelRequest

  init(_ scenario: Scenario, _ seed: UInt64) {
    var random = SeededRandom(seed: seed)
    func choose<Value>(_ values: [Value]) -> Value { values[Int(random.next() % UInt64(values.count))] }
    var request = FunnelRequest(scenario.settings)
    request.steps = choose([
      ["page_view", "add_to_cart", "purchase"], ["page_view", "page_view", "click", "purchase"],
      ["search", "page_view"], ["click", "click", "click"],
    ])
    request.windowMilliseconds = choose([20_000, 300_000, EventTime.hour, EventTime.day])
    request.unit = choose([.user, .session])
    request.groupBy = choose([nil, "utm_campaign", "page"])
    request.maximumBufferedEvents = choose([1 << 22, 300])
    let start = scenario.traffic.start + Int64(random.next() % 7_200_000)
    (request.from, request.to) = choose([(nil, nil), (start, nil), (nil, start), (start, start + 1_800_000)])
    self.request = request
  }

  /// - Parameter events: what is stored.
  func check(_ snapshot: Snapshot, _ job: Job, _ events: [PlainEvent], _ comment: Comment) throws {
    let watermark = snapshot.commit.watermark
    let report = try FunnelReport(snapshot, job: job, request)
    let newest = max(events.map(\.time).max() ?? .min, watermark)
    let end = request.to ?? max((newest == .min ? 0 : newest) + 1, request.from ?? .min)
    let funnel = PlainFunnel(
      steps: request.steps, window: request.windowMilliseconds,
      entries: (request.from ?? end - EventTime.day)..<end, watermark: watermark)
    #expect(report.entries == funnel.entries, comment)
    // Partitions were numbered in the order of reading, which was against that of the names.
    let journeys = Dictionary(grouping: events) { request.unit == .user ? $0.user ?? $0.session : $0.session }.values
      .map { funnel.journey($0.sorted { ($0.time, -$0.partition, $0.offset) < ($1.time, -$1.partition, $1.offset) }) }
    let groupBy: ((PlainEvent) -> String?)? =
      switch request.groupBy {
      case "utm_campaign": { $0.campaign }
      case "page": { $0.page }
      default: nil
      }
    expectSame(
      report.rows, funnel.rows(of: journeys, groupBy: groupBy), "\(comment), \(request), W \(watermark)")
  }
}
