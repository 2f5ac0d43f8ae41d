import Foundation

/// A message that counts, as the reference sees it.
struct PlainEvent: Equatable {
  var partition = 0
  var offset = 0
  var time: Int64 = 0
  var type = ""
  var identifier = ""
  var session = ""
  var user: String?
  var order: String?
  var page: String?
  var campaign: String?
  var currency: String?
  /// Price × quantity; nil without a price.
  var amount: Decimal?

  var position: PlainPosition { PlainPosition(partition: partition, offset: offset) }
  /// What makes two events the same.
  var identity: [String] { [session, identifier] }
}

/// Where a message lies.
struct PlainPosition: Hashable, Comparable {
  var partition: Int
  var offset: Int

  static func < (left: PlainPosition, right: PlainPosition) -> Bool {
    (left.partition, left.offset) < (right.partition, right.offset)
  }
}

/// The reason of a dead letter.
struct PlainReject: Error, Equatable {
  let reason: String

  init(_ reason: String) { self.reason = reason }
}

extension PlainEvent {
  static let types: Set<String> = [
    "page_view", "click", "search", "add_to_cart", "remove_from_cart", "begin_checkout", "purchase", "refund",
  ]
  private static let aliases = [
    ("event_timestamp", "event_ts"), ("timestamp", "event_ts"), ("page_url", "page"),
  ]
  private static let texts = [
    "event_id", "event_type", "session_id", "user_id", "page", "product_id", "currency", "order_id", "query",
    "category",
  ]

  /// The event of one message, or why it is none: the checks in their order (SEMANTICS §1).
  init(_ line: [UInt8], partition: Int, offset: Int, maximumBytes: Int) throws(PlainReject) {
    var members = try PlainEvent.members(line, maximumBytes: maximumBytes)
    for (alias, name) in PlainEvent.aliases where members[name] == nil { members[name] = members[alias] }
    for name in ["event_type", "event_ts"] where [nil, .null, .text("")].contains(members[name]) {
      throw PlainReject("missing_field")
    }
    for name in PlainEvent.texts {
      switch members[name] ?? .null {
      case .null, .text: continue
      default: throw PlainReject("wrong_type")
      }
    }
    let price = try PlainEvent.number(members["price"])
    let quantity = try PlainEvent.number(members["quantity"])
    time = try PlainEvent.milliseconds(members["event_ts"] ?? .null)
    guard time > 0, time <= 4_102_444_800_000 else { throw PlainReject("absurd_time") }
    func text(_ name: String) -> String? {
      guard case .text(let text) = members[name], !text.isEmpty else { return nil }
      return text
    }
    type = text("event_type") ?? ""
    guard PlainEvent.types.contains(type) else { throw PlainReject("unknown_event_type") }
    guard let identifier = text("event_id") else { preconditionFailure("traffic names every event") }
    self.partition = partition
    self.offset = offset
    self.identifier = identifier
    user = text("user_id")
    session = text("session_id") ?? user ?? identifier
    order = text("order_id")
    page = text("page")
    currency = text("currency")
    if case .object(let utm) = members["utm"], case .text(let name) = utm["campaign"], !name.isEmpty { campaign = name }
    amount = price.map { $0 * (quantity ?? 1) }
  }

  private static func members(_ line: [UInt8], maximumBytes: Int) throws(PlainReject) -> [String: PlainJSON] {
    guard !line.isEmpty else { throw PlainReject("empty_message") }
    guard line.count <= maximumBytes else { throw PlainReject("too_long") }
    guard let text = String(validating: line, as: UTF8.self) else { throw PlainReject("invalid_utf8") }
    guard case .object(let members) = PlainJSON(text) else { throw PlainReject("malformed_json") }
    return members
  }

  private static func number(_ value: PlainJSON?) throws(PlainReject) -> Decimal? {
    switch value ?? .null {
    case .null: return nil
    case .number(let number): return number
    default: throw PlainReject("wrong_type")
    }
  }

  private static func milliseconds(_ value: PlainJSON) throws(PlainReject) -> Int64 {
    switch value {
    case .text(let text):
      guard let time = milliseconds(rfc3339: text) else { throw PlainReject("bad_time") }
      return time
    case .number(let number):
      // Seconds, milliseconds or microseconds, by their size.
      var scaled = number
      if number < 100_000_000_000 { scaled = number * 1000 } else if number >= 100_000_000_000_000 { scaled /= 1000 }
      var floored = Decimal()
      unsafe NSDecimalRound(&floored, &scaled, 0, .down)
      return NSDecimalNumber(decimal: floored).int64Value
    default: throw PlainReject("wrong_type")
    }
  }

  private static func milliseconds(rfc3339 text: String) -> Int64? {
    let form = /(\d{4})-(\d\d)-(\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:\.(\d+))?([Zz]|([-+])(\d\d):(\d\d))/
    guard let match = text.wholeMatch(of: form) else { return nil }
    func number(_ digits: Substring?) -> Int64 { digits.flatMap { Int64($0) } ?? 0 }
    let output = match.output
    let (year, month, day) = (number(output.1), number(output.2), number(output.3))
    let (hour, minute, second) = (number(output.4), number(output.5), number(output.6))
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lengths: [Int64] = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    guard year > 0, (1...12).contains(month), (1...lengths[Int(month - 1)]).contains(day) else { return nil }
    guard hour < 24, minute < 60, second < 60 else { return nil }
    let before = year - 1
    let days =
      before * 365 + before / 4 - before / 100 + before / 400 - 719_162 + lengths[..<Int(month - 1)].reduce(0, +) + day
      - 1
    let fraction = number((String(output.7 ?? "") + "000").prefix(3))
    let shift = (number(output.10) * 60 + number(output.11)) * (output.9 == "-" ? -60_000 : 60_000)
    return days * 86_400_000 + (hour * 3600 + minute * 60 + second) * 1000 + fraction - shift
  }
}
