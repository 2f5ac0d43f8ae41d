internal import Columns
internal import Encodings

/// The texts of buffered events, as codes: one interner a column, so that the few campaigns and currencies stay in the
/// processor's cache however many pages and users there are.
public struct SessionTexts: Sendable {
  public internal(set) var campaigns = Interner()
  public internal(set) var pages = Interner()
  public internal(set) var users = Interner()
  public internal(set) var currencies = Interner()

  public init() {}

  /// The number of texts held.
  var count: Int { campaigns.count + pages.count + users.count + currencies.count - 4 }

  func encode(into writer: inout ByteWriter) {
    for interner in [campaigns, pages, users, currencies] { interner.encode(into: &writer) }
  }

  init(from reader: inout ByteReader) throws(CorruptionError) {
    campaigns = try Interner(from: &reader)
    pages = try Interner(from: &reader)
    users = try Interner(from: &reader)
    currencies = try Interner(from: &reader)
  }
}

/// Carries events over to other texts, which get only what these events use.
struct SessionTextsCopy {
  private var campaigns: InternerCopy
  private var pages: InternerCopy
  private var users: InternerCopy
  private var currencies: InternerCopy

  init(into target: SessionTexts = SessionTexts()) {
    campaigns = InternerCopy(into: target.campaigns)
    pages = InternerCopy(into: target.pages)
    users = InternerCopy(into: target.users)
    currencies = InternerCopy(into: target.currencies)
  }

  var target: SessionTexts {
    var texts = SessionTexts()
    texts.campaigns = campaigns.target
    texts.pages = pages.target
    texts.users = users.target
    texts.currencies = currencies.target
    return texts
  }

  /// `event`, whose codes are those of `source`, with the target's codes; `source` is the same in every call, and only
  /// grows, until `forgetCodes`.
  @inline(__always)
  mutating func event(_ event: SessionEvent, of source: SessionTexts) -> SessionEvent {
    var copy = event
    copy.campaign = campaigns.code(event.campaign, of: source.campaigns)
    copy.page = pages.code(event.page, of: source.pages)
    copy.user = users.code(event.user, of: source.users)
    copy.currency = currencies.code(event.currency, of: source.currencies)
    return copy
  }

  mutating func forgetCodes() {
    campaigns.forgetCodes()
    pages.forgetCodes()
    users.forgetCodes()
    currencies.forgetCodes()
  }
}
