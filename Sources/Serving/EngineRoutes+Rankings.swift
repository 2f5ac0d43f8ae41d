internal import Commerce
internal import HotIndex
internal import Query
internal import Telemetry
internal import Windows

extension EngineRoutes {
  /// Products and countries, from the events.
  var rankings: [Route] { [topProducts, countries] }

  private var currency: [UInt8]? { view.job.settings.currency.map { Array($0.utf8) } }

  // MARK: - Products

  private var topProducts: Route {
    Route(
      .get, "/products/top", "The products that sold best, or were looked at most.",
      parameters: [
        HTTPParameter(
          "by", "What ranks them: revenue (default), purchases, units, add_to_carts or views.",
          .choice(ProductRank.allCases.map(\.rawValue))),
        HTTPParameter("k", "How many, 1 to 1000, 10 by default.", .integer(1...1000)),
      ] + EngineRoutes.rangeParameters + [ReadMode.parameter]
    ) { request in
      let mode = try ReadMode(request.query)
      let by = try request.query.choice("by", of: ProductRank.allCases.map(\.rawValue))
      let rank = by.flatMap(ProductRank.init(rawValue:)) ?? .revenue
      let limit = Int(try request.query.integer("k", default: 10, in: 1...1000))
      try EngineRoutes.checkRange(request.query)
      return scanned(request, mode) { try productsAnswer($0, request.query, rank, limit) }
    }.answering(.json("The best, first.", .topProducts), .problem(503, "Nothing is committed yet."))
  }

  private func productsAnswer(
    _ snapshot: Snapshot, _ query: HTTPQuery, _ rank: ProductRank, _ limit: Int
  ) throws -> [UInt8] {
    let asOf = try snapshot.asOf()
    let range = try HistoryRequest.range(query, asOf: asOf, minutesBack: EngineRoutes.scannedMinutes)
    let sales = try range.map {
      Sales.byValue(try rows(Sales.query(by: "product_id", in: $0, needsValue: true), snapshot))
    }
    let ranked = RankedProduct.all(sales ?? [:], by: rank, currency)
    var json = JSONWriter()
    writeRead(snapshot, asOf: asOf, to: &json) { json in
      json.field("from", time: range?.lowerBound)
      json.field("to", time: range?.upperBound)
      json.field("by", rank.rawValue)
      json.field("product_count", ranked.count)
      json.key("products")
      json.array { json in
        for (index, entry) in ranked.prefix(limit).enumerated() {
          json.object { json in
            json.field("rank", index + 1)
            json.field("product_id", entry.product)
            json.field("page_views", entry.sales.pageViews)
            json.field("add_to_carts", entry.sales.addToCarts)
            json.field("purchases", entry.sales.purchases)
            json.key("units")
            json.decimal(DecimalText.fixed(entry.sales.units, digits: 4, keeping: 0))
            writeRevenue(entry.sales, to: &json)
          }
        }
      }
    }
    return json.bytes
  }

  private func writeRevenue(_ sales: Sales, to json: inout JSONWriter) {
    json.field("revenue", sales.revenue(in: currency).map(OutputValue.money) ?? .null)
    if sales.sums.count > 1 { json.field("revenue_by_currency", sums: sales.sums) }
  }

  // MARK: - Countries

  private var countries: Route {
    Route(
      .get, "/geo", "Countries with their sessions, users, conversion and revenue.",
      parameters: [
        HTTPParameter(
          "limit", "The most countries, those with most sessions; 1 to 1000, 250 by default.", .integer(1...1000))
      ] + EngineRoutes.rangeParameters + [ReadMode.parameter]
    ) { request in
      let mode = try ReadMode(request.query)
      let limit = Int(try request.query.integer("limit", default: 250, in: 1...1000))
      try EngineRoutes.checkRange(request.query)
      return scanned(request, mode) { try countriesAnswer($0, request.query, limit) }
    }.answering(.json("Those with most sessions, first.", .countries), .problem(503, "Nothing is committed yet."))
  }

