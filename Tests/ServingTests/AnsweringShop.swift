import Columns
import Commerce
import CommerceTestSupport
import Query
import TestSupport
import Testing
import Windows

/// A stored shop with random events, and a server for it: what routes answer is compared with what is exported.
struct AnsweringShop {
  private let place = TemporaryDirectory()
  let run: EngineRun
  let server: EngineServer

  /// Over 40 minutes from noon: users and sessions that come back, some events without them, products in several
  /// currencies, fractions of quantities, and dead letters. Of an even seed some have come since the last commit.
  init(seed: UInt64, currency: String? = nil, mode: SessionMode = .given) throws {
    var settings = JobSettings()
    settings.currency = currency
    settings.sessionMode = mode
    settings.rowGroupRows = 64
    settings.rollups = [
      JobSettings.Rollup(name: "kpi_1m", shape: .tumbling(size: 60_000)),
      JobSettings.Rollup(name: "countries", shape: .tumbling(size: EventTime.day), groupBy: ["geo_country"]),
      JobSettings.Rollup(name: "products", shape: .tumbling(size: EventTime.day), groupBy: ["product_id"]),
    ]
    run = try EngineRun(settings, in: place.file("data"))
    var random = SeededRandom(seed: seed)
    let files = (0..<2).map { file in (0..<200).map { Self.line(file, $0, &random) } }
    try run.simulate(try place.write(files), seed: 1, checkpointOdds: 10)
    let engine = try FakeEngine(settings, directory: run.directory)
    if seed % 2 == 0 { engine.messages = try run.snapshot().scattered(seed: seed) }
    server = try EngineServer(engine)
  }

  private static func line(_ file: Int, _ number: Int, _ random: inout SeededRandom) -> [UInt8] {
    if Int.random(in: 0..<12, using: &random) == 0 { return Array("{\"broken\": \(number)".utf8) + [0xFF] }
    let type = ["page_view", "page_view", "add_to_cart", "purchase", "refund"].randomElement(using: &random) ?? "click"
    // Several events of a user in one millisecond.
    let time = EventLine.noon + Int64(number / 3) * 36_000
    var members = [#""event_id":"f\#(file)e\#(number)","event_type":"\#(type)","event_ts":\#(time)"#]
    func maybe(_ odds: Int, _ member: String) {
      if Int.random(in: 0..<10, using: &random) < odds { members.append(member) }
    }
    maybe(8, #""session_id":"s\#(Int.random(in: 0..<30, using: &random))""#)
    maybe(8, #""user_id":"u\#(Int.random(in: 0..<12, using: &random))""#)
    maybe(9, #""product_id":"p\#(Int.random(in: 0..<15, using: &random))""#)
    maybe(9, #""price":\#(Int.random(in: 1..<90_000, using: &random)).\#(Int.random(in: 0..<100, using: &random))"#)
    maybe(5, #""quantity":\#(["1", "2", "0.5", "0", "1.3333"].randomElement(using: &random) ?? "1")"#)
    maybe(9, #""currency":"\#(Int.random(in: 0..<6, using: &random) == 0 ? "USD" : "EUR")""#)
    maybe(9, #""geo":{"country":"\#(["DE", "FR", "IT"].randomElement(using: &random) ?? "DE")"}"#)
    return Array("{\(members.joined(separator: ","))}".utf8)
  }

  /// The rows of a table, as `riffle export` prints them.
  func exported(_ table: String) throws -> [JSON] {
    try run.rows(of: table).map { try JSON(Array($0.utf8)) }
  }

  /// From noon to the end of the day's last event.
  static let range = "from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z"
}

extension JSON {
  /// A number, or the number that a text is: money is text in exports.
  var amount: Double? { number ?? text.flatMap { Double($0) } }
}
