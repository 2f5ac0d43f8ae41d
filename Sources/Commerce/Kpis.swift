internal import Ingest
internal import Landing
internal import Windows

/// What a shop counts (SEMANTICS §8): the measures of every rollup, and the numbers of a session.
public enum Kpis {
  /// The rollup that every job has unless configured otherwise.
  public static let defaultRollup = "kpi_1m"

  /// Counts of events: name of the metric, event type.
  static let counts = [
    ("page_views", "page_view"), ("clicks", "click"), ("searches", "search"), ("add_to_carts", "add_to_cart"),
    ("checkouts", "begin_checkout"), ("purchases", "purchase"), ("refund_events", "refund"),
  ]

  /// The measures of a rollup; an event type that is not configured is counted as never seen.
  static func measures(_ types: EventTypes) -> [Measure] {
    let purchases = types.mask("purchase")
    return counts.map { Measure($0.0, .count, of: types.mask($0.1)) } + [
      Measure("sessions", .distinct(.session), of: .all),
      Measure("unique_users", .distinct(.user), of: .all),
      Measure("orders", .distinct(.order), of: purchases),
      Measure("revenue", .amount, of: purchases),
      Measure("refunds", .amount, of: types.mask("refund")),
    ]
  }

  /// Orders are made of purchases; refunds are booked to theirs.
  static func orders(_ types: EventTypes) -> OrderTable {
    OrderTable(
      events: EventSchema.table, names: EventSchema.names, types: types.mask("purchase").union(types.mask("refund")))
  }

  static func session(_ types: EventTypes, funnel: [String]) -> SessionMeasures {
    SessionMeasures(
      counts: counts.map { SessionMeasures.Count($0.0, of: types.mask($0.1)) }, revenue: types.mask("purchase"),
      conversion: types.mask("purchase"), funnel: funnel.map { types.mask($0) })
  }
}

extension EventTypes {
  /// The set of the one type called `name`, empty if it is not configured.
  func mask(_ name: String) -> TypeMask {
    names.firstIndex(of: name).map { TypeMask(code: UInt8($0)) } ?? []
  }
}