  private func countriesAnswer(_ snapshot: Snapshot, _ query: HTTPQuery, _ limit: Int) throws -> [UInt8] {
    let asOf = try snapshot.asOf()
    let range = try HistoryRequest.range(query, asOf: asOf, minutesBack: EngineRoutes.scannedMinutes)
    let column = "geo_country"
    let sales = try range.map { Sales.byValue(try rows(Sales.query(by: column, in: $0, needsValue: false), snapshot)) }
    let mode = view.job.settings.sessionMode
    let visits = try range.map { Visits.byValue(try rows(Visits.query(by: column, in: $0, mode), snapshot)) } ?? [:]
    let ranked = visits.sorted { left, right in
      left.value.sessions == right.value.sessions
        ? left.key.text < right.key.text : left.value.sessions > right.value.sessions
    }
    var json = JSONWriter()
    writeRead(snapshot, asOf: asOf, to: &json) { json in
      json.field("from", time: range?.lowerBound)
      json.field("to", time: range?.upperBound)
      json.field("country_count", ranked.count)
      json.key("countries")
      json.array { json in
        for (country, visits) in ranked.prefix(limit) {
          let sales = sales?[country] ?? Sales()
          json.object { json in
            json.field(column, country)
            json.field("sessions", visits.sessions)
            json.field("unique_users", visits.users)
            json.field("page_views", sales.pageViews)
            json.field("add_to_carts", sales.addToCarts)
            json.field("purchases", sales.purchases)
            let rate = KpiRatio(Int128(sales.purchases), Int128(visits.sessions))
            json.field("conversion_rate", rate, digits: 4, keeping: 0)
            writeRevenue(sales, to: &json)
          }
        }
      }
    }
    return json.bytes
  }

  /// Refuses a range before anything is read; whether it begins before now is seen then.
  private static func checkRange(_ query: HTTPQuery) throws(HTTPFailure) {
    _ = try HistoryRequest.range(query, asOf: .max / 4, minutesBack: scannedMinutes)
  }
}

/// What ranks products.
enum ProductRank: String, CaseIterable {
  case revenue
  case purchases
  case units
  case addToCarts = "add_to_carts"
  case views

  /// Nil for revenue in several currencies, of which none is shown.
  func value(_ sales: Sales, _ currency: [UInt8]?) -> Int128? {
    switch self {
    case .revenue: sales.revenue(in: currency)
    case .purchases: Int128(sales.purchases)
    case .units: sales.units
    case .addToCarts: Int128(sales.addToCarts)
    case .views: Int128(sales.pageViews)
    }
  }
}

/// A product with what it is ranked by.
private struct RankedProduct {
  let product: OutputValue
  let sales: Sales
  private let value: Int128

  /// The greatest first; among equals by name.
  static func all(_ sales: [OutputValue: Sales], by rank: ProductRank, _ currency: [UInt8]?) -> [RankedProduct] {
    let ranked = sales.compactMap { product, sales in
      rank.value(sales, currency).map { RankedProduct(product: product, sales: sales, value: $0) }
    }
    return ranked.sorted { left, right in
      left.value == right.value ? left.product.text < right.product.text : left.value > right.value
    }
  }
}

/// Who came: sessions and users of the events with one value of a column (SEMANTICS §1).
struct Visits: Sendable {
  let sessions: Int64
  let users: Int64

  /// Sessions and users are counted by the first key that an event has; each kind of key by itself.
  static func query(by column: String, in range: Range<Int64>, _ mode: SessionMode) -> QueryRequest {
    var query = QueryRequest(table: "events")
    (query.from, query.to) = (range.lowerBound, range.upperBound)
    query.groupBy = [.column(column)]
    let session = mode == .given ? ["session_id"] : []
    query.measures =
      measures(session + ["user_id", "event_id"], "sessions") + measures(["user_id"] + session + ["event_id"], "users")
    return query
  }

  private static func measures(_ keys: [String], _ name: String) -> [QueryMeasure] {
    keys.indices.map { index in
      let isLeft = keys[..<index].map { QueryFilter($0, .isNull, .boolean(true)) }
      return QueryMeasure(.countDistinct, keys[index], name: "\(name)_\(index)", filters: isLeft)
    }
  }

  /// By value of the column, from the rows that answer `query`.
  static func byValue(_ rows: [[OutputValue]]) -> [OutputValue: Visits] {
    var visits: [OutputValue: Visits] = [:]
    for row in rows {
      let counts = row.dropFirst().map(Sales.count)
      let half = counts.count / 2
      visits[row[0]] = Visits(sessions: counts[..<half].reduce(0, +), users: counts[half...].reduce(0, +))
    }
    return visits
  }
}
