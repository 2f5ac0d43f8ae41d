internal import Foundation
package import Windows

/// What the engine must answer, worked out in one pass over everything: slow, plain, and written from the definitions
/// alone. Every accepted event counts, however late; of equal events the first of the lowest partition is accepted.
package struct Reference {
  package var accepted: [PlainEvent] = []
  package var duplicates: [PlainPosition] = []
  package var deadLetters: [PlainPosition: String] = [:]
  /// Messages by partition.
  package var received: [Int] = []

  /// - Parameter partitions: the lines of each, in order.
  package init(_ partitions: [[[UInt8]]], maximumBytes: Int) {
    self.init(
      partitions.enumerated().map { partition, lines in
        lines.enumerated().map { offset, line in
          PlainEvent.parse(line, partition: partition, offset: offset, maximumBytes: maximumBytes)
        }
      })
  }

  /// - Parameter partitions: the events of each and what is none, in order.
  package init(_ partitions: [[Result<PlainEvent, PlainReject>]]) {
    var seen: Set<[String]> = []
    for (partition, events) in partitions.enumerated() {
      received.append(events.count)
      for (offset, event) in events.enumerated() {
        switch event {
        case .success(let event):
          if seen.insert(event.identity).inserted { accepted.append(event) } else { duplicates.append(event.position) }
        case .failure(let reject):
          deadLetters[PlainPosition(partition: partition, offset: offset)] = reject.reason
        }
      }
    }
  }

  /// Dead letters by reason.
  package var reasons: [String: Int] { deadLetters.values.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
}

/// The counted events and their columns, in the order of the tables.
private let countedTypes = ["page_view", "click", "search", "add_to_cart", "begin_checkout", "purchase", "refund"]
private let funnelSteps = ["page_view", "add_to_cart", "purchase"]

/// Sums by currency, in ten-thousandths; "" where an event names none.
package typealias PlainMoney = [String: Int64]

/// One pane of the KPIs and one group of it.
package struct PlainWindow: Equatable, Comparable {
  package var start: Int64
  /// The values of the dimensions that the rollup groups by.
  package var group: [String?] = []
  package var events = 0
  package var counts = [Int](repeating: 0, count: countedTypes.count)
  package var sessions = 0
  package var users = 0
  package var orders = 0
  package var revenue: PlainMoney = [:]
  package var refunds: PlainMoney = [:]

  package init(start: Int64) { self.start = start }

  package static func < (left: PlainWindow, right: PlainWindow) -> Bool {
    (left.start, left.groupText) < (right.start, right.groupText)
  }

  private var groupText: String { group.map { $0.map { "=" + $0 } ?? "" }.joined(separator: "\n") }

  private struct Key: Hashable {
    let start: Int64
    let group: [String?]
  }

  /// - Parameters:
  ///   - size: the length of a pane in milliseconds; the first begins with 1970.
  ///   - dimensions: what is grouped by.
  package static func windows(
    of events: [PlainEvent], size: Int64 = 60_000, by dimensions: [String] = []
  ) -> [PlainWindow] {
    let groups = Dictionary(grouping: events) { event in
      Key(start: event.time - event.time % size, group: dimensions.map { event.dimensions[$0] })
    }
    return groups.map { key, events in
      var window = PlainWindow(start: key.start)
      window.group = key.group
      window.events = events.count
      window.counts = plainCounts(of: events)
      window.sessions = Set(events.map(\.session)).count
      window.users = Set(events.map { $0.user ?? $0.session }).count
      window.orders = Set(events.filter { $0.type == "purchase" }.map { $0.order.map { [$0] } ?? $0.identity }).count
      window.revenue = money(of: "purchase", in: events)
      window.refunds = money(of: "refund", in: events)
      return window
    }.sorted()
  }
}

/// One session.
package struct PlainSession: Equatable, Comparable {
  package var key: String
  package var start: Int64
  package var end: Int64
  package var events: Int
  package var counts: [Int]
  package var revenue: PlainMoney
  package var converted: Bool
  package var funnelStep: Int
  package var user: String?
  package var campaign: String?
  package var entryPage: String?
  package var exitPage: String?

  package static func < (left: PlainSession, right: PlainSession) -> Bool {
    (left.key, left.start) < (right.key, right.start)
  }

  /// By default silence of 30 minutes, a length of 24 hours or 10,000 events end a session.
  package static func sessions(of events: [PlainEvent], rules: SessionRules = .ga4) -> [PlainSession] {
    Dictionary(grouping: events, by: \.session).flatMap { key, events in
      var parts: [[PlainEvent]] = []
      for event in events.sorted(by: { ($0.time, $0.position) < ($1.time, $1.position) }) {
        if let part = parts.last, continues(part, event, rules) {
          parts[parts.count - 1].append(event)
        } else {
          parts.append([event])
        }
      }
      return parts.map { PlainSession(key: key, $0) }
    }.sorted()
  }

  /// Whether `event` belongs to the session that `part` is the beginning of. Midnights are those of UTC.
  private static func continues(_ part: [PlainEvent], _ event: PlainEvent, _ rules: SessionRules) -> Bool {
    let (first, last) = (part[0], part[part.count - 1])
    let gap = event.time - last.time
    if rules.isGapInclusive ? gap > rules.gapMilliseconds : gap >= rules.gapMilliseconds { return false }
    if let length = rules.lengthMilliseconds, event.time - first.time >= length { return false }
    if let maximum = rules.maximumEvents, part.count >= maximum { return false }
    if rules.cutsAtMidnight, event.time / 86_400_000 != last.time / 86_400_000 { return false }
    return !rules.cutsOnCampaign || event.campaign == nil || event.campaign == first.campaign
  }

  private init(key: String, _ part: [PlainEvent]) {
    self.key = key
    start = part[0].time
    end = part[part.count - 1].time
    events = part.count
    counts = plainCounts(of: part)
    revenue = money(of: "purchase", in: part)
    converted = part.contains { $0.type == "purchase" }
    funnelStep = part.reduce(0) { $0 < funnelSteps.count && $1.type == funnelSteps[$0] ? $0 + 1 : $0 }
    user = part.lazy.compactMap(\.user).first
    campaign = part[0].campaign
    entryPage = part[0].page
    exitPage = part[part.count - 1].page
  }
}

extension PlainSession {
  /// As stored: for rows that were read back.
  package init(
    key: String, start: Int64, end: Int64, events: Int, counts: [Int], revenue: PlainMoney, converted: Bool,
    funnelStep: Int, texts: [String?]
  ) {
    self.key = key
    self.start = start
    self.end = end
    self.events = events
    self.counts = counts
    self.revenue = revenue
    self.converted = converted
    self.funnelStep = funnelStep
    user = texts[0]
    campaign = texts[1]
    entryPage = texts[2]
    exitPage = texts[3]
  }
}

private func plainCounts(of events: [PlainEvent]) -> [Int] {
  countedTypes.map { type in events.count { $0.type == type } }
}

private func money(of type: String, in events: [PlainEvent]) -> PlainMoney {
  var sums: [String: Decimal] = [:]
  for event in events where event.type == type {
    if let amount = event.amount, amount != 0 { sums[event.currency ?? "", default: 0] += amount }
  }
  return sums.mapValues { NSDecimalNumber(decimal: $0 * 10_000).int64Value }
}
