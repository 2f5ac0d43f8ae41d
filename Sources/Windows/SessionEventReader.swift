internal import Columns

/// Makes session events of the rows of one batch; its columns are looked up once.
public struct SessionEventReader {
  private let events: EventBatch
  private let valued: TypeMask
  private let campaigns: StringColumn
  private let pages: StringColumn
  private let users: StringColumn
  private let currencies: StringColumn

  /// - Parameter valued: the types whose amounts matter; those of others are left out.
  public init(_ events: EventBatch, valued: TypeMask = .all) {
    self.events = events
    self.valued = valued
    let layout = events.layout
    campaigns = events.batch.strings(layout.campaign)
    pages = events.batch.strings(layout.page)
    users = events.batch.strings(layout.user)
    currencies = events.batch.strings(layout.currency)
  }

  /// The event of `row`, its texts as codes of `texts`.
  public func event(_ row: Int, texts: inout SessionTexts) -> SessionEvent {
    event(row, user: user(row, texts: &texts), texts: &texts)
  }

  func hasUser(_ row: Int) -> Bool { users.views[row].length > 0 }
  func user(_ row: Int, texts: inout SessionTexts) -> UInt32 { texts.users.intern(users, row: row) }

  /// The event of `row`, whose user's code is known to be `user`.
  func event(_ row: Int, user: UInt32, texts: inout SessionTexts) -> SessionEvent {
    let type = events.types[row]
    let amount = valued.contains(code: type) ? events.amounts[row] : 0
    return SessionEvent(
      time: events.times[row], source: Int32(truncatingIfNeeded: events.sources[row]), offset: events.offsets[row],
      type: type, campaign: texts.campaigns.intern(campaigns, row: row), page: texts.pages.intern(pages, row: row),
      user: user, amount: amount, currency: amount == 0 ? 0 : texts.currencies.intern(currencies, row: row))
  }
}
