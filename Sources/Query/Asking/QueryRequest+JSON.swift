internal import Columns
internal import Telemetry

extension QueryRequest {
  /// The request that `bytes` are, a JSON object; every member is checked as far as it can be without the table.
  /// O(bytes).
  public init(json bytes: [UInt8]) throws(QueryError) {
    let value: JSONValue
    do throws(JSONError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      throw QueryError("", "\(error)")
    }
    let reader = try RequestReader(
      value, "",
      known: [
        "table", "from", "to", "filters", "group_by", "measures", "select", "funnel", "order", "limit", "as_of",
        "format",
      ])
    guard let table = try reader.text("table") else {
      throw QueryError("table", "must name the table, such as \"events\"")
    }
    self.init(table: table)
    from = try QueryRequest.time(reader, "from")
    to = try QueryRequest.time(reader, "to")
    if let from, let to, from >= to { throw QueryError("to", "must be later than 'from'") }
    filters = try QueryRequest.filters(reader, "filters")
    for (value, place) in try reader.elements("group_by") { groupBy.append(try QueryKey(value, place)) }
    for (value, place) in try reader.elements("measures") { measures.append(try QueryMeasure(value, place)) }
    select = try QueryRequest.select(reader)
    funnel = try reader.value("funnel").map { value throws(QueryError) in try QueryFunnel(value) }
    for (value, place) in try reader.elements("order") { order.append(try QueryOrder(value, place)) }
    limit = try reader.integer("limit", in: 0...1_000_000_000).map { Int($0) }
    asOf = try QueryRequest.asOf(reader)
    format = try reader.choice("format", of: QueryFormat.self) ?? .json
    try checkKind()
  }

  /// An epoch or a time.
  private static func asOf(_ reader: RequestReader) throws(QueryError) -> AsOf? {
    guard case .string(let text)? = reader.value("as_of") else {
      return try reader.integer("as_of", in: 0...Int64.max).map { .epoch(UInt64($0)) }
    }
    guard let asOf = AsOf(text) else { throw QueryError("as_of", AsOf.expectation(text)) }
    return asOf
  }

  /// Exactly one thing is asked for.
  private func checkKind() throws(QueryError) {
    let asksForGroups = !groupBy.isEmpty || !measures.isEmpty
    let kinds = [asksForGroups ? "measures" : nil, select.map { _ in "select" }, funnel.map { _ in "funnel" }]
      .compactMap { $0 }
    if kinds.isEmpty { throw QueryError("", "say what to answer: 'measures', 'group_by', 'select' or 'funnel'") }
    if kinds.count > 1 { throw QueryError(kinds[1], "'\(kinds[0])' and '\(kinds[1])' are two queries: send one") }
    if funnel != nil {
      if !filters.isEmpty { throw QueryError("filters", "a funnel counts all events of its steps: leave filters out") }
      if !order.isEmpty { throw QueryError("order", "the rows of a funnel are its steps, in their order") }
      if table != "events" { throw QueryError("table", "funnels are counted from the table 'events'") }
    }
  }

  private static func time(_ reader: RequestReader, _ name: String) throws(QueryError) -> Int64? {
    switch reader.value(name) {
    case nil: return nil
    case .string(let text):
      if let time = EventTime.parse(dateOrTime: text) { return time }
    case .number(let text):
      if let time = Int64(text) { return time }
    default: break
    }
    throw QueryError(reader.at(name), "must be a time like \"2026-01-31T08:00:00Z\", a date or milliseconds since 1970")
  }

  fileprivate static func filters(_ reader: RequestReader, _ name: String) throws(QueryError) -> [QueryFilter] {
    var filters: [QueryFilter] = []
    for (value, place) in try reader.elements(name) { filters.append(try QueryFilter(value, place)) }
    return filters
  }

