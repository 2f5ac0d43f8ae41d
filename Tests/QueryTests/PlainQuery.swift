import Columns
import Query

/// Queries as plain as can be: a dictionary a row, a loop a question.
struct PlainQuery {
  typealias Row = [String: OutputValue]

  let rows: [Row]

  /// What the request answers, row by row, its values in the order of the columns.
  func answer(_ request: QueryRequest) -> [[OutputValue]] {
    let wanted = rows.filter { holds($0, request) }
    if let select = request.select { return plain(wanted, select, request) }
    var groups: [[OutputValue]: [Row]] = request.groupBy.isEmpty ? [[]: []] : [:]
    for row in wanted { groups[request.groupBy.map { key(row, $0) }, default: []].append(row) }
    let names = request.groupBy.map(\.name) + request.measures.map(\.name)
    var answer = groups.map { keys, rows in keys + request.measures.map { measure($0, rows) } }
    let order =
      request.order.map { (names.firstIndex(of: $0.name) ?? 0, $0.isDescending) }
      + request.groupBy.indices.map { ($0, false) }
    answer.sort { Self.precedes($0, $1, order) }
    return Array(answer.prefix(request.limit ?? .max))
  }

  private func plain(_ rows: [Row], _ select: [String], _ request: QueryRequest) -> [[OutputValue]] {
    let keys = request.order.map(\.name) + ["partition", "offset"]
    let order = request.order.enumerated().map { ($0.offset, $0.element.isDescending) }
    let places = [(order.count, false), (order.count + 1, false)]
    func values(_ row: Row, _ names: [String]) -> [OutputValue] { names.map { row[$0] ?? .null } }
    let sorted = rows.sorted { Self.precedes(values($0, keys), values($1, keys), order + places) }
    return sorted.prefix(request.limit ?? .max).map { values($0, select) }
  }

  // MARK: - Filters

  private func holds(_ row: Row, _ request: QueryRequest) -> Bool {
    guard case .time(let time)? = row["event_ts"] else { return false }
    guard time >= request.from ?? .min, time < request.to ?? .max else { return false }
    return holds(row, request.filters)
  }

  private func holds(_ row: Row, _ filters: [QueryFilter]) -> Bool {
    filters.allSatisfy { filter in
      let value = row[filter.column] ?? .null
      if filter.comparison == .isNull { return filter.literals == [.boolean(value == .null)] }
      guard value != .null else { return false }
      return filter.literals.contains { Self.compare(value, filter.comparison, Self.value($0, like: value)) }
    }
  }

  /// A literal as a value of the same kind as `other`; numbers of requests are whole here.
  private static func value(_ literal: QueryFilter.Literal, like other: OutputValue) -> OutputValue {
    switch (literal, other) {
    case (.text(let text), _): .text(text)
    case (.boolean(let flag), _): .boolean(flag)
    case (.number(let text), .time): .time(Int64(text) ?? 0)
    case (.number(let text), .money): .money(Int128((Double(text) ?? 0) * 10_000))
    case (.number(let text), .decimal): .decimal(Int64((Double(text) ?? 0) * 10_000))
    case (.number(let text), .real): .real(Double(text) ?? 0)
    case (.number(let text), _): .integer(Int64(text) ?? 0)
    }
  }

  private static func compare(
    _ left: OutputValue, _ comparison: QueryFilter.Operator, _ right: OutputValue
  ) -> Bool {
    switch comparison {
    case .equal, .oneOf: left == right
    case .notEqual: left != right
    case .less: less(left, right)
    case .lessOrEqual: !less(right, left)
    case .greater: less(right, left)
    case .greaterOrEqual: !less(left, right)
    case .prefix: left.text.utf8.starts(with: right.text.utf8)
    case .isNull: false
    }
  }

  // MARK: - Groups

  private func key(_ row: Row, _ key: QueryKey) -> OutputValue {
    switch key {
    case .column(let name): return row[name] ?? .null
    case .time(let bucket, _):
      guard case .time(let time)? = row["event_ts"] else { return .null }
      let start = Int64((Double(time) / Double(bucket)).rounded(.down)) * bucket
      return .time(start)
    }
  }

  private func measure(_ measure: QueryMeasure, _ rows: [Row]) -> OutputValue {
    let rows = rows.filter { holds($0, measure.filters) }
    guard let column = measure.column else { return .integer(Int64(rows.count)) }
    let values = rows.map { $0[column] ?? .null }.filter { $0 != .null }
    switch measure.function {
    case .count: return .integer(Int64(values.count))
    case .countDistinct, .approximateCountDistinct: return .integer(Int64(Set(values).count))
    case .minimum: return values.min(by: Self.less) ?? .null
    case .maximum: return values.max(by: Self.less) ?? .null
    case .sum, .average, .quantile: break
    }
    guard !values.isEmpty else { return .null }
    let units = values.map(Self.units).sorted()
    let scale: Int128 = if case .integer = values[0] { 1 } else { 10_000 }
    let isMoney = if case .money = values[0] { true } else { false }
    let sum = units.reduce(0, +)
    switch measure.function {
    case .average: return .ratio(sum, scale * Int128(values.count))
    case .quantile(let thousandths):
      let place = (units.count - 1) * Int(thousandths)
      let (low, high) = (units[place / 1000], units[min(place / 1000 + 1, units.count - 1)])
      return .ratio(low * 1000 + (high - low) * Int128(place % 1000), 1000 * scale)
    default: return isMoney ? .money(sum) : scale == 1 ? .integer(Int64(sum)) : .ratio(sum, scale)
    }
  }

  private static func units(_ value: OutputValue) -> Int128 {
    switch value {
    case .integer(let number), .decimal(let number), .time(let number): Int128(number)
    case .money(let amount): amount
    default: 0
    }
  }

  // MARK: - Order

  private static func precedes(_ left: [OutputValue], _ right: [OutputValue], _ order: [(Int, Bool)]) -> Bool {
    for (index, isDescending) in order where left[index] != right[index] {
      return less(left[index], right[index]) != isDescending
    }
    return false
  }

  /// Nulls first; texts byte by byte.
  static func less(_ left: OutputValue, _ right: OutputValue) -> Bool {
    switch (left, right) {
    case (_, .null): false
    case (.null, _): true
    case (.text(let left), .text(let right)): left.lexicographicallyPrecedes(right)
    case (.real(let left), .real(let right)): left < right
    case (.boolean(let left), .boolean(let right)): !left && right
    case (.ratio(let left), .ratio(let right)): left < right
    default: units(left) < units(right)
    }
  }
}
