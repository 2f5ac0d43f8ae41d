/// What shoppers do, with the names that events have on the wire.
enum Action: Int, Sendable, CaseIterable {
  case pageView, click, search, addToCart, removeFromCart, beginCheckout, purchase, refund

  var name: StaticString {
    switch self {
    case .pageView: "page_view"
    case .click: "click"
    case .search: "search"
    case .addToCart: "add_to_cart"
    case .removeFromCart: "remove_from_cart"
    case .beginCheckout: "begin_checkout"
    case .purchase: "purchase"
    case .refund: "refund"
    }
  }
}

/// An open session: who, from where, how far it will go, and where it is. About eight events; one in eleven buys.
///
/// A shopper browses, searches and clicks, and ends with as much of cart, checkout and purchase as the journey's
/// depth says. Some take things out of the cart again, some orders have two lines, some are refunded.
struct Journey: Sendable {
  let user: Int?
  let sessionBits: UInt64
  let place: Int
  let device: Int
  let campaign: Int
  let isBot: Bool
  let isFraud: Bool
  private let ending: [Action]
  private let browsingCount: Int
  private var position = 0
  /// The product that was last looked at or put into the cart.
  var product = 0
  var quantity = 1
  var orderNumber: UInt64 = 0
  /// Lines that wait for the session's end.
  var heldLines: [Int] = []

  private static let noEnding: [Action] = []
  private static let cart: [Action] = [.addToCart]
  private static let abandoned: [Action] = [.addToCart, .removeFromCart]
  private static let checkout: [Action] = [.addToCart, .beginCheckout]
  private static let bought: [Action] = [.addToCart, .beginCheckout, .purchase]
  private static let boughtTwo: [Action] = [.addToCart, .addToCart, .beginCheckout, .purchase, .purchase]
  private static let fraud = [[Action]](repeating: bought, count: 8).flatMap { $0 }
  private static let refunded: [Action] = [.addToCart, .beginCheckout, .purchase, .refund]

  /// The mean number of events of a shopper and of a crawler.
  static let meanLength = 8.0
  static let meanBotLength = 250.0

  init(
    user: Int?, place: Int, device: Int, campaign: Int, isBot: Bool, refundRate: Double, _ random: inout SeededGenerator
  ) {
    self.user = user
    self.place = place
    self.device = device
    self.campaign = campaign
    self.isBot = isBot
    isFraud = false
    sessionBits = random.next()
    if isBot {
      browsingCount = 100 + random.below(301)
      ending = Journey.noEnding
      return
    }
    browsingCount = min(60, 1 + Int(random.exponential() * 6.6))
    let depth = browsingCount < 2 ? 0 : random.fraction()
    ending =
      switch depth {
      case ..<0.62: Journey.noEnding
      case ..<0.78: Journey.cart
      case ..<0.82: Journey.abandoned
      case ..<0.89: Journey.checkout
      default: random.happens(refundRate) ? Journey.refunded : random.happens(0.2) ? Journey.boughtTwo : Journey.bought
      }
    orderNumber = random.next()
  }

  /// A fraudster: looks once and buys over and over, each time from another place.
  init(fraudAccount: Int, places: Int, _ random: inout SeededGenerator) {
    user = fraudAccount
    place = random.below(places)
    device = 0
    campaign = 0
    isBot = false
    isFraud = true
    sessionBits = random.next()
    browsingCount = 1
    ending = Journey.fraud
    orderNumber = random.next()
  }

  /// Goes on in the middle, as if what comes before had happened already.
  mutating func join(_ random: inout SeededGenerator) { position = random.below(browsingCount + ending.count) }

  var isOver: Bool { position == browsingCount + ending.count }

  /// The next action; there is one while the journey is not over.
  mutating func act(_ random: inout SeededGenerator) -> Action {
    defer { position += 1 }
    // Each of a fraudster's purchases is an order of its own.
    if isFraud, position > browsingCount, ending[position - browsingCount] == .addToCart { orderNumber &+= 1 }
    if position >= browsingCount { return ending[position - browsingCount] }
    if isBot || position == 0 { return .pageView }
    let choice = random.fraction()
    return choice < 0.68 ? .pageView : choice < 0.82 ? .search : .click
  }

  /// How long until the next action, in milliseconds: on average half a minute, seldom beyond 30 minutes; for a
  /// refund some minutes, for a crawler a fraction of a second.
  func pause(_ random: inout SeededGenerator) -> Int64 {
    if isBot { return 200 + Int64(random.below(700)) }
    if isFraud { return 300 + Int64(random.below(1400)) }
    if position > browsingCount, ending[position - browsingCount] == .refund {
      return 120_000 + Int64(random.below(1_200_000))
    }
    if random.happens(0.002) { return 1_500_000 + Int64(random.below(1_200_000)) }
    return 300 + Int64(random.exponential() * 25_000)
  }
}
