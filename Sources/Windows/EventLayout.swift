public import Columns

/// Where the operators find what they need in a batch of events: positions in its schema.
///
/// The domain names the columns (see `Commerce`); the operators know only their roles.
public struct EventLayout: Sendable {
  public let eventIdentifier: Int
  public let eventType: Int
  public let eventTime: Int
  public let session: Int
  public let user: Int
  public let order: Int
  public let price: Int
  public let quantity: Int
  public let currency: Int
  public let page: Int
  public let campaign: Int
  public let source: Int
  public let offset: Int

  /// The column names of the roles.
  public struct Names: Sendable {
    public var eventIdentifier, eventType, eventTime, session, user, order: String
    public var price, quantity, currency, page, campaign, source, offset: String

    public init(
      eventIdentifier: String, eventType: String, eventTime: String, session: String, user: String, order: String,
      price: String, quantity: String, currency: String, page: String, campaign: String, source: String, offset: String
    ) {
      self.eventIdentifier = eventIdentifier
      self.eventType = eventType
      self.eventTime = eventTime
      self.session = session
      self.user = user
      self.order = order
      self.price = price
      self.quantity = quantity
      self.currency = currency
      self.page = page
      self.campaign = campaign
      self.source = source
      self.offset = offset
    }

    /// All of them: the projection that recomputing KPIs and sessions needs.
    public var all: [String] {
      [
        source, offset, eventIdentifier, eventType, eventTime, session, user, order, price, quantity, currency, page,
        campaign,
      ]
    }
  }

  /// The layout of `schema`, which must have every column that `names` names.
  public init(schema: Schema, names: Names) {
    func position(_ name: String) -> Int {
      guard let index = schema.index(of: name) else { preconditionFailure("events have no column \(name)") }
      return index
    }
    eventIdentifier = position(names.eventIdentifier)
    eventType = position(names.eventType)
    eventTime = position(names.eventTime)
    session = position(names.session)
    user = position(names.user)
    order = position(names.order)
    price = position(names.price)
    quantity = position(names.quantity)
    currency = position(names.currency)
    page = position(names.page)
    campaign = position(names.campaign)
    source = position(names.source)
    offset = position(names.offset)
  }
}

/// What a session belongs to.
public enum SessionMode: String, Sendable, CaseIterable {
  /// The session identifier of the event; without one the user, without one the event itself.
  case given
  /// The user (then the event): sessions come from gaps alone.
  case derived
}
