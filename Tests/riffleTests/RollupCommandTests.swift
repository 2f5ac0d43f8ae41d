import Foundation
import TestSupport
import Testing

@testable import riffle

/// Rollups of every shape from the command line, against a computation as plain as can be.
@Suite struct RollupCommandTests {
  private let place = TemporaryDirectory()
  private let columns = [
    "window_start", "window_end", "geo_country", "sessions", "page_views", "purchases", "orders", "unique_users",
    "revenue",
  ]

  private static let configuration = """
    kpi.currency: EUR
    watermark.max_out_of_orderness: 1 s
    windows.allowed_lateness: 1 min
    dedup.horizon: 5 min
    rollups:
      - {name: kpi_hop, window: hopping 1 h every 15 min, group_by: [geo_country]}
      - {name: kpi_day, window: calendar day Europe/Berlin, group_by: [geo_country]}

    """

  private func riffle(_ words: [String]) { #expect(Riffle.main(words, [:]) == .success, "\(words)") }

  @Test func lateAndGroupedWindowsAreThoseOfAllEvents() throws {
    let files = [place.file("a.ndjson"), place.file("b.ndjson")]
    // Around midnight in Berlin, on the day on which it goes back to winter time.
    riffle([
      "produce", "--to", files[0], files[1], "--events", "2500", "--seed", "11", "--start", "2023-10-28T20:00:00Z",
      "--span", "28 h", "--late", "0.1", "--lateness", "3 h", "--duplicates", "0.03", "--far-duplicates", "0.03",
      "--malformed", "0", "--currency", "EUR", "--refunds", "0.2",
    ])
    try Self.configuration.write(toFile: place.file("riffle.yaml"), atomically: true, encoding: .utf8)
    let config = ["--config", place.file("riffle.yaml"), "--data", place.file("data")]
    riffle(["backfill"] + config + files)
    riffle(["verify"] + config)
    // Some of it did come after its windows were sealed.
    let raw = place.file("raw.csv")
    riffle(["export", "--table", "kpi_hop", "--raw", "--format", "csv", "--output", raw] + config)
    #expect(try String(contentsOfFile: raw, encoding: .utf8).contains(",delta,"))
    let events = try PlainSale.read(files)
    #expect(Set(events.map(\.country)).count > 3)
    let hopping = try export("kpi_hop", config)
    expectSame(hopping, rows(events) { Self.hours(of: $0) })
    #expect(hopping.contains { $0.contains(",,") } == events.contains { $0.country == nil })
    let days = try export("kpi_day", config)
    expectSame(days, rows(events) { Self.berlinDay(of: $0) })
    #expect(days.contains { $0.hasPrefix("2023-10-28T22:00:00Z,2023-10-29T23:00:00Z,") }, "it has 25 hours")
  }

  private func expectSame(_ found: [String], _ expected: [String]) {
    #expect(found.count == expected.count && found.count > 4)
    for (left, right) in zip(found, expected) where left != right {
      Issue.record("found \(left)\nexpected \(right)")
      return
    }
  }

  /// The chosen columns of a table, as CSV.
  private func export(_ table: String, _ config: [String]) throws -> [String] {
    let output = place.file("\(table).csv")
    riffle(["export", "--table", table, "--format", "csv", "--output", output] + config)
    let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
    let header = try #require(lines.first).split(separator: ",").map(String.init)
    let positions = try columns.map { try #require(header.firstIndex(of: $0)) }
    return lines.dropFirst().map { line in
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      return positions.map { String(cells[$0]) }.joined(separator: ",")
    }
  }

  // MARK: - The plain computation

  private static func hours(of time: Date) -> [Range<Date>] {
    let quarter = (time.timeIntervalSince1970 / 900).rounded(.down) * 900
    return (0..<4).map { back in
      let start = Date(timeIntervalSince1970: quarter - Double(back) * 900)
      return start..<start.addingTimeInterval(3600)
    }
  }

  private static func berlinDay(of time: Date) -> [Range<Date>] {
    var calendar = Calendar(identifier: .gregorian)
    guard let zone = TimeZone(identifier: "Europe/Berlin") else { return [] }
    calendar.timeZone = zone
    return calendar.dateInterval(of: .day, for: time).map { [$0.start..<$0.end] } ?? []
  }

  private struct Window: Hashable {
    let range: Range<Date>
    let country: String?
  }

  private func rows(_ events: [PlainSale], windows: (Date) -> [Range<Date>]) -> [String] {
    var groups: [Window: [PlainSale]] = [:]
    for event in events {
      for range in windows(event.time) {
        groups[Window(range: range, country: event.country), default: []].append(event)
      }
    }
    // Country codes are plain ASCII: text order is byte order, and null comes first.
    let sorted = groups.sorted {
      ($0.key.range.lowerBound, $0.key.country ?? "") < ($1.key.range.lowerBound, $1.key.country ?? "")
    }
    return sorted.map { window, events in
      let purchases = events.filter { $0.type == "purchase" }
      let cells: [String] = [
        window.range.lowerBound.formatted(.iso8601), window.range.upperBound.formatted(.iso8601), window.country ?? "",
        "\(Set(events.map(\.session)).count)", "\(events.count { $0.type == "page_view" })", "\(purchases.count)",
        "\(Set(purchases.map(\.order)).count)", "\(Set(events.map(\.user)).count)",
        fourDigits(purchases.reduce(0) { $0 + $1.amount }),
      ]
      return cells.joined(separator: ",")
    }
  }

  private func fourDigits(_ amount: Decimal) -> String {
    let units = NSDecimalNumber(decimal: amount * 10_000).int64Value
    return "\(units / 10_000)." + String("\(10_000 + units % 10_000)".dropFirst())
  }
}

/// What the rollups need to know of an event; of several with one identifier in a session the first.
private struct PlainSale {
  let time: Date
  let type: String
  let session: String
  let user: String
  let order: String
  let country: String?
  let amount: Decimal

  static func read(_ paths: [String]) throws -> [PlainSale] {
    var events: [String: PlainSale] = [:]
    for path in paths {
      for line in try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n") {
        let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        let event = try PlainSale(object)
        let key = "\(event.session) \(object["event_id"] as? String ?? "")"
        if events[key] == nil { events[key] = event }
      }
    }
    return Array(events.values)
  }

  private init(_ object: [String: Any]) throws {
    let text = try #require(object["event_ts"] as? String)
    time = try Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true))
    type = try #require(object["event_type"] as? String)
    session = try #require(object["session_id"] as? String)
    user = object["user_id"] as? String ?? session
    order = try object["order_id"] as? String ?? #require(object["event_id"] as? String)
    country = (object["geo"] as? [String: Any])?["country"] as? String
    // Prices have two digits: their shortest text is the one that was read.
    let price = (object["price"] as? Double).flatMap { Decimal(string: "\($0)") } ?? 0
    amount = price * Decimal(object["quantity"] as? Int ?? 1)
  }
}
