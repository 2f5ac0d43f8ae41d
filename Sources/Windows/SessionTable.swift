public import Columns
internal import Encodings

/// What a session's row says beyond its bounds; the domain names the numbers.
public struct SessionMeasures: Sendable, Equatable {
  public struct Count: Sendable, Equatable {
    public let name: String
    public let types: TypeMask

    public init(_ name: String, of types: TypeMask) {
      self.name = name
      self.types = types
    }
  }

  public let counts: [Count]
  /// Events whose amounts are the session's revenue.
  public let revenue: TypeMask
  /// Events that make the session a converted one.
  public let conversion: TypeMask
  /// The ordered funnel inside the session.
  public let funnel: [TypeMask]

  public init(counts: [Count], revenue: TypeMask, conversion: TypeMask, funnel: [TypeMask]) {
    self.counts = counts
    self.revenue = revenue
    self.conversion = conversion
    self.funnel = funnel
  }
}

/// The table of sessions: one row a session, a pure function of the session's events.
public struct SessionTable: Sendable {
  public let schema: Schema
  public let measures: SessionMeasures

  /// Columns before the counts.
  public static let keyColumn = 0
  public static let startColumn = 1
  public static let endColumn = 2
  /// The name of the column that says how many steps of the funnel the session made.
  public static let funnelStep = "funnel_step"
  private static let leading: [Field] = [
    Field("session_id", .string), Field("start", .time), Field("end", .time), Field("events", .integer),
  ]
  private static let trailing: [Field] = [
    Field("revenue", .binary), Field("converted", .boolean), Field(funnelStep, .integer), Field("user_id", .string),
    Field("campaign", .string), Field("entry_page", .string), Field("exit_page", .string),
  ]

  public init(_ measures: SessionMeasures) {
    self.measures = measures
    schema = Schema(SessionTable.leading + measures.counts.map { Field($0.name, .integer) } + SessionTable.trailing)
  }

  /// Appends the row of the session of `events`, which are in order and not empty. O(events).
  public func append(
    key: [UInt8], events: ArraySlice<SessionEvent>, texts: SessionTexts, to builder: inout BatchBuilder
  ) {
    guard let first = events.first, let last = events.last else { return }
    builder.append(key.span, to: SessionTable.keyColumn)
    builder.append(first.time, to: SessionTable.startColumn)
    builder.append(last.time, to: SessionTable.endColumn)
    builder.append(Int64(events.count), to: 3)
    var column = SessionTable.leading.count
    for count in measures.counts {
      builder.append(events.reduce(Int64(0)) { $0 + (count.types.contains(code: $1.type) ? 1 : 0) }, to: column)
      column += 1
    }
    var writer = ByteWriter()
    revenue(of: events, texts: texts).encode(into: &writer)
    builder.append(writer.bytes.span, to: column)
    builder.append(events.contains { measures.conversion.contains(code: $0.type) }, to: column + 1)
    builder.append(Int64(funnelStep(of: events)), to: column + 2)
    appendText(events.lazy.map(\.user).first { $0 != 0 } ?? 0, texts.users, to: column + 3, &builder)
    appendText(first.campaign, texts.campaigns, to: column + 4, &builder)
    appendText(first.page, texts.pages, to: column + 5, &builder)
    appendText(last.page, texts.pages, to: column + 6, &builder)
  }

  private func revenue(of events: ArraySlice<SessionEvent>, texts: SessionTexts) -> MoneyByCurrency {
    var revenue = MoneyByCurrency()
    for event in events where event.amount != 0 && measures.revenue.contains(code: event.type) {
      revenue.add(Int128(event.amount), currency: texts.currencies.text(event.currency))
    }
    return revenue
  }

  /// How many steps of the funnel the session made in order.
  private func funnelStep(of events: ArraySlice<SessionEvent>) -> Int {
    var step = 0
    for event in events where step < measures.funnel.count && measures.funnel[step].contains(code: event.type) {
      step += 1
    }
    return step
  }

  private func appendText(_ code: UInt32, _ interner: Interner, to column: Int, _ builder: inout BatchBuilder) {
    if code == 0 { builder.appendNullText(to: column) } else { builder.append(interner.text(code), to: column) }
  }
}
