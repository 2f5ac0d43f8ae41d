package import Foundation

/// A message that counts, as the reference sees it.
package struct PlainEvent: Equatable, Sendable {
  package var partition = 0
  package var offset = 0
  package var time: Int64 = 0
  package var type = ""
  package var identifier = ""
  package var session = ""
  package var user: String?
  package var order: String?
  package var page: String?
  package var campaign: String?
  package var currency: String?
  /// Price × quantity; nil without a price.
  package var amount: Decimal?

  /// What a rollup may group by, of what is there: `geo_country`, `device_os`.
  package var dimensions: [String: String] = [:]

  package var position: PlainPosition { PlainPosition(partition: partition, offset: offset) }
  /// What makes two events the same.
  package var identity: [String] { [session, identifier] }
}

/// Where a message lies.
package struct PlainPosition: Hashable, Comparable, Sendable {
  package var partition: Int
  package var offset: Int

  package init(partition: Int, offset: Int) {
    self.partition = partition
    self.offset = offset
  }

  package static func < (left: PlainPosition, right: PlainPosition) -> Bool {
    (left.partition, left.offset) < (right.partition, right.offset)
  }
}

/// The reason of a dead letter.
package struct PlainReject: Error, Equatable {
  package let reason: String

  package init(_ reason: String) { self.reason = reason }
}

extension PlainEvent {
  package static let types: Set<String> = [
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
  package init(_ line: [UInt8], partition: Int, offset: Int, maximumBytes: Int) throws(PlainReject) {
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
    for (object, name) in [("geo", "country"), ("device", "os")] {
      if case .object(let members) = members[object], case .text(let text) = members[name] {
        dimensions["\(object)_\(name)"] = text
      }
    }
    amount = price.map { $0 * (quantity ?? 1) }
  }

  /// As `init`, with the refusal as a value.
  package static func parse(
    _ line: [UInt8], partition: Int, offset: Int, maximumBytes: Int
  ) -> Result<PlainEvent, PlainReject> {
    Result { () throws(PlainReject) in
      try PlainEvent(line, partition: partition, offset: offset, maximumBytes: maximumBytes)
    }
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
      guard let time = PlainTime.milliseconds(text) else { throw PlainReject("bad_time") }
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
}