  private static func select(_ reader: RequestReader) throws(QueryError) -> [String]? {
    guard let value = reader.value("select") else { return nil }
    if value == .string("*") { return [] }
    var names: [String] = []
    for (value, place) in try reader.elements("select") { names.append(try RequestReader.text(value, place)) }
    guard !names.isEmpty else { throw QueryError("select", "must name columns, or be \"*\" for all of them") }
    return names
  }
}

extension QueryFilter {
  fileprivate init(_ value: JSONValue, _ place: String) throws(QueryError) {
    let reader = try RequestReader(value, place, known: ["column", "op", "value", "values"])
    guard let column = try reader.text("column") else { throw QueryError(reader.at("column"), "is missing") }
    let comparison = try reader.choice("op", of: Operator.self) ?? (reader.value("values") == nil ? .equal : .oneOf)
    var literals: [Literal] = []
    for (value, place) in try reader.elements("values") { literals.append(try Literal(value, place)) }
    switch comparison {
    case .oneOf:
      guard !literals.isEmpty else { throw QueryError(reader.at("values"), "must be an array of what 'in' looks for") }
      guard reader.value("value") == nil else { throw QueryError(reader.at("value"), "'in' takes 'values'") }
    default:
      guard literals.isEmpty else {
        throw QueryError(reader.at("values"), "'\(comparison.rawValue)' takes one 'value'")
      }
      if let value = reader.value("value") {
        literals = [try Literal(value, reader.at("value"))]
      } else if comparison == .isNull {
        literals = [.boolean(true)]
      } else {
        throw QueryError(reader.at("value"), "is missing; to look for null use {\"op\": \"is_null\"}")
      }
    }
    self.init(column, comparison, literals, place: place)
  }
}

extension QueryFilter.Literal {
  fileprivate init(_ value: JSONValue, _ place: String) throws(QueryError) {
    switch value {
    case .string(let text): self = .text(text)
    case .number(let text): self = .number(text)
    case .boolean(let flag): self = .boolean(flag)
    case .null, .array, .object: throw QueryError(place, "must be a text, a number or a boolean, not \(value.kind)")
    }
  }
}

extension QueryKey {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("second", EventTime.second), ("minute", EventTime.minute), ("hour", EventTime.hour), ("day", EventTime.day),
  ]

  fileprivate init(_ value: JSONValue, _ place: String) throws(QueryError) {
    if case .string = value {
      self = .column(try RequestReader.text(value, place))
      return
    }
    let reader = try RequestReader(value, place, known: ["time", "every", "as"])
    let names = QueryKey.units.map(\.name)
    guard let name = try reader.text("time"), let unit = QueryKey.units.first(where: { $0.name == name }) else {
      let given = try reader.text("time") ?? ""
      throw QueryError(reader.at("time"), "must be one of \(names.joined(separator: ", "))", unknown: given)
    }
    let every = try reader.integer("every", in: 1...10_000) ?? 1
    self = .time(bucketMilliseconds: every * unit.milliseconds, name: try reader.text("as") ?? unit.name)
  }
}

extension QueryMeasure {
  private static let functions: [(name: String, function: Function)] = [
    ("count", .count), ("sum", .sum), ("min", .minimum), ("max", .maximum), ("avg", .average),
    ("count_distinct", .countDistinct), ("approx_count_distinct", .approximateCountDistinct),
  ]

