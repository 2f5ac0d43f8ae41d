import Foundation

/// What the engine must answer, worked out in one pass over everything: slow, plain, and written from the definitions
/// alone. Every accepted event counts, however late; of equal events the first of the lowest partition is accepted.
struct Reference {
  var accepted: [PlainEvent] = []
  var duplicates: [PlainPosition] = []
  var deadLetters: [PlainPosition: String] = [:]
  /// Messages by partition.
  var received: [Int] = []

  /// - Parameter partitions: the lines of each, in order.
  init(_ partitions: [[[UInt8]]], maximumBytes: Int) {
    var seen: Set<[String]> = []
    for (partition, lines) in partitions.enumerated() {
      received.append(lines.count)
      for (offset, line) in lines.enumerated() {
        do throws(PlainReject) {
          let event = try PlainEvent(line, partition: partition, offset: offset, maximumBytes: maximumBytes)
          if seen.insert(event.identity).inserted { accepted.append(event) } else { duplicates.append(event.position) }
        } catch {
          deadLetters[PlainPosition(partition: partition, offset: offset)] = error.reason
        }
      }
    }
  }

  /// Dead letters by reason.
  var reasons: [String: Int] { deadLetters.values.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
}

/// The counted events and their columns, in the order of the tables.
private let countedTypes = ["page_view", "click", "search", "add_to_cart", "begin_checkout", "purchase", "refund"]
private let funnelSteps = ["page_view", "add_to_cart", "purchase"]

/// Sums by currency, in ten-thousandths; "" where an event names none.
typealias PlainMoney = [String: Int64]

/// One minute of the KPIs.
struct PlainWindow: Equatable, Comparable {
  var start: Int64
  var events = 0
  var counts = [Int](repeating: 0, count: countedTypes.count)
  var sessions = 0
  var users = 0
  var orders = 0
  var revenue: PlainMoney = [:]
  var refunds: PlainMoney = [:]

  static func < (left: PlainWindow, right: PlainWindow) -> Bool { left.start < right.start }

  static func windows(of events: [PlainEvent]) -> [PlainWindow] {
    Dictionary(grouping: events) { $0.time - $0.time % 60_000 }.map { start, events in
      var window = PlainWindow(start: start)
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
struct PlainSession: Equatable, Comparable {
  var key: String
  var start: Int64
  var end: Int64
  var events: Int
  var counts: [Int]
  var revenue: PlainMoney
  var converted: Bool
  var funnelStep: Int
  var user: String?
  var campaign: String?
  var entryPage: String?
  var exitPage: String?

  static func < (left: PlainSession, right: PlainSession) -> Bool { (left.key, left.start) < (right.key, right.start) }

  /// Silence of 30 minutes, a length of 24 hours or 10,000 events end a session.
  static func sessions(of events: [PlainEvent]) -> [PlainSession] {
    Dictionary(grouping: events, by: \.session).flatMap { key, events in
      var parts: [[PlainEvent]] = []
      for event in events.sorted(by: { ($0.time, $0.position) < ($1.time, $1.position) }) {
        if let part = parts.last, let first = part.first, let last = part.last, event.time - last.time < 1_800_000,
          event.time - first.time < 86_400_000, part.count < 10_000
        {
          parts[parts.count - 1].append(event)
        } else {
          parts.append([event])
        }
      }
      return parts.map { PlainSession(key: key, $0) }
    }.sorted()
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
  init(
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
