internal import HotIndex
internal import Query

/// What the events with one value of a column come to.
struct Sales: Sendable {
  private(set) var pageViews: Int64 = 0
  private(set) var addToCarts: Int64 = 0
  private(set) var purchases: Int64 = 0
  /// Pieces that were bought, in ten-thousandths; a purchase that says no quantity is one.
  private(set) var units: Int128 = 0
  private var revenue: [[UInt8]: Int128] = [:]

  /// Sums of price × quantity of purchases, by currency.
  var sums: [HotAmount] {
    revenue.sorted { $0.key.lexicographicallyPrecedes($1.key) }.map { HotAmount(currency: $0.key, amount: $0.value) }
  }

  /// What is shown of them: see `KpiMetrics.shown`.
  func revenue(in currency: [UInt8]?) -> Int128? { KpiMetrics.shown(sums, currency) }

  // MARK: - Reading

  /// The question behind `init(adding:)`: of events in `range`, by `column` and currency.
  static func query(by column: String, in range: Range<Int64>, needsValue: Bool) -> QueryRequest {
    var query = QueryRequest(table: "events")
    (query.from, query.to) = (range.lowerBound, range.upperBound)
    if needsValue { query.filters = [QueryFilter(column, .isNull, .boolean(false))] }
    query.groupBy = [.column(column), .column("currency")]
    let purchase = type("purchase")
    query.measures = [
      QueryMeasure(.count, nil, name: "page_views", filters: [type("page_view")]),
      QueryMeasure(.count, nil, name: "add_to_carts", filters: [type("add_to_cart")]),
      QueryMeasure(.count, nil, name: "purchases", filters: [purchase]),
      QueryMeasure(.sum, "quantity", name: "units", filters: [purchase]),
      QueryMeasure(
        .count, nil, name: "single", filters: [purchase, QueryFilter("quantity", .isNull, .boolean(true))]),
      QueryMeasure(.sum, "amount", name: "revenue", filters: [purchase]),
      // What costs nothing is in no currency.
      QueryMeasure(.count, nil, name: "paid", filters: [purchase, QueryFilter("amount", .notEqual, .number("0"))]),
    ]
    return query
  }

  static func type(_ name: String) -> QueryFilter { QueryFilter("event_type", .equal, .text(name)) }

  /// By value of the column, from the rows that answer `query`.
  static func byValue(_ rows: [[OutputValue]]) -> [OutputValue: Sales] {
    var sales: [OutputValue: Sales] = [:]
    for row in rows { sales[row[0], default: Sales()].add(row) }
    return sales
  }

  private mutating func add(_ row: [OutputValue]) {
    pageViews += Sales.count(row[2])
    addToCarts += Sales.count(row[3])
    purchases += Sales.count(row[4])
    units += Sales.amount(row[5]) + Int128(Sales.count(row[6])) * 10_000
    guard Sales.count(row[8]) > 0 else { return }
    let currency: [UInt8] = if case .text(let name) = row[1] { name } else { [] }
    revenue[currency, default: 0] += Sales.amount(row[7])
  }

  static func count(_ value: OutputValue) -> Int64 { if case .integer(let count) = value { count } else { 0 } }

  /// Ten-thousandths of whatever holds them.
  private static func amount(_ value: OutputValue) -> Int128 {
    switch value {
    case .money(let amount): amount
    case .decimal(let amount): Int128(amount)
    case .ratio(let ratio): ratio / 1_000_000
    case .integer(let number): Int128(number) * 10_000
    default: 0
    }
  }
}
