/// What session and funnel rules see of an event: 56 bytes, whatever the event was.
///
/// Texts are interned by the operator that buffers events; a code means the same text for as long as the buffer lives.
/// The total order inside a key is `(time, source, offset)`: results are functions of the set of events under it, never
/// of their arrival.
public struct SessionEvent: Sendable, BitwiseCopyable, Equatable {
  /// Event time in milliseconds.
  public var time: Int64
  /// The position of the event in `source`.
  public var offset: Int64
  /// The value of a purchase in ten-thousandths of its currency's unit, 0 for other events.
  public var amount: Int64
  /// The topic partition or file the event was read from.
  public var source: Int32
  /// Interned code of the campaign; 0 where the event names none.
  public var campaign: UInt32
  /// Interned code of the page.
  public var page: UInt32
  /// Interned code of the user.
  public var user: UInt32
  /// Interned code of the currency.
  public var currency: UInt32
  /// Code of the event type, below 64.
  public var type: UInt8

  public init(
    time: Int64, source: Int32, offset: Int64, type: UInt8, campaign: UInt32 = 0, page: UInt32 = 0, user: UInt32 = 0,
    amount: Int64 = 0, currency: UInt32 = 0
  ) {
    self.time = time
    self.source = source
    self.offset = offset
    self.type = type
    self.campaign = campaign
    self.page = page
    self.user = user
    self.amount = amount
    self.currency = currency
  }
}

extension SessionEvent {
  /// The total order of the events of a key. O(1).
  @inlinable public static func < (left: SessionEvent, right: SessionEvent) -> Bool {
    if left.time != right.time { return left.time < right.time }
    if left.source != right.source { return left.source < right.source }
    return left.offset < right.offset
  }
}
