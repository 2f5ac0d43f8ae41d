import Columns
import CommerceTestSupport
import Query
import TestSupport

/// Requests about `RandomEvents`, drawn by chance.
struct RandomRequests {
  private var random: SeededRandom

  init(seed: UInt64) { random = SeededRandom(seed: seed) }

  private mutating func below(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }

  mutating func next() -> QueryRequest {
    var request = QueryRequest(table: "events")
    if below(3) == 0 { request.from = EventLine.noon + Int64(below(7200)) * 1000 }
    if below(3) == 0 { request.to = EventLine.noon + 7_200_000 + Int64(below(7200)) * 1000 }
    request.filters = (0..<below(3)).map { _ in filter() }
    if below(3) == 0 { request.limit = below(12) }
    if below(4) == 0 { selectRows(&request) } else { group(&request) }
    return request
  }

  private mutating func selectRows(_ request: inout QueryRequest) {
    let names = ["event_id", "topic", "partition", "offset", "price", "geo_country", "event_ts", "device_mobile"]
    request.select = Array(names.shuffled(using: &random).prefix(1 + below(4)))
    request.order = [
      QueryOrder(random.choose(["price", "geo_country", "event_ts", "geo_lat"]), isDescending: below(2) == 0)
    ]
    if below(2) == 0 { request.order.append(QueryOrder("quantity", isDescending: below(2) == 0)) }
  }

  private mutating func group(_ request: inout QueryRequest) {
    var keys: [QueryKey] = [
      "geo_country", "event_type", "device_mobile", "quantity", "user_id", "partition", "geo_lat",
    ]
    .map(QueryKey.column)
    keys.append(.time(bucketMilliseconds: random.choose([60_000, 1_800_000, 3_600_000, 86_400_000]), name: "bucket"))
    request.groupBy = Array(keys.shuffled(using: &random).prefix(below(4)))
    request.measures = (0..<1 + below(3)).map { measure("m\($0)") }
    let names = request.groupBy.map(\.name) + request.measures.map(\.name)
    request.order = (0..<below(3)).map { _ in QueryOrder(random.choose(names), isDescending: below(2) == 0) }
  }

  private mutating func measure(_ name: String) -> QueryMeasure {
    let numbers = ["price", "quantity", "offset"]
    let others = numbers + ["geo_country", "user_id", "event_ts", "device_mobile", "geo_lat"]
    var measure =
      switch below(7) {
      case 0: QueryMeasure(.count, nil, name: name)
      case 1: QueryMeasure(.count, random.choose(others), name: name)
      case 2: QueryMeasure(random.choose([.sum, .average]), random.choose(numbers), name: name)
      case 3: QueryMeasure(random.choose([.minimum, .maximum]), random.choose(others), name: name)
      case 4: QueryMeasure(.countDistinct, random.choose(others), name: name)
      case 5: QueryMeasure(.approximateCountDistinct, random.choose(others), name: name)
      default:
        QueryMeasure(
          .quantile(thousandths: random.choose([0, 10, 500, 950, 999, 1000])), random.choose(numbers), name: name)
      }
    if below(3) == 0 { measure.filters = [filter()] }
    return measure
  }

  private mutating func filter() -> QueryFilter {
    let comparisons: [QueryFilter.Operator] = [.equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual]
    let comparison = random.choose(comparisons)
    func text(_ value: String) -> QueryFilter.Literal { .text(value) }
    switch below(9) {
    case 0:
      return QueryFilter("event_type", random.choose([.equal, .notEqual]), text(random.choose(RandomEvents.types)))
    case 1: return QueryFilter("geo_country", comparison, text(random.choose(RandomEvents.countries)))
    case 2: return QueryFilter("geo_country", .oneOf, text("DE"), text(""), text("FR"))
    case 3: return QueryFilter("user_id", .prefix, text(random.choose(["u1", "u", "x", ""])))
    case 4: return QueryFilter("price", comparison, .number("\(below(4) - 1)"))
    case 5: return QueryFilter("quantity", .oneOf, .number("0.5"), .number("1"), .number("7"))
    case 6:
      return QueryFilter(random.choose(["price", "user_id", "geo_lat", "topic"]), .isNull, .boolean(below(2) == 0))
    case 7: return QueryFilter("device_mobile", random.choose([.equal, .notEqual]), .boolean(below(2) == 0))
    default: return QueryFilter(random.choose(["geo_lat", "offset"]), comparison, .number("\(below(9) - 4)"))
    }
  }
}
