internal import Columns

/// Writes events as lines of JSON, in the canonical order of fields and without a line feed; about 650 bytes each.
struct EventWriter: Sendable {
  let pools: Pools
  let key: TrafficOptions.Key
  /// Price of each product in hundredths.
  private let cents: [Int]
  private let timeFormRate: Double
  /// What fraudsters want.
  let dearestProduct: Int

  init(_ options: TrafficOptions, _ random: inout SeededGenerator) {
    pools = Pools(currency: options.currency)
    key = options.key
    timeFormRate = options.timeFormRate
    let cents = (0..<options.products).map { _ in
      let units = 1 + Int(random.exponential() * (8 + 30 * random.exponential()))
      return units * 100 + [99, 90, 49, 0, 95][random.below(5)]
    }
    self.cents = cents
    dearestProduct = cents.indices.max { cents[$0] < cents[$1] } ?? 0
  }

  /// The line of `action` at `time`, in a journey that already knows its product.
  func line(_ action: Action, at time: Int64, in journey: Journey, _ random: inout SeededGenerator) -> [UInt8] {
    var line: [UInt8] = []
    line.reserveCapacity(720)
    line.append(#"{"event_id":""#)
    line.appendUUID(random.next(), random.next())
    line.append(#"","event_type":""#)
    line.append(action.name)
    line.append(#"","event_ts":"#)
    appendTime(time, to: &line, &random)
    line.append(#","user_id":"#)
    appendUser(of: journey, to: &line)
    line.append(#","session_id":"#)
    appendSession(of: journey, to: &line)
    appendSubject(action, journey, to: &line, &random)
    line.append(",")
    line += pools.campaigns[journey.campaign]
    line.append(",")
    line += journey.isBot ? pools.bot : pools.devices[journey.device]
    line.append(",")
    line += pools.places[journey.place].geo
    line.append(#","properties":{"#)
    if random.happens(0.1) {
      line.append(#""variant":"B","scroll":{"depth":"#)
      line.appendDecimal(random.below(100))
      line.append("}")
    }
    line.append("}}")
    return line
  }

  /// The bytes that decide the partition: the session id, where there is none the user id.
  func partitionKey(of journey: Journey) -> [UInt8] {
    var bytes: [UInt8] = []
    if key == .session { appendSession(of: journey, to: &bytes) } else { appendUser(of: journey, to: &bytes) }
    return Array(bytes.dropFirst().dropLast())
  }

  private func appendUser(of journey: Journey, to line: inout [UInt8]) {
    guard let user = journey.user else { return line.append("null") }
    line.append(#""u_"#)
    line.appendDecimal(user, width: 6)
    line.append("\"")
  }

  private func appendSession(of journey: Journey, to line: inout [UInt8]) {
    guard key == .session else { return line.append("null") }
    line.append(#""s_"#)
    line.appendHex(journey.sessionBits, from: 60, through: 0)
    line.append("\"")
  }

  /// From the page to the category: what the event is about.
  private func appendSubject(
    _ action: Action, _ journey: Journey, to line: inout [UInt8], _ random: inout SeededGenerator
  ) {
    let category = pools.categories[journey.product % pools.categories.count]
    let showsProduct = action == .pageView ? random.happens(0.65) : action != .search
    line.append(#","page":""#)
    switch action {
    case .search: line.append("/search")
    case .addToCart, .removeFromCart: line.append("/cart")
    case .beginCheckout: line.append("/checkout")
    case .purchase, .refund: line.append("/checkout/success")
    case .pageView, .click: appendPage(showsProduct ? journey.product : nil, category, to: &line, &random)
    }
    line.append(#"","product_id":"#)
    if showsProduct {
      line.append("\"")
      appendProduct(journey.product, to: &line)
      line.append(#"","price":"#)
      line.appendDecimal(cents[journey.product] / 100)
      line.append(".")
      line.appendDecimal(cents[journey.product] % 100, width: 2)
    } else {
      line.append(#"null,"price":null"#)
    }
    line.append(#","quantity":"#)
    if action.rawValue >= Action.addToCart.rawValue {
      line.appendDecimal(journey.quantity)
    } else {
      line.append("null")
    }
    line.append(#","currency":""#)
    line += pools.places[journey.place].currency
    line.append(#"","order_id":"#)
    if action == .purchase || action == .refund {
      line.append(#""o_"#)
      line.appendHex(journey.orderNumber, from: 44, through: 0)
      line.append("\"")
    } else {
      line.append("null")
    }
    line.append(#","query":"#)
    line.appendQuoted(action == .search ? pools.queries[random.below(pools.queries.count)] : nil)
    line.append(#","element_id":"#)
    line.appendQuoted(action == .click ? pools.elements[random.below(pools.elements.count)] : nil)
    line.append(#","category":"#)
    line.appendQuoted(showsProduct ? category : nil)
  }

  /// The page of a product, or without one the home page or a category's.
  private func appendPage(
    _ product: Int?, _ category: [UInt8], to line: inout [UInt8], _ random: inout SeededGenerator
  ) {
    if let product {
      line.append("/product/")
      appendProduct(product, to: &line)
    } else if random.happens(0.4) {
      line.append("/")
    } else {
      line.append("/category/")
      line += category
    }
  }

  private func appendProduct(_ product: Int, to line: inout [UInt8]) {
    line.append("sku_")
    line.appendDecimal(product, width: 5)
  }

  /// The time as RFC 3339 with milliseconds, or now and then in another accepted form.
  private func appendTime(_ time: Int64, to line: inout [UInt8], _ random: inout SeededGenerator) {
    guard timeFormRate > 0, random.happens(timeFormRate) else { return line.appendTimestamp(time) }
    switch random.below(5) {
    case 0: line.appendTimestamp(time, offsetMinutes: [120, -300, 330][random.below(3)])
    case 1: line.appendTimestamp(time, showsMilliseconds: false)
    case 2: line.appendDecimal(Int(time / 1000))
    case 3: line.appendDecimal(Int(time))
    default: line.appendDecimal(Int(time) * 1000 + random.below(1000))
    }
  }
}
