import Columns
import CommerceTestSupport
import Query
import TestSupport

/// Events of every shape that a column can have, as messages and as the rows that they become.
struct RandomEvents {
  private(set) var messages: [[[UInt8]]] = []
  private(set) var plain: [PlainQuery.Row] = []

  static let countries = ["DE", "AT", "", "C\"H", "Österreich, süd"]
  static let types = ["page_view", "add_to_cart", "purchase", "search"]

  init(seed: UInt64, count: Int, partitions: Int) {
    var random = SeededRandom(seed: seed)
    messages = Array(repeating: [], count: partitions)
    for number in 0..<count {
      let partition = Int(random.next() % UInt64(partitions))
      let time = EventLine.noon + Int64(random.next() % 7200) * 1000 + (number % 50 == 0 ? EventTime.day : 0)
      var row: PlainQuery.Row = [
        "event_id": .text("e\(number)"), "event_type": .text(random.choose(Self.types)), "event_ts": .time(time),
        "session_id": .text("s\(random.next() % 9)"), "partition": .integer(Int64(partition)),
        "offset": .integer(Int64(messages[partition].count)), "topic": .text("part-\(partition).ndjson"),
      ]
      var more: [String] = []
      func maybe() -> Bool { random.next() % 4 != 0 }
      if maybe() {
        let amount = Int64(random.next() % 40_000) - 10_000
        row["price"] = .money(Int128(amount))
        more.append("\"price\":\(Money.text(Int128(amount)))")
      }
      if maybe() {
        row["quantity"] = .decimal(Int64(random.next() % 5) * 5000)
        more.append("\"quantity\":\(row["quantity"]?.text ?? "")")
      }
      if maybe() {
        let country = random.choose(Self.countries)
        row["geo_country"] = .text(country)
        let lat = Double(Int64(random.next() % 9)) - 4
        row["geo_lat"] = .real(lat)
        more.append("\"geo\":{\"country\":\"\(country.replacing("\"", with: "\\\""))\",\"lat\":\(lat)}")
      }
      if maybe() {
        row["device_mobile"] = .boolean(random.next() % 2 == 0)
        more.append("\"device\":{\"mobile\":\(row["device_mobile"]?.text ?? "")}")
      }
      let user = random.next() % 3 == 0 ? nil : "u\(random.next() % 20)"
      row["user_id"] = user.map(OutputValue.text)
      let type = row["event_type"]?.text ?? ""
      messages[partition].append(
        EventLine.make(
          "e\(number)", type, at: time, session: row["session_id"]?.text ?? "", user: user,
          more.joined(separator: ",")))
      plain.append(row)
    }
  }
}