  fileprivate init(_ value: JSONValue, _ place: String) throws(QueryError) {
    guard case .object(let members) = value else {
      throw QueryError(place, "must be an object like {\"sum\": \"price\"}, not \(value.kind)")
    }
    let named = members.filter { !["as", "where"].contains($0.name) }
    let names = QueryMeasure.functions.map(\.name)
    guard named.count == 1, let member = named.first else {
      throw QueryError(place, "must have one function: \(names.joined(separator: ", ")) or a percentile such as p95")
    }
    guard let function = QueryMeasure.function(member.name) else {
      throw QueryError(
        RequestReader.join(place, member.name), "there is no such function", unknown: member.name,
        among: names + ["p50", "p95", "p99"])
    }
    let reader = try RequestReader(value, place, known: [member.name, "as", "where"])
    var column: String? = try RequestReader.text(member.value, reader.at(member.name))
    if column == "*" {
      guard function == .count else {
        throw QueryError(reader.at(member.name), "must name a column; only count takes '*'")
      }
      column = nil
    }
    let name = try reader.text("as") ?? ([member.name] + [column].compactMap { $0 }).joined(separator: "_")
    self.init(function, column, name: name, filters: try QueryRequest.filters(reader, "where"))
    self.place = reader.at(member.name)
  }

  /// `p` and a number from 0 to 100 with at most one digit behind the point, or one of the names.
  private static func function(_ name: String) -> Function? {
    if let known = functions.first(where: { $0.name == name }) { return known.function }
    guard name.hasPrefix("p") else { return nil }
    let parts = name.dropFirst().split(separator: ".", omittingEmptySubsequences: false)
    guard (1...2).contains(parts.count), parts.allSatisfy({ !$0.isEmpty && $0.allSatisfy(\.isASCII) }),
      let whole = UInt8(parts[0]), parts.count == 1 || parts[1].utf8.count == 1,
      let tenth = parts.count == 1 ? 0 : UInt8(parts[1]), whole < 100 || (whole == 100 && tenth == 0)
    else { return nil }
    return .quantile(thousandths: Int64(whole) * 10 + Int64(tenth))
  }
}

extension QueryOrder {
  fileprivate init(_ value: JSONValue, _ place: String) throws(QueryError) {
    if case .string = value {
      let text = try RequestReader.text(value, place)
      self.init(text.hasPrefix("-") ? String(text.dropFirst()) : text, isDescending: text.hasPrefix("-"))
    } else {
      let reader = try RequestReader(value, place, known: ["by", "descending"])
      guard let name = try reader.text("by") else { throw QueryError(reader.at("by"), "is missing") }
      self.init(name, isDescending: try reader.boolean("descending") ?? false)
    }
    self.place = place
  }
}

extension QueryFunnel {
  fileprivate init(_ value: JSONValue) throws(QueryError) {
    let reader = try RequestReader(value, "funnel", known: ["steps", "window", "unit", "strict_increase", "group_by"])
    var steps: [String] = []
    for (value, place) in try reader.elements("steps") { steps.append(try RequestReader.text(value, place)) }
    guard steps.count >= 2 else { throw QueryError("funnel.steps", "a funnel has at least two steps") }
    self.init(steps: steps)
    if let text = try reader.text("window") {
      guard let milliseconds = ShortDuration.milliseconds(text) else {
        throw QueryError(
          "funnel.window", "must be a whole number with one of the units ms, s, m, h, d, such as 24h, not '\(text)'")
      }
      windowMilliseconds = milliseconds
    }
    unit = try reader.choice("unit", of: FunnelRequest.Unit.self) ?? .user
    isStrictlyIncreasing = try reader.boolean("strict_increase") ?? false
    groupBy = try reader.text("group_by")
  }
}

/// A time span in a request: `90s`, `24 h`.
enum ShortDuration {
  private static let units: [(name: String, milliseconds: Int64)] = [
    ("ms", 1), ("s", EventTime.second), ("m", EventTime.minute), ("h", EventTime.hour), ("d", EventTime.day),
  ]

  /// Nil unless it is a whole number and a unit, of at most ten years.
  static func milliseconds(_ text: String) -> Int64? {
    let digits = text.prefix { $0.isASCII && $0.isNumber }
    let name = text.dropFirst(digits.count).drop { $0 == " " }
    guard let unit = units.first(where: { $0.name == name }), let count = Int64(digits),
      count <= 3650 * EventTime.day / unit.milliseconds
    else { return nil }
    return count * unit.milliseconds
  }
}
