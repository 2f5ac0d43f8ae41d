/// What a metric is computed from: the names are those of measures.
public enum KpiFormula: Sendable, Equatable {
  /// Events.
  case count(String)
  /// Different things.
  case distinct(String)
  /// The first, events or different things, by the second, which are different things.
  case ratio(String, String)
  /// Money in the shown currency.
  case sum(String)
  case average(String, per: String)
  case difference(String, minus: String)
  /// Money in each currency where there are several.
  case sums(String)
  /// Whether a number of different things is an estimate.
  case isApproximate
}

/// A metric of windows: its name and what it is. `KpiMetrics` computes by it, and people read it.
public struct KpiDefinition: Sendable, Equatable {
  public let name: String
  public let formula: KpiFormula

  private init(_ name: String, _ formula: KpiFormula) {
    self.name = name
    self.formula = formula
  }

  /// All of them, in the order in which they are shown (SEMANTICS §8).
  public static let all = [
    KpiDefinition("sessions", .distinct("sessions")), KpiDefinition("page_views", .count("page_views")),
    KpiDefinition("add_to_carts", .count("add_to_carts")), KpiDefinition("purchases", .count("purchases")),
    KpiDefinition("conversion_rate", .ratio("purchases", "sessions")), KpiDefinition("orders", .distinct("orders")),
    KpiDefinition("order_conversion_rate", .ratio("orders", "sessions")), KpiDefinition("revenue", .sum("revenue")),
    KpiDefinition("aov", .average("revenue", per: "orders")),
    KpiDefinition("unique_users", .distinct("unique_users")), KpiDefinition("clicks", .count("clicks")),
    KpiDefinition("searches", .count("searches")), KpiDefinition("checkouts", .count("checkouts")),
    KpiDefinition("refund_events", .count("refund_events")), KpiDefinition("refunds", .sum("refunds")),
    KpiDefinition("net_revenue", .difference("revenue", minus: "refunds")),
    KpiDefinition("revenue_by_currency", .sums("revenue")), KpiDefinition("approximate", .isApproximate),
  ]

  /// The measures that it is computed from.
  public var measures: [String] {
    switch formula {
    case .count(let name), .distinct(let name), .sum(let name), .sums(let name): [name]
    case .ratio(let first, let second), .average(let first, let second), .difference(let first, let second):
      [first, second]
    case .isApproximate: []
    }
  }

  /// How it is computed, in words; `source` says what a measure is of.
  public func formulaText(_ source: (String) -> String) -> String {
    switch formula {
    case .count(let name): "number of \(source(name))"
    case .distinct(let name): "number of different \(source(name))"
    case .ratio(let part, let whole): "\(part) / \(whole)"
    case .sum(let name): "sum of price × quantity of \(source(name)), in the shown currency"
    case .average(let name, let things): "\(name) / \(things)"
    case .difference(let name, let other): "\(name) − \(other)"
    case .sums(let name): "sum of price × quantity of \(source(name)), by currency; only where there are several"
    case .isApproximate: "whether a number of different things is an estimate"
    }
  }

  public var unit: String {
    switch formula {
    case .count: "events"
    case .distinct(let name): name == "unique_users" ? "users" : name
    case .ratio: "ratio"
    case .sum, .average, .difference: "money"
    case .sums: "money by currency"
    case .isApproximate: "true or false"
    }
  }

  /// Whether the value of a longer time, or of several groups, is the sum of the values of its parts.
  public var isAdditive: Bool {
    switch formula {
    case .count, .sum, .difference, .sums: true
    case .distinct, .ratio, .average, .isApproximate: false
    }
  }

  /// What makes the value of several windows of theirs.
  public var aggregation: String {
    switch formula {
    case .count, .sum, .difference, .sums: "sum"
    case .distinct: "union: who is in two windows counts once"
    case .ratio, .average: "the same formula over the aggregated parts"
    case .isApproximate: "any"
    }
  }
}
